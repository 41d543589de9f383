import FleetModel
import Manifests
import Testing

@Suite struct ProfileFileTests {
    @Test func `a file whose name is no profile's name is refused`() {
        let errors = ProfileFile.parse(Array("You test".utf8), path: "profiles/Q A.md").errors
        #expect(errors.first?.message.contains("\"Q A\"") == true)
    }

    @Test func `reviewers are kept, and a wider way to ship is a promise that is refused`() {
        let text = "---\nreview-policy: reviewers:[@a]\nship: pull-request\n---\nYou test"
        let errors = ProfileFile.parse(Array(text.utf8), path: "qa.md").errors
        #expect(errors.map(\.line) == [3])
    }

    @Test func `a persona in the front matter and the body are put together`() throws {
        let text = "---\npersona: You test.\n---\n\nWith care.\n\n"
        let file = try #require(ProfileFile.parse(Array(text.utf8), path: "profiles/qa.md").file)
        #expect(file.profile.persona == "You test.\n\nWith care.")
        #expect(file.profile.name == "qa")
        #expect(!file.statesVersion)
    }

    @Test(arguments: 0..<200) func `a profile that is written reads back as it was`(seed: Int)
        throws
    {
        let profile = try Self.random(seed)
        let text = ProfileFile.write(profile)
        let result = ProfileFile.parse(Array(text.utf8), path: "profiles/\(profile.name).md")
        #expect(result.file?.profile == profile, "\(text)\(result.errors)")
        #expect(result.file?.statesVersion == true)
    }

    private static func random(_ seed: Int) throws -> Profile {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        func below(_ bound: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(bound))
        }
        let texts = [
            "make test", "a: b # c", "- x", "\"q\" 'r'", "yes", "é\tü", "@a", "1:30", "null",
        ]
        func text() -> String { texts[below(texts.count)] }
        var profile = Profile(name: "p\(seed)", version: below(9) + 1, persona: "You: \(text())")
        let needs = ["os:linux", "node>=20,<23", "not:os:windows"].prefix(below(4))
        profile.capabilities = try needs.map { try Requirement(parsing: $0) }
        let globs = ["src/", "**/*.md", "[!a]*"].prefix(below(4))
        profile.allowedScope = try globs.map { try Glob(parsing: $0) }
        if below(2) == 0 { profile.defaultVerify = text() + "\nsecond line" }
        if below(2) == 0 { profile.engineClass = "script" }
        if below(2) == 0 { profile.prefersEngine = "command:lint" }
        if below(2) == 0 { profile.model = text() == "- x" ? "m" : "a: b" }
        if below(2) == 0 { profile.timeout = .seconds(Int64(below(100_000) + 1)) }
        if below(2) == 0 { profile.silent = .init(after: .seconds(90), stops: below(2) == 0) }
        if below(2) == 0 { profile.reviewPolicy = below(2) == 0 ? .auto : .manual }
        if below(2) == 0 {
            profile.budget = Budget(microUSD: Int64(below(9_000_000)), tokens: 5, wall: .hours(2))
        }
        if below(2) == 0 { profile.network = .allowList }
        if below(2) == 0 { profile.mandate = text().filter { $0 != "\t" } }
        if below(2) == 0 { profile.artifacts = ["coverage", "out/*.html"] }
        if below(2) == 0 { profile.ship = .merge }
        return profile
    }
}
