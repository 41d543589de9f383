import FleetModel
import Manifests

/// What may follow where, for the completion of every shell; made from the table of commands.
enum CompletionWords {
    /// Words that an option's value may be; empty means that files are offered.
    static func values(of option: Usage.Option) -> [String] {
        switch option.name {
        case "color": Console.Color.allCases.map(\.rawValue)
        case "level": Halt.Level.allCases.map(\.rawValue)
        case "ship": [ShipWay.merge, .none].map(\.rawValue)
        case "store": ["sqlite", "memory"]
        case "for", "stage": Stage.allCases.map(\.rawValue)
        case "priority": Priority.allCases.map(\.rawValue)
        default: []
        }
    }

    /// Words that may stand after a command; empty means that files are offered.
    static func positionals(of usage: Usage) -> [String] {
        switch usage.words {
        case "completion": CompletionCommand.Shell.allCases.map(\.rawValue)
        case "schema": FieldTable.FileKind.allCases.map(\.word)
        case "help": HelpTopic.allCases.map(\.rawValue) + firstWords
        case "config get": FieldTable.rows(of: .configuration).map(\.name)
        default: []
        }
    }

    /// Whether files are what a command works on.
    static func takesFiles(_ usage: Usage) -> Bool {
        ["FILE", "DIR", "PATH"].contains { usage.positionals.contains($0) }
    }

    /// The first word of every command, once each, in the order of help.
    static var firstWords: [String] {
        CommandTable.usages.reduce(into: []) { words, usage in
            let first = String(usage.words.prefix { $0 != " " })
            if !words.contains(first) { words.append(first) }
        }
    }

    /// What may follow a first word that is no command alone, or not only.
    static func secondWords(after first: String) -> [(word: String, summary: String)] {
        CommandTable.usages.filter { $0.words.hasPrefix(first + " ") }
            .map { (String($0.words.dropFirst(first.count + 1)), $0.summary) }
    }

    /// Names of options that eat the next word, over all commands.
    static var valued: [String] {
        let all = CommandTable.usages.flatMap(\.allOptions)
        return Set(all.filter { $0.value != nil && !$0.valueIsOptional }.map(\.name)).sorted()
    }
}
