import Engines
import FleetModel
import Testing

@Suite struct EngineNameTests {
    @Test(arguments: [
        "", "Shell", "shell ", "command:", "command:Not a name", "command:../x", "acp:", "acp:a\nb",
        "script", "mini",
    ])
    func `text that names no engine is refused`(text: String) {
        #expect(EngineName(text: text) == nil)
    }

    @Test(arguments: [
        ("shell", EngineName.shell), ("command", .command(nil)),
        ("command:lint-2", .command("lint-2")), ("mini-swe-agent", .miniSWEAgent),
        ("claude", .claude), ("acp:goose acp", .acp("goose acp")),
    ])
    func `a name and its text are the same`(text: String, name: EngineName) {
        #expect(EngineName(text: text) == name)
        #expect(name.text == text)
    }

    @Test func `files may name exactly the engines that have a name here`() {
        #expect(EngineName.plain.map(\.text) == KnownEngines.names)
    }

    @Test(arguments: EngineName.plain.map(\.text))
    func `every plain name survives the way to text and back`(text: String) throws {
        #expect(try #require(EngineName(text: text)).text == text)
    }
}
