import FoundationEssentials
import Testing

@testable import GigaCommands

@Suite struct UsageTests {
    private static let page =
        #filePath.split(separator: "/", omittingEmptySubsequences: false)
        .dropLast(3).joined(separator: "/") + "/docs/reference/commands.md"

    /// The page is the golden file of all help; `UPDATE_GOLDEN=1` with `test_reference.py` rewrites it.
    @Test(arguments: CommandTable.usages)
    func `the page of every command stands in the reference`(usage: Usage) throws {
        let text = try String(contentsOfFile: Self.page, encoding: .utf8)
        #expect(text.contains("## giga \(usage.words)\n\n```text\n\(usage.page)\n```"))
    }

    @Test(arguments: CommandTable.usages)
    func `no line of help is wider than 100 columns, and no option is named twice`(usage: Usage) {
        for line in usage.page.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
        let names = usage.allOptions.map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test(arguments: CommandTable.usages)
    func `the example of every command is one that it understands`(usage: Usage) throws {
        let own = usage.example.split(separator: "&&").last.map(String.init) ?? usage.example
        var words = Self.words(of: own)
        #expect(words.removeFirst() == "giga")
        let (entry, rest) = try #require(CommandTable.entry(for: words))
        #expect(entry.usage.words == usage.words)
        _ = try Arguments(rest, for: usage)
    }

    @Test func `what changes something can be tried without changing it`() {
        let changing = [
            "add", "promote", "ship", "approve", "reject", "requeue", "cancel", "pause",
            "reprioritise", "answer", "token issue", "token revoke", "factory drain",
            "factory resume", "factory remove", "repo add", "profile import", "profile approve",
            "profile reject",
            "profile new", "init",
            "profile export", "halt", "resume", "restore", "store init", "store migrate",
            "gc",
        ]
        for usage in CommandTable.usages {
            let hasDryRun = usage.options.contains { $0.name == "dry-run" }
            #expect(hasDryRun == changing.contains(usage.words), "\(usage.words)")
        }
    }

    @Test func `what lists or shows has JSON`() {
        let showing = [
            "jobs", "show", "events", "why", "factory list", "engine list", "profile list",
            "profile show", "repo list", "config list", "config get", "policy list",
            "policy show", "doctor", "add", "demo",
        ]
        for words in showing {
            let usage = CommandTable.usages.first { $0.words == words }
            #expect(usage?.options.contains(Usage.json) == true, "\(words)")
        }
    }

    /// Splits at spaces outside of quotes, as a shell does.
    private static func words(of line: String) -> [String] {
        var words: [String] = []
        for (index, part) in line.split(separator: "\"", omittingEmptySubsequences: false)
            .enumerated()
        {
            words += index % 2 == 1 ? [String(part)] : part.split(separator: " ").map(String.init)
        }
        return words
    }
}
