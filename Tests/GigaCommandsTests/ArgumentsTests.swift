import Testing

@testable import GigaCommands

@Suite struct ArgumentsTests {
    private static let usage = Usage(
        "thing add",
        .work,
        "Add a thing",
        positionals: "NAME…",
        options: [
            .flag("check", "Only look"), .value("repo", "NAME", "Where"), Usage.json,
        ],
        example: "giga thing add one"
    )

    private func fault(_ words: String...) -> CommandFault? {
        do throws(CommandFault) {
            _ = try Arguments(words, for: Self.usage)
            return nil
        } catch { return error }
    }

    @Test(arguments: [
        ("--chek", "did you mean --check?"), ("--rpo=x", "did you mean --repo?"),
        ("--jsn", "did you mean --json?"), ("--colour", "did you mean --color?"),
    ])
    func `a misspelt option names its neighbour`(word: String, why: String) {
        #expect(fault(word)?.why == why)
        #expect(fault(word)?.exit == .usage)
        #expect(fault(word)?.hint == "giga help thing add")
    }

    @Test func `an option that is like none lists all of them`() {
        let why = fault("--wizardry")?.why ?? ""
        for name in ["--check", "--repo", "--json", "--coordinator", "--help"] {
            #expect(why.contains(name))
        }
    }

    @Test func `an option at the end without its value is refused`() {
        #expect(fault("one", "--repo")?.what == "--repo needs a value")
    }

    @Test func `a switch takes no value`() {
        #expect(fault("--check=no")?.what == "--check takes no value")
    }

    @Test func `values come after a space or an equals sign, and may be empty or hold one`() throws
    {
        let words = ["--repo", "a", "one", "--repo=b=c", "--json=", "--check"]
        let arguments = try Arguments(words, for: Self.usage)
        #expect(arguments.value("repo") == "b=c")
        #expect(arguments.positionals == ["one"])
        #expect(arguments.wantsJSON)
        #expect(arguments.has("check") && !arguments.has("yes"))
    }

    @Test func `an option with an optional value leaves the next word alone`() throws {
        let arguments = try Arguments(["--json", "one"], for: Self.usage)
        #expect(arguments.value("json") == "")
        #expect(arguments.positionals == ["one"])
    }

    @Test func `nothing is an option after two dashes, and a single dash never is`() throws {
        let arguments = try Arguments(["-", "--", "--check", "-x"], for: Self.usage)
        #expect(arguments.positionals == ["-", "--check", "-x"])
        #expect(!arguments.has("check"))
    }

    @Test func `a needed option that is absent or empty says which of both it is`() throws {
        let absent = try Arguments([], for: Self.usage)
        let empty = try Arguments(["--repo="], for: Self.usage)
        #expect(throws: CommandFault.self) { try absent.required("repo") }
        do { _ = try empty.required("repo") } catch { #expect(error.why == "it is empty") }
        do { _ = try absent.required("repo") } catch { #expect(error.why == "it was not given") }
    }

    @Test func `one word, some words and no words are counted`() throws {
        let none = try Arguments([], for: Self.usage)
        let one = try Arguments(["a"], for: Self.usage)
        let two = try Arguments(["a", "b"], for: Self.usage)
        #expect(try one.only("NAME") == "a")
        #expect(try two.some("NAME") == ["a", "b"])
        try none.none()
        #expect(throws: CommandFault.self) { try none.only("NAME") }
        #expect(throws: CommandFault.self) { try two.only("NAME") }
        #expect(throws: CommandFault.self) { try none.some("NAME") }
        #expect(throws: CommandFault.self) { try one.none() }
    }
}
