/// One subcommand as help, the man page and the parser know it.
package struct Usage: Hashable, Sendable {
    package enum Group: String, Hashable, Sendable, CaseIterable {
        case start, work, decide, fleet, operate
    }

    /// One flag of a command.
    package struct Option: Hashable, Sendable {
        package let name: String
        /// What its value is called in help; nil for a switch.
        package let value: String?
        package let help: String
        /// `--json` and `--json=all` are both fine.
        package var valueIsOptional = false

        static func flag(_ name: String, _ help: String) -> Option {
            Option(name: name, value: nil, help: help)
        }

        static func value(_ name: String, _ value: String, _ help: String) -> Option {
            Option(name: name, value: value, help: help)
        }
    }

    package let words: String
    package let group: Group
    package let summary: String
    /// Positional words as help shows them: `ID…`.
    package let positionals: String
    package let options: [Option]
    package let example: String
    /// It talks to no coordinator that already runs.
    package let isLocal: Bool

    init(
        _ words: String,
        _ group: Group,
        _ summary: String,
        positionals: String = "",
        options: [Option] = [],
        example: String,
        isLocal: Bool = false
    ) {
        self.words = words
        self.group = group
        self.summary = summary
        self.positionals = positionals
        self.options = options
        self.example = example
        self.isLocal = isLocal
    }

    static let dryRun = Option.flag("dry-run", "Say what would happen; change nothing")

    static let json = Option(
        name: "json",
        value: "FIELDS",
        help: "Print JSON; =all for every field",
        valueIsOptional: true
    )
    static let reason = Option.value("reason", "TEXT", "Why; shown to everybody who waits")
    static let profiles = Option.value(
        "profiles",
        "DIR",
        "Import the profiles of this folder, such as a repository's"
    )
    static let data = Option.value("data", "DIR", "Data folder")

    /// Understood by every command that talks to a coordinator.
    static let coordinator = Option.value(
        "coordinator",
        "URL",
        "Coordinator to talk to (GIGA_COORDINATOR)"
    )
    /// Understood by every command.
    static let everywhere: [Option] = [
        .value("color", "WHEN", "auto, always or never (NO_COLOR is honoured)"),
        .flag("no-input", "Never ask, as where there is no terminal"),
        .flag("yes", "Answer every question with yes"),
        .flag("help", "Show this help"),
    ]

    var allOptions: [Option] {
        options + (isLocal ? [] : [Self.coordinator, Certificates.option]) + Self.everywhere
    }

    /// The help page of the command.
    package var page: String {
        var lines = [
            summary, "",
            "usage: giga \(words)\(positionals.isEmpty ? "" : " " + positionals) [options]", "",
        ]
        let named = allOptions.map { option in
            let value = option.value.map { option.valueIsOptional ? "[=\($0)]" : " \($0)" } ?? ""
            return ("--\(option.name)\(value)", option.help)
        }
        let width = named.map(\.0.count).max() ?? 0
        for (name, help) in named {
            lines.append("  \(name)\(String(repeating: " ", count: width - name.count))  \(help)")
        }
        return (lines + ["", "example: \(example)"]).joined(separator: "\n")
    }
}
