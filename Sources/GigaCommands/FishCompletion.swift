/// The completion script of fish: a line for each word that may stand somewhere.
enum FishCompletion {
    static var text: String {
        var lines = ["# Completion of giga for fish; giga completion fish prints it."]
        for first in CompletionWords.firstWords {
            let summary = CommandTable.usages.first { $0.words == first }?.summary ?? ""
            lines.append(
                "complete -c giga -f -n __fish_use_subcommand -a \(first) -d \(quoted(summary))"
            )
            let second = CompletionWords.secondWords(after: first)
            let words = second.map(\.word).joined(separator: " ")
            for (word, summary) in second {
                let place =
                    "__fish_seen_subcommand_from \(first); "
                    + "and not __fish_seen_subcommand_from \(words)"
                lines.append(
                    "complete -c giga -f -n '\(place)' -a \(word) -d \(quoted(summary))"
                )
            }
        }
        for usage in CommandTable.usages { lines += completions(of: usage) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func completions(of usage: Usage) -> [String] {
        let place = usage.words.split(separator: " ")
            .map { "__fish_seen_subcommand_from \($0)" }.joined(separator: "; and ")
        var lines = usage.allOptions.map { option in
            var line = "complete -c giga -n '\(place)' -l \(option.name) -d \(quoted(option.help))"
            if option.value != nil, !option.valueIsOptional {
                let words = CompletionWords.values(of: option)
                line += words.isEmpty ? " -r" : " -x -a '\(words.joined(separator: " "))'"
            }
            return line
        }
        let words = CompletionWords.positionals(of: usage)
        if !words.isEmpty {
            lines.append("complete -c giga -f -n '\(place)' -a '\(words.joined(separator: " "))'")
        } else if !CompletionWords.takesFiles(usage) {
            lines.append("complete -c giga -f -n '\(place)'")
        }
        return lines
    }

    private static func quoted(_ text: String) -> String {
        "'" + text.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "'"
    }
}
