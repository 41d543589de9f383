package import FleetModel

extension ProfileFile {
    /// The file that reads back as `profile`: what `giga profile export` writes.
    package static func write(_ profile: Profile) -> String {
        var lines = ["---"]
        func add(_ name: String, _ value: String?) {
            if let value { lines.append("\(name): \(value)") }
        }
        func addList(_ name: String, _ items: [String]) {
            if !items.isEmpty { add(name, list(items)) }
        }
        add("name", profile.name)
        add("version", "\(profile.version)")
        addList("capabilities", profile.capabilities.map(\.text))
        add("default-verify", profile.defaultVerify.map(scalar))
        add("engine-class", profile.engineClass)
        add("prefers-engine", profile.prefersEngine.map(scalar))
        add("model", profile.model.map(scalar))
        add("timeout", profile.timeout?.description)
        add("silent", profile.silent.map { "{minutes: \($0.after), stops: \($0.stops)}" })
        addList("artifacts", profile.artifacts)
        addList("allowed-scope", profile.allowedScope.map(\.pattern))
        addList("protected-paths", profile.protectedPaths.map(\.pattern))
        add("review-policy", profile.reviewPolicy.map(policy))
        add("budget", profile.budget.map(budget))
        add("network", profile.network?.rawValue)
        if !profile.obligations.isEmpty { add("obligations", map(profile.obligations)) }
        add("mandate", profile.mandate.map(scalar))
        add("ship", profile.ship?.rawValue)
        lines += ["---", "", profile.persona, ""]
        return lines.joined(separator: "\n")
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
