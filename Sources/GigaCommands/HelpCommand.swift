import Manifests

/// `giga help`: the overview, one command's page, or the exit codes.
enum HelpCommand {
    static let usage = Usage(
        "help",
        .operate,
        "Show help",
        positionals: "[COMMAND | exit-codes | environment]",
        options: [.flag("man", "Print the manual page: giga help --man | man -l -")],
        example: "giga help add",
        isLocal: true
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        if arguments.has("man") {
            shop.console.printRaw(Array(ManPage.text(version: shop.version).utf8))
            return .done
        }
        guard let first = arguments.positionals.first else {
            shop.console.print(overview)
            return .done
        }
        if let topic = HelpTopic(rawValue: first) {
            for line in topic.lines { shop.console.print(line) }
            return .done
        }
        let words = arguments.positionals.joined(separator: " ")
        let pages = CommandTable.usages.filter {
            $0.words == words || $0.words.hasPrefix(words + " ")
        }
        guard !pages.isEmpty else {
            let topics = CommandTable.usages.map(\.words) + HelpTopic.allCases.map(\.rawValue)
            let near = Spelling.nearest(to: words, among: topics)
            throw .usage(
                "There is no command \"\(words)\"",
                why: near.map { "did you mean \($0)?" } ?? "nothing is spelt like it",
                hint: "giga help"
            )
        }
        shop.console.print(pages.map(\.page).joined(separator: "\n\n"))
        return .done
    }

    static var overview: String {
        var lines = [
            "giga turns a folder of Markdown jobs into merged, proven software.", "",
            "usage: giga COMMAND [options]",
        ]
        let width = CommandTable.usages.map(\.words.count).max() ?? 0
        for group in Usage.Group.allCases {
            lines += ["", group.rawValue]
            for usage in CommandTable.usages where usage.group == group {
                let padding = String(repeating: " ", count: width - usage.words.count + 2)
                lines.append("  \(usage.words)\(padding)\(usage.summary)")
            }
        }
        lines += [
            "", "giga help COMMAND shows its options, giga help exit-codes what it ends with,",
            "giga help environment the variables; giga help --man is the manual page.",
        ]
        return lines.joined(separator: "\n")
    }
}

/// `giga version`.
enum VersionCommand {
    static let usage = Usage(
        "version",
        .operate,
        "Print the version",
        example: "giga version",
        isLocal: true
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        print(shop)
    }

    static func print(_ shop: Shop) -> ExitCode {
        shop.console.print("giga \(shop.version)")
        return .done
    }
}
