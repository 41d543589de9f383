/// The manual page, made from the same table as the help.
enum ManPage {
    static func text(version: String) -> String {
        var lines = [
            ".TH GIGA 1 \"\" \"giga \(version)\" \"Gigafactory\"", ".SH NAME",
            "giga \\- turn a folder of Markdown jobs into merged, proven software",
            ".SH SYNOPSIS", ".B giga", ".I command", "[options]", ".SH DESCRIPTION",
            "Markdown jobs are put into one inbox.",
            "Machines that run coding agents turn them into commits,",
            "which are verified and shipped to the target branch.",
            ".PP",
            "Data goes to standard output, messages and errors to standard error. An error is",
            "three lines: what, why, and a hint with a command that works.",
        ]
        for group in Usage.Group.allCases {
            lines.append(".SH \(group.rawValue.uppercased()) COMMANDS")
            for usage in CommandTable.usages where usage.group == group { lines += section(usage) }
        }
        lines += [".SH OPTIONS OF EVERY COMMAND"] + Usage.everywhere.flatMap(option)
        lines += [".SH EXIT STATUS"]
        for code in ExitCode.allCases {
            lines += [".TP", "\(code.rawValue)", escaped(code.meaning)]
        }
        lines += [".SH ENVIRONMENT"]
        for row in HelpTopic.variables {
            lines += [".TP", ".B \(escaped(row.name))", escaped(row.meaning)]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func section(_ usage: Usage) -> [String] {
        let positionals = usage.positionals.isEmpty ? "" : " " + usage.positionals
        var lines = [
            ".SS \(escaped("giga \(usage.words)\(positionals)"))", escaped(usage.summary) + ".",
        ]
        lines += usage.options.flatMap(option)
        return lines + [".PP", "Example:", ".B \(escaped(usage.example))"]
    }

    private static func option(_ option: Usage.Option) -> [String] {
        let value =
            option.value.map { option.valueIsOptional ? "[=\($0)]" : " \($0)" } ?? ""
        return [".TP", ".B \(escaped("--\(option.name)\(value)"))", escaped(option.help) + "."]
    }

    /// Text that troff takes as it is: a hyphen stays one, and nothing begins a request.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "\"": result += "\\(dq"
            case "'": result += "\\(aq"
            case "`": result += "\\(ga"
            case "~": result += "\\(ti"
            case "^": result += "\\(ha"
            case "…": result += "..."
            case "→": result += "\\(->"
            default: result.append(character)
            }
        }
        return result.hasPrefix(".") ? "\\&" + result : result
    }
}
