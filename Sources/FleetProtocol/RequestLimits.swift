package import FleetModel

/// A request with bounds that its types do not have; its schema says them in `forms`.
package protocol Limited {
    /// The first field beyond its bounds: where it is, and why it cannot be.
    var excess: (pointer: String, reason: String)? { get }
}

/// Bounds of numbers that are counted together: their sums stay far from the ends of 64 bits.
package enum Bounds {
    package static let stations: ClosedRange<Int64> = 0...10_000
    /// Parts per million over all cores; a machine may be asked for more than it has.
    package static let load: ClosedRange<Int64> = 0...1_000_000_000
    package static let claimWait: ClosedRange<Int64> = 0...30_000
    package static let tokens: ClosedRange<Int64> = 0...1_000_000_000_000_000
    package static let microUSD: ClosedRange<Int64> = 0...1_000_000_000_000_000

    static func excess(
        _ number: (some BinaryInteger)?,
        _ range: ClosedRange<Int64>,
        at pointer: @autoclosure () -> String
    ) -> (pointer: String, reason: String)? {
        guard let number, !range.contains(Int64(clamping: number)) else { return nil }
        let reason = "\(number) is not from \(range.lowerBound) to \(range.upperBound)"
        return (pointer(), reason)
    }

    static func excess(
        _ stations: [Station],
        at pointer: String
    ) -> (pointer: String, reason: String)? {
        for (place, station) in stations.enumerated() {
            let found = excess(station.count, Self.stations, at: "\(pointer)/\(place)/count")
            if let found { return found }
        }
        return nil
    }
}

extension Station: FormedFields {
    package static var forms: [String: Schema] { ["count": .number(Bounds.stations)] }
}

extension RegisterRequest: Limited, FormedFields {
    package static var forms: [String: Schema] { ["name": .name] }

    package var excess: (pointer: String, reason: String)? {
        Bounds.excess(stations, at: "/stations")
    }
}

extension HeartbeatRequest: Limited, FormedFields {
    package static var forms: [String: Schema] { ["load": .number(Bounds.load)] }

    package var excess: (pointer: String, reason: String)? {
        Bounds.excess(load, Bounds.load, at: "/load")
    }
}

extension ClaimRequest: Limited, FormedFields {
    package static var forms: [String: Schema] {
        ["waitMilliseconds": .number(Bounds.claimWait)]
    }

    package var excess: (pointer: String, reason: String)? {
        Bounds.excess(waitMilliseconds, Bounds.claimWait, at: "/waitMilliseconds")
            ?? Bounds.excess(free, at: "/free")
    }
}

extension Usage: FormedFields {
    package static var forms: [String: Schema] {
        [
            "inputTokens": .number(Bounds.tokens), "cachedReadTokens": .number(Bounds.tokens),
            "cacheWriteTokens": .number(Bounds.tokens), "outputTokens": .number(Bounds.tokens),
            "reasoningTokens": .number(Bounds.tokens),
        ]
    }

    fileprivate func excess(at pointer: String) -> (pointer: String, reason: String)? {
        let parts = [
            ("inputTokens", inputTokens), ("cachedReadTokens", cachedReadTokens),
            ("cacheWriteTokens", cacheWriteTokens), ("outputTokens", outputTokens),
            ("reasoningTokens", reasoningTokens),
        ]
        for (name, count) in parts {
            let found = Bounds.excess(count, Bounds.tokens, at: "\(pointer)/\(name)")
            if let found { return found }
        }
        return nil
    }
}

extension RunFinished: FormedFields {
    package static var forms: [String: Schema] { ["spendMicroUSD": .number(Bounds.microUSD)] }
}

extension WaitingInput: FormedFields {
    package static var forms: [String: Schema] { ["spendMicroUSD": .number(Bounds.microUSD)] }
}

extension ReportRequest: Limited {
    package var excess: (pointer: String, reason: String)? {
        for (place, item) in items.enumerated() {
            let (name, found): (String, (pointer: String, reason: String)?) =
                switch item {
                case .finished(let finished):
                    ("finished", Self.excess(finished.spendMicroUSD, finished.usage))
                case .waitingInput(let waiting):
                    ("waitingInput", Self.excess(waiting.spendMicroUSD, waiting.usage))
                case .evidence(let evidence): ("evidence", evidence.excess)
                default: ("", nil)
                }
            guard let found else { continue }
            return ("/items/\(place)/\(name)/_0\(found.pointer)", found.reason)
        }
        return nil
    }

