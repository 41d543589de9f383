import Manifests

/// The words after a command's name, checked against its `Usage`.
package struct Arguments: Hashable, Sendable {
    package let positionals: [String]
    private let values: [String: String]
    private let flags: Set<String>
    private let usage: Usage

    /// - Throws: a usage fault that names the nearest option for one that is not known.
    package init(_ words: [String], for usage: Usage) throws(CommandFault) {
        self.usage = usage
        var positionals: [String] = []
        var values: [String: String] = [:]
        var flags: Set<String> = []
        var rest = words[...]
        var isPastOptions = false
        while let word = rest.popFirst() {
            if isPastOptions || word == "-" || !word.hasPrefix("-") {
                positionals.append(word)
                continue
            }
            if word == "--" {
                isPastOptions = true
                continue
            }
            let parts = word.drop { $0 == "-" }.split(
                separator: "=",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            let name = word == "-h" ? "help" : String(parts.first ?? "")
            guard let option = usage.allOptions.first(where: { $0.name == name }) else {
                throw Self.unknown(word, name, usage)
            }
            if option.value == nil {
                guard parts.count == 1 else {
                    throw .usage(
                        "--\(name) takes no value",
                        why: "it was given \"\(parts[1])\"",
                        hint: "--\(name)"
                    )
                }
                flags.insert(name)
            } else if parts.count == 2 {
                values[name] = String(parts[1])
            } else if option.valueIsOptional {
                values[name] = ""
            } else if let value = rest.popFirst() {
                values[name] = value
            } else {
                throw .usage(
                    "--\(name) needs a value",
                    why: "it is the last word",
                    hint: usage.example
                )
            }
        }
        (self.positionals, self.values, self.flags) = (positionals, values, flags)
    }

    package func value(_ name: String) -> String? { values[name] }
    package func has(_ name: String) -> Bool { flags.contains(name) || values[name] != nil }

    package var wantsJSON: Bool { values["json"] != nil }

    func required(_ name: String) throws(CommandFault) -> String {
        guard let value = values[name], !value.isEmpty else {
            let isEmpty = values[name] != nil
            throw .usage(
                "giga \(usage.words) needs --\(name)",
                why: isEmpty ? "it is empty" : "it was not given",
                hint: usage.example
            )
        }
        return value
    }

    /// The one positional word.
    func only(_ name: String) throws(CommandFault) -> String {
        guard positionals.count == 1 else {
            throw .usage(
                "giga \(usage.words) takes one \(name)",
                why: positionals.isEmpty ? "none was given" : "\(positionals.count) were given",
                hint: usage.example
            )
        }
        return positionals[0]
    }

    func some(_ name: String) throws(CommandFault) -> [String] {
        guard !positionals.isEmpty else {
            throw .usage(
                "giga \(usage.words) takes at least one \(name)",
                why: "none was given",
                hint: usage.example
            )
        }
        return positionals
    }

    func none() throws(CommandFault) {
        guard let first = positionals.first else { return }
        throw .usage(
            "giga \(usage.words) does not take \"\(first)\"",
            why: "it has no positional words",
            hint: usage.example
        )
    }

    private static func unknown(_ word: String, _ name: String, _ usage: Usage) -> CommandFault {
        let known = usage.allOptions.map(\.name)
        let nearest = Spelling.nearest(to: name, among: known).map { "did you mean --\($0)?" }
        return .usage(
            "giga \(usage.words) does not know \(word)",
            why: nearest ?? "its options are \(known.map { "--\($0)" }.joined(separator: " "))",
            hint: "giga help \(usage.words)"
        )
    }
}
