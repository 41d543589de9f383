import FleetModel

extension Kind<String> {
    /// Text of any length and any number of lines.
    static let text = scalar("text") { $0 }

    static let shellText = scalar("shell commands") { text throws(ValueFault) -> String? in
        // A shell would look for a program whose name begins with that quote.
        if LikelyMeaning.hasTypographicQuotes(text) { return nil }
        return text.unicodeScalars.allSatisfy { $0 == " " || $0 == "\n" || $0 == "\t" } ? nil : text
    }

    static func line(_ what: String, longest: Int = 1024) -> Kind {
        scalar(
            "\(what): one line of at most \(longest) characters",
            shape: .line(longest)
        ) { text in
            // A block of YAML ends with a line feed that nobody meant.
            let line = text.hasSuffix("\n") ? String(text.dropLast()) : text
            return isLine(line, longest) ? line : nil
        }
    }

    /// Locks, labels, keys, items: printable, and never used as a path.
    static func label(_ what: String) -> Kind {
        scalar("\(what): one line of at most 128 characters", shape: .line(128)) { text in
            isLine(text, 128) ? text : nil
        }
    }

    static func name(_ what: String) -> Kind {
        scalar("\(what): \(Naming.rule)", shape: Shapes.named) { text throws(ValueFault) in
            if Naming.isName(text) { return text }
            let lower = text.lowercased()
            throw ValueFault(hint: Naming.isName(lower) ? "write \(lower)" : nil)
        }
    }

    static let product = scalar(
        "the name of a product: \(Naming.rule)",
        shape: .pattern("^(?!fleet$)\(Shapes.name)$", orNumber: true)
    ) {
        text throws(ValueFault) -> String? in
        if text == "fleet" {
            throw ValueFault(hint: "fleet is reserved for the whole fleet; choose another name")
        }
        return Naming.isName(text) ? text : nil
    }

    static let engine = scalar(
        "the name of an engine, such as shell, claude or command:NAME",
        shape: Shapes.knownEngine
    ) { text throws(ValueFault) -> String? in
        if isKnownEngine(text) { return text }
        let name = String(text.prefix { $0 != "@" })
        if name.count < text.count, isKnownEngine(name) {
            let need = "capabilities: [\"engine:\(name)>=1.0\"]"
            throw ValueFault(hint: "write \(name); a version is asked for by \(need)")
        }
        let near = Spelling.nearest(to: text, among: KnownEngines.names)
        throw ValueFault(
            hint: near.map { "write \($0)" }
                ?? "write command:NAME for an engine of your own; giga engine list shows all"
        )
    }

    /// How a factory calls a station, which is told whether it knows the engine when it starts.
    static let station = scalar("the name of an engine", shape: Shapes.engine) { text in
        isEngine(text) ? text : nil
    }