    private static func excess(
        _ spend: Int64?,
        _ usage: Usage?
    ) -> (pointer: String, reason: String)? {
        Bounds.excess(spend, Bounds.microUSD, at: "/spendMicroUSD")
            ?? usage?.excess(at: "/usage")
    }
}

extension Evidence: FormedFields {
    package static var forms: [String: Schema] {
        [
            "artifacts": .list(of: .named("Artifact"), atMost: Artifact.mostOfRun),
            "missingArtifacts": .list(of: .anyText, atMost: 2 * Artifact.mostOfRun),
        ]
    }

    fileprivate var excess: (pointer: String, reason: String)? {
        let found =
            Bounds.excess(artifacts?.count, 0...Int64(Artifact.mostOfRun), at: "/artifacts")
            ?? Bounds.excess(
                missingArtifacts?.count,
                0...Int64(2 * Artifact.mostOfRun),
                at: "/missingArtifacts"
            )
        if let found { return found }
        for (place, artifact) in (artifacts ?? []).enumerated() {
            let found = artifact.excess(at: "/artifacts/\(place)")
            if let found { return found }
        }
        return nil
    }
}

extension Artifact: FormedFields {
    package static var forms: [String: Schema] {
        [
            "name": .name, "path": .text(1...4096), "asked": .text(1...256),
            "sha256": .text(pattern: "^[0-9a-f]{64}$"), "bytes": .number(0...mostBytes),
        ]
    }

    /// Names and hashes become names of files: only their own forms will do.
    fileprivate func excess(at pointer: String) -> (pointer: String, reason: String)? {
        guard Naming.isName(name) else { return ("\(pointer)/name", "a name is \(Naming.rule)") }
        guard Digest.isHex(sha256) else {
            return ("\(pointer)/sha256", "it is not 64 lower-case hexadecimal digits")
        }
        guard (1...4096).contains(path.unicodeScalars.count) else {
            return ("\(pointer)/path", "it has not 1 to 4096 characters")
        }
        guard (1...256).contains(asked.unicodeScalars.count) else {
            return ("\(pointer)/asked", "it has not 1 to 256 characters")
        }
        return Bounds.excess(bytes, 0...Self.mostBytes, at: "\(pointer)/bytes")
    }
}

extension SubmitRequest: FormedFields {
    package static var forms: [String: Schema] {
        [
            "files": .list(of: .named("SubmitRequest.File"), atLeast: 1),
            "product": .text(1...256).described("What a file without a product belongs to"),
            "repo": .anyText.described("Where a file without a repository works"),
            "profile": .text(pattern: "^[a-z0-9][a-z0-9._-]{0,63}(@[1-9][0-9]{0,8})?$")
                .described("The profile of a file that names none: developer, developer@3"),
        ]
    }
}

extension HaltRequest: FormedFields {
    package static var forms: [String: Schema] { ["reason": .text(pattern: "[^\\s]")] }
}

extension Repository: FormedFields {
    package static var forms: [String: Schema] {
        [
            "name": .name, "profile": .name, "url": .text(1...4096), "target": .text(1...255),
            "ship": .oneOf([ShipWay.merge.rawValue, ShipWay.none.rawValue]),
        ]
    }
}

extension Profile: Limited, FormedFields {
    package static var forms: [String: Schema] {
        ["name": .name, "persona": .text(pattern: "[^\\s]")]
    }

    package var excess: (pointer: String, reason: String)? {
        guard persona.allSatisfy(\.isWhitespace) else { return nil }
        return ("/persona", "it has no text")
    }
}

extension ProfileApproval: Limited, FormedFields {
    package static var forms: [String: Schema] {
        ["reason": .text(Schema.TextForm(atMost: longestReason))]
    }

    package var excess: (pointer: String, reason: String)? { Self.excess(reason) }

    fileprivate static func excess(_ reason: String?) -> (pointer: String, reason: String)? {
        guard let reason, reason.unicodeScalars.count > longestReason else { return nil }
        return ("/reason", "it has more than \(longestReason) characters")
    }
}

extension ProfileRejection: Limited, FormedFields {
    package static var forms: [String: Schema] {
        ["reason": .text(pattern: "[^\\s]", atMost: ProfileApproval.longestReason)]
    }

    package var excess: (pointer: String, reason: String)? { ProfileApproval.excess(reason) }
}

extension TokenRequest: FormedFields {
    package static var forms: [String: Schema] {
        [
            "name": .name, "products": .list(of: .name),
            "lifetimeSeconds": .number(1...315_360_000).described("At most ten years"),
        ]
    }
}

extension AnswerRequest: FormedFields {
    package static var forms: [String: Schema] { ["text": .text(pattern: "[^\\s]")] }
}
