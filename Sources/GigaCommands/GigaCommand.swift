import FleetModel
import Manifests

/// From the words of a command line to an exit code.
package enum GigaCommand {
    package static func run(_ words: [String], in shop: Shop) -> ExitCode {
        do throws(CommandFault) {
            takeColor(words, shop.console)
            return try dispatch(words, in: shop)
        } catch {
            shop.console.report(error)
            if asksForJSON(words) { shop.console.say(error.json) }
            return error.exit
        }
    }

    private static func dispatch(
        _ words: [String],
        in shop: Shop
    ) throws(CommandFault) -> ExitCode {
        guard let first = words.first, first != "--help", first != "-h" else {
            shop.console.print(HelpCommand.overview)
            return .done
        }
        if first == "--version" { return VersionCommand.print(shop) }
        let (leading, words) = split(words)
        guard let (entry, rest) = CommandTable.entry(for: words) else {
            throw unknown(words)
        }
        let arguments = try Arguments(leading + rest, for: entry.usage)
        if let name = arguments.value("color") {
            guard let color = Console.Color(rawValue: name) else {
                throw .usage(
                    "--color is \"\(name)\"",
                    why: "it is auto, always or never",
                    hint: "--color auto"
                )
            }
            shop.console.color = color
        }
        if arguments.has("help") {
            shop.console.print(entry.usage.page)
            return .done
        }
        return try entry.run(arguments, shop)
    }

    /// Looked for in the words, which may be what the complaint is about.
    private static func asksForJSON(_ words: [String]) -> Bool {
        words.prefix { $0 != "--" }.contains { $0 == "--json" || $0.hasPrefix("--json=") }
    }

    /// Before anything else, so that a complaint about the words themselves has it too.
    private static func takeColor(_ words: [String], _ console: Console) {
        for (word, next) in zip(words, words.dropFirst() + [""]) {
            if word == "--" { return }
            let value = word.hasPrefix("--color=") ? String(word.dropFirst(8)) : ""
            if let color = Console.Color(rawValue: word == "--color" ? next : value) {
                console.color = color
            }
        }
    }

    /// Options that every command knows may stand before the command's name, too.
    private static func split(_ words: [String]) -> (leading: [String], rest: [String]) {
        var rest = words[...]
        var leading: [String] = []
        let known = Usage.everywhere + [Usage.coordinator, Certificates.option]
        while let word = rest.first, word.hasPrefix("--") {
            let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1)
            guard let option = known.first(where: { $0.name == parts.first ?? "" }) else { break }
            leading.append(rest.removeFirst())
            if option.value != nil, parts.count == 1, let value = rest.popFirst() {
                leading.append(value)
            }
        }
        return rest.isEmpty ? ([], words) : (leading, Array(rest))
    }

    private static func unknown(_ words: [String]) -> CommandFault {
        let known = CommandTable.usages.map(\.words)
        if words[0].hasPrefix("-") {
            return .usage(
                "giga does not know \(words[0])",
                why:
                    "before a command's name stand --ca-file, --color, --coordinator, --no-input, --yes",
                hint: "giga help"
            )
        }
        let group = known.filter { $0.hasPrefix(words[0] + " ") }
        if !group.isEmpty {
            let said = words.count > 1 ? "does not know \"\(words[1])\"" : "needs one word more"
            return .usage(
                "giga \(words[0]) \(said)",
                why: "there are \(group.joined(separator: ", "))",
                hint: "giga \(group[0])"
            )
        }
        let nearest = Spelling.nearest(
            to: words[0],
            among: known.compactMap { $0.split(separator: " ").first.map(String.init) }
        )
        return .usage(
            "There is no command \"\(words[0])\"",
            why: nearest.map { "did you mean giga \($0)?" } ?? "nothing is spelt like it",
            hint: nearest.map { "giga help \($0)" } ?? "giga help"
        )
    }
}