    /// A model's name ends up among a program's arguments.
    static let model = scalar(
        "the name of a model: at most 128 characters, not beginning with -",
        shape: .pattern(#"^(?!-)[^\x00-\x1f]{1,128}$"#, orNumber: true)
    ) {
        text in isLine(text, 128) && !text.hasPrefix("-") ? text : nil
    }

    static let repository = scalar(
        "a registered name, a path or a URL of a repository",
        shape: .pattern(#"^(?!-)(?!.*::)[^ \x00-\x1f]{1,1024}$"#, orNumber: true)
    ) {
        text throws(ValueFault) -> String? in
        if text.contains("::") {
            throw ValueFault(hint: "transports with :: run programs; write a plain path or URL")
        }
        if text.hasPrefix("git clone ") {
            throw ValueFault(hint: "write the address alone: \(text.dropFirst(10))")
        }
        return isLine(text, 1024) && !text.hasPrefix("-") && !text.contains(" ") ? text : nil
    }

    static func branch(_ what: String) -> Kind {
        scalar(what, shape: Shapes.revision) { text throws(ValueFault) -> String? in
            if isRevision(text) { return text }
            let isExpression = text.contains { "~^".contains($0) } || text.contains("..")
            throw ValueFault(
                hint: isExpression ? "git's expressions are not read; write a name" : nil
            )
        }
    }

    static let folder = scalar(
        "an absolute path without ., .., // or .git in it",
        shape: Shapes.folder
    ) {
        text throws(ValueFault) -> String? in
        if text.hasPrefix("~") || text.contains("$") {
            throw ValueFault(hint: "write the path in full; ~ and variables are not replaced")
        }
        if text.dropFirst().hasPrefix(":\\") {
            throw ValueFault(hint: "factories run on Linux; write a path such as /srv/app")
        }
        guard text.hasPrefix("/"), isLine(text, 4096) else { return nil }
        let isRoot = text == "/"
        let path = text.hasSuffix("/") && !isRoot ? String(text.dropLast()) : text
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        let wrong = parts.contains {
            $0.isEmpty || $0 == "." || $0 == ".." || $0.lowercased() == ".git"
        }
        return wrong && !isRoot ? nil : path
    }

    static let flowText = Kind(expected: "anything", shape: .anything) { node, _, _ in
        if case .refused = node.content { nil } else { node.flowText }
    }

    static func isLine(_ text: String, _ longest: Int) -> Bool {
        (1...longest).contains(text.unicodeScalars.count)
            && text.unicodeScalars.allSatisfy {
                $0 != "\n" && $0 != "\t" && !QuotedText.isInvisible($0)
            }
            && text.contains { $0 != " " }
    }

    private static func isKnownEngine(_ text: String) -> Bool {
        guard isEngine(text) else { return false }
        return text.hasPrefix("acp:") || text.hasPrefix("command:")
            || KnownEngines.names.contains(text)
    }

    static func isEngine(_ text: some StringProtocol) -> Bool {
        if text.hasPrefix("acp:") { return isLine(String(text), 1024) && text.count > 4 }
        let name = text.hasPrefix("command:") ? text.dropFirst(8) : text[...]
        return Naming.isName(name)
    }

    /// What git takes as a branch, and nothing that it takes as an option or an expression.
    private static func isRevision(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let isWrongPart = parts.contains {
            $0.isEmpty || $0.hasPrefix(".") || $0.hasSuffix(".lock") || $0.hasSuffix(".")
        }
        return !isWrongPart && isLine(text, 255) && !text.hasPrefix("-")
            && !text.contains("..") && !text.contains("@{") && text != "@"
            && !text.contains { " ~^:?*[\\".contains($0) }
    }
}

extension Kind where Value: CaseIterable & RawRepresentable & Hashable, Value.RawValue == String {
    /// One of a few words.
    static func choice(of type: Value.Type = Value.self, except: Set<Value> = []) -> Kind {
        let words = Value.allCases.filter { !except.contains($0) }.map(\.rawValue)
        return scalar(Wording.either(words), shape: .choice(words)) { text throws(ValueFault) in
            if words.contains(text), let choice = Value(rawValue: text) { return choice }
            throw ValueFault(nearest: text, among: words)
        }
    }
}

extension Kind<String> {
    /// One of a few words that stay text.
    static func word(of words: [String]) -> Kind {
        scalar(Wording.either(words), shape: .choice(words)) { text throws(ValueFault) in
            if words.contains(text) { return text }
            throw ValueFault(nearest: text, among: words)
        }
    }
}

extension ValueFault {
    /// Hints at the word that was probably meant.
    init(nearest text: String, among words: [String]) {
        self.init(hint: Spelling.nearest(to: text, among: words).map { "write \($0)" })
    }
}

enum Wording {
    /// `a, b or c`.
    static func either(_ words: [String]) -> String {
        guard words.count > 1, let last = words.last else { return words.first ?? "nothing" }
        return words.dropLast().joined(separator: ", ") + " or " + last
    }
}
