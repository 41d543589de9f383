import Testing

@testable import GigaCommands

@Suite struct AddCommandTests {
    /// What checking one file says, in a folder of its own.
    private func check(_ text: String) throws -> (exit: ExitCode, said: [String]) {
        let folder = try Files.makeTemporaryFolder("add-test")
        defer { Files.remove(folder) }
        try Files.write(Array(text.utf8), to: folder + "/a.md")
        let captured = Captured(["PATH": "/usr/bin:/bin"], folder: folder)
        return (captured.run("add", "--check", "a.md"), captured.said)
    }

    @Test func `a folder that is here and in no repository is refused with its place`() throws {
        let outcome = try check("---\nengine: shell\ncwd: /usr\n---\nWork\n")
        #expect(outcome.exit == .usage)
        #expect(
            outcome.said == [
                "a.md:3:6: cwd is \"/usr\", which is in no git repository; expected a folder of one",
                "hint: cd /usr && git init",
            ]
        )
    }

    @Test func `a folder that is elsewhere is for the factory that has it`() throws {
        let outcome = try check("---\ncwd: /nowhere/at/all\n---\nWork\n")
        #expect(outcome.exit == .done)
        #expect(outcome.said.contains("a.md: what is not committed in /nowhere/at/all is not seen"))
    }

    @Test func `it says which habits of writing were taken`() throws {
        let older = try check("---\nengine: shell\n---\nWork\n")
        #expect(older.said.first?.hasPrefix("a.md is an older file") == true)
        let plain = try check("# Work\n")
        #expect(plain.said.first == "a.md has no front matter: all defaults apply")
        #expect(try check("---\npriority: high\n---\nWork\n").said == ["1 file is well formed"])
    }
}
