package import FleetModel

extension ProfileFile {
    /// The file that reads back as `profile`: what `giga profile export` writes.
    package static func write(_ profile: Profile) -> String {
        let head = ["name: \(profile.name)", "version: \(profile.version)"]
        let fields = fields(of: profile).map { "\($0.name): \($0.value)" }
        return (["---"] + head + fields + ["---", "", profile.persona, ""])
            .joined(separator: "\n")
    }

    /// What the profile states beside its name, number and persona, as a file would say it.
    package static func fields(of profile: Profile) -> [(name: String, value: String)] {
        let values: [(String, String?)] = [
            ("capabilities", items(profile.capabilities.map(\.text))),
            ("default-verify", profile.defaultVerify.map(scalar)),
            ("engine-class", profile.engineClass),
            ("prefers-engine", profile.prefersEngine.map(scalar)),
            ("model", profile.model.map(scalar)),
            ("timeout", profile.timeout?.description),
            ("silent", profile.silent.map { "{minutes: \($0.after), stops: \($0.stops)}" }),
            ("artifacts", artifacts(profile)),
            ("allowed-scope", items(profile.allowedScope.map(\.pattern))),
            ("protected-paths", items(profile.protectedPaths.map(\.pattern))),
            ("review-policy", profile.reviewPolicy.map(policy)),
            ("budget", profile.budget.map(budget)),
            ("network", profile.network?.rawValue),
            ("obligations", profile.obligations.isEmpty ? nil : map(profile.obligations)),
            ("mandate", profile.mandate.map(scalar)),
            ("ship", profile.ship?.rawValue),
        ]
        return values.compactMap { name, value in value.map { (name, $0) } }
    }

    private static func items(_ items: [String]) -> String? { items.isEmpty ? nil : list(items) }

    private static func artifacts(_ profile: Profile) -> String? {
        guard let globs = profile.artifactGlobs else { return items(profile.artifacts) }
        let pairs = globs.sorted { $0.key < $1.key }.map { "\(scalar($0.key)): \(list($0.value))" }
        return "{\(pairs.joined(separator: ", "))}"
    }

    private static func list(_ items: [String]) -> String {
        "[\(items.map(scalar).joined(separator: ", "))]"
    }

    private static func map(_ entries: [String: String]) -> String {
        let pairs = entries.sorted { $0.key < $1.key }
            .map { "\(scalar($0.key)): \(scalar($0.value))" }
        return "{\(pairs.joined(separator: ", "))}"
    }

    private static func policy(_ policy: ReviewPolicy) -> String {
        switch policy {
        case .auto: "auto"
        case .manual: "manual"
        case .reviewers(let names, let quorum):
            "{reviewers: \(list(names)), quorum: \(quorum)}"
        }
    }

    private static func budget(_ budget: Budget) -> String {
        let parts = [
            budget.microUSD.map { "usd: \(dollars($0))" },
            budget.tokens.map { "tokens: \($0)" },
            budget.wall.map { "wall: \($0)" },
        ]
        return "{\(parts.compactMap(\.self).joined(separator: ", "))}"
    }

    /// Micro-dollars as people write them: `2.5`.
    static func dollars(_ microUSD: Int64) -> String {
        let digits = String(microUSD % 1_000_000)
        var fraction = String(repeating: "0", count: 6 - digits.count) + digits
        while fraction.last == "0" { fraction.removeLast() }
        return "\(microUSD / 1_000_000)" + (fraction.isEmpty ? "" : ".\(fraction)")
    }

    /// Plain where every YAML reader sees text in it, else in double quotes.
    private static func scalar(_ text: String) -> String {
        guard let first = text.utf8.first, isLetter(first),
            text.utf8.allSatisfy({ isLetter($0) || "0123456789_-./".utf8.contains($0) }),
            Quantities.boolean(text) == nil, text != "null"
        else { return QuotedText.json(text) }
        return text
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
