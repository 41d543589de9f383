import Testing

@testable import GigaCommands

@Suite struct CompletionTests {
    @Test func `a shell that is not known names its neighbour`() {
        let captured = Captured()
        #expect(captured.run("completion", "bsh") == .usage)
        #expect(captured.said.contains("  did you mean bash?"))
    }

    /// What stands in a completion must be what the commands take.
    @Test func `every word that is offered for an option is named by its help or its type`() {
        let options = CommandTable.usages.flatMap(\.allOptions)
        for name in ["color", "level", "ship", "store", "for"] {
            let option = options.first { $0.name == name }
            #expect(option.map { !CompletionWords.values(of: $0).isEmpty } == true, "\(name)")
        }
    }

    @Test func `no word of a script breaks out of its quotes`() {
        for usage in CommandTable.usages {
            let words = [usage.words] + usage.allOptions.map(\.name)
            #expect(words.allSatisfy { $0.allSatisfy { $0.isLetter || "- ".contains($0) } })
        }
    }
}

@Suite struct ManPageTests {
    @Test(arguments: CommandTable.usages)
    func `the manual has every command with all its options`(usage: Usage) {
        let page = ManPage.text(version: "1.2.3")
        #expect(page.contains(".SS giga \(ManPage.escaped(usage.words))"))
        for option in usage.options {
            #expect(page.contains(ManPage.escaped(option.help)), "\(option.name)")
        }
    }

    @Test func `no line begins a request by accident`() {
        let requests = [".TH", ".SH", ".SS", ".TP", ".PP", ".B", ".I"]
        for line in ManPage.text(version: "1").split(separator: "\n") {
            let first = line.first ?? " "
            guard first == "." || first == "'" else { continue }
            #expect(requests.contains { line == $0 || line.hasPrefix($0 + " ") }, "\(line)")
        }
        #expect(ManPage.escaped(".hidden 'a' -x") == "\\&.hidden \\(aqa\\(aq \\-x")
    }
}

@Suite struct HelpTopicTests {
    @Test func `topics are shown, and a misspelt one knows its neighbour`() {
        let captured = Captured()
        #expect(captured.run("help", "environment") == .done)
        #expect(captured.printed.contains("GIGA_TOKEN\t"))
        let wrong = Captured()
        #expect(wrong.run("help", "exit-code") == .usage)
        #expect(wrong.said.contains("  did you mean exit-codes?"))
    }
}
