import Testing

@testable import GigaCommands

@Suite struct GigaCommandTests {
    @Test(arguments: [
        ("jbos", "  did you mean giga jobs?"), ("srve", "  did you mean giga serve?"),
        ("Cancel", "  did you mean giga cancel?"), ("wizard", "  nothing is spelt like it"),
    ])
    func `an unknown command names its neighbour and ends with 2`(word: String, why: String) {
        let captured = Captured()
        #expect(captured.run(word) == .usage)
        #expect(captured.said.count == 3)
        #expect(captured.said.first == "error: There is no command \"\(word)\"")
        #expect(captured.said.dropFirst().first == why)
        #expect(captured.printed == "")
    }

    @Test func `the first word of a group lists what may follow`() {
        let captured = Captured()
        #expect(captured.run("repo") == .usage)
        #expect(
            captured.said == [
                "error: giga repo needs one word more", "  there are repo add, repo list",
                "hint: giga repo add",
            ]
        )
    }

    @Test(arguments: [["jbos", "--json"], ["jbos", "--json=all"], ["--json=id", "jbos"]])
    func `who asks for JSON gets the code of the error in a line of its own`(words: [String]) {
        let captured = Captured()
        #expect(captured.run(words) == .usage)
        #expect(captured.said.count == 4 && captured.said[2].hasPrefix("hint: "))
        #expect(captured.said[3].hasPrefix("{\"code\":\"command.usage\",\"exit\":2,\"hint\":\""))
        #expect(captured.printed == "")
    }

    @Test func `who does not ask for JSON gets three lines`() {
        let captured = Captured()
        #expect(captured.run("jbos", "--", "--json") == .usage)
        #expect(captured.said.count == 3)
    }

    @Test func `an unknown option before the command is named`() {
        let captured = Captured()
        #expect(captured.run("--wizard", "jobs") == .usage)
        #expect(captured.said.first == "error: giga does not know --wizard")
    }

    @Test func `options that all commands know may come first`() {
        let captured = Captured()
        #expect(captured.run("--color", "never", "--yes", "--color=always", "version") == .done)
        #expect(captured.printed == "giga 1.2.3\n")
        #expect(captured.shop.console.color == .always)
    }

    @Test func `a colour that is none is refused`() {
        let captured = Captured()
        #expect(captured.run("version", "--color", "blue") == .usage)
        #expect(captured.said.first == "error: --color is \"blue\"")
    }

    @Test func `a complaint about the words has the colour that they ask for`() {
        let captured = Captured()
        #expect(captured.run("jbos", "--color=always") == .usage)
        #expect(captured.said.first?.hasPrefix("\u{1B}[31merror:") == true)
        #expect(Captured().run("--color", "always", "jobs", "--stge") == .usage)
    }

    @Test func `errors are plain but for a terminal, and coloured when that is asked for`() {
        let plain = Captured()
        #expect(plain.run("jbos") == .usage)
        #expect(!plain.said.joined().contains("\u{1B}"))
        let colorful = Captured(["NO_COLOR": "1"])
        #expect(colorful.run("version", "extra", "--color=always") == .done)
        colorful.shop.console.report(Captured.notHere)
        #expect(colorful.said.first == "\u{1B}[31merror:\u{1B}[0m This shop starts nothing")
        #expect(colorful.said.last == "\u{1B}[2mhint: none\u{1B}[0m")
    }

    @Test func `without a terminal nothing is asked`() throws {
        let captured = Captured()
        let usage = try #require(CommandTable.usages.first { $0.words == "cancel" })
        let arguments = try Arguments(["job-1"], for: usage)
        #expect(captured.shop.console.confirms("cancel job-1", arguments))
        #expect(captured.said == [])
    }

    @Test func `help of an unknown command names its neighbour`() {
        let captured = Captured()
        #expect(captured.run("help", "repo", "ad") == .usage)
        #expect(captured.said.contains("  did you mean repo add?"))
    }
}

@Suite struct CommandFaultTests {
    private func fault(_ lines: [String]) -> CommandFault {
        CommandFault(.usage, "a.b", what: "What", why: "why", hint: "do", lines: lines)
    }

    @Test func `a failure has three lines`() {
        #expect(fault([]).printed == ["error: What", "  why", "hint: do"])
    }

    @Test func `lines without hints share one at the end`() {
        #expect(fault(["a:1:1: x", "a:2:1: y"]).printed == ["a:1:1: x", "a:2:1: y", "hint: do"])
    }

    @Test func `lines with hints of their own keep them where they belong`() {
        let lines = ["a:1:1: x", "hint: one", "a:2:1: y"]
        #expect(fault(lines).printed == lines)
    }
}
