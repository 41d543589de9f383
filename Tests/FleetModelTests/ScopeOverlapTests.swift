import FleetModel
import Testing

@Suite struct ScopeOverlapTests {
    @Test(arguments: [
        ("src/a/**", "src/b/**"), ("src/a", "src/a/b"), ("src/", "src"), ("*.md", "docs/*.md"),
        ("a?", "a"), ("[ab]", "[!ab]"), ("[a-c]x", "[d-f]x"), ("*a", "*b"), ("a*", "b*"),
        ("?", "??"), ("a/**/b", "a/**/c"), ("**/a", "b"), ("src/*", "src/*/*"), ("A", "a"),
        ("caf\u{e9}", "cafe\u{301}"), ("a?c", "a/c"), ("[!a]", "a"), ("[!\u{21}-\u{10FFFF}]", "a"),
        // Both would mean names that no file has.
        ("a/[.]", "a/?"), ("a/.[.]", "a/??"), ("[.]/a", "**"), ("[.][.]/**", "**/a"),
    ])
    func `globs that mean no file in common do not meet`(one: String, two: String) throws {
        let (one, two) = (try Glob(parsing: one), try Glob(parsing: two))
        #expect(!one.meets(two) && !two.meets(one))
    }

    @Test(arguments: [
        ("src/a/**", "src/a/b/**"), ("src/", "src/*/a"), ("**", "a"), ("*.md", "**/README*"),
        ("a*", "*b"), ("[a-c]x", "[c-d]?"), ("[!a]", "[!b]"), ("a/**/b", "a/b"), ("a?", "[!.]b"),
        ("a/**/b/**", "**/c/d"), ("src/*/api.swift", "src/payments/**"), ("..a", "?.*"),
        ("[!a-z]/", "1/**"), ("[!\u{20}-\u{D7FF}]", "\u{E000}"), ("a", "a"),
    ])
    func `globs that mean a file in common meet`(one: String, two: String) throws {
        let (one, two) = (try Glob(parsing: one), try Glob(parsing: two))
        #expect(one.meets(two) && two.meets(one))
    }

    /// All patterns of up to three of these names against all paths of up to seven characters,
    /// which are enough to show a file that two such patterns share.
    @Test func `globs meet exactly when a path can be found that both match`() throws {
        let names = ["a", "b", "*", "?", "a*", "*b", "[!a]", "**"]
        var patterns = names.flatMap { one in names.map { "\(one)/\($0)" } } + names
        patterns += ["a/**/b", "**/a/**", "*/b/**", "a/*/b", "**/*/a", "**/ab", "a/", "**/b/"]
        let globs = try patterns.map { try Glob(parsing: $0) }
        let matched = globs.map { glob in
            Set(Self.paths.indices.filter { glob.matches(Self.paths[$0]) })
        }
        for (left, one) in globs.enumerated() {
            for (right, two) in globs.enumerated().dropFirst(left) {
                let hasPath = !matched[left].isDisjoint(with: matched[right])
                #expect(one.meets(two) == hasPath, "\(one) and \(two)")
                #expect(two.meets(one) == hasPath, "\(two) and \(one)")
            }
        }
    }

    private static let paths: [String] = {
        var (all, longest) = ([""], [""])
        for _ in 1...7 {
            longest = longest.flatMap { path in
                ["a", "b", "/"].filter { $0 != "/" || !(path.isEmpty || path.hasSuffix("/")) }
                    .map { path + $0 }
            }
            all += longest
        }
        return all.filter { !$0.isEmpty && !$0.hasSuffix("/") }
    }()

    @Test func `two patterns made to be slow are compared in the time that their lengths allow`()
        throws
    {
        let one = try Glob(parsing: String(repeating: "a*", count: 127) + "b")
        let two = try Glob(parsing: String(repeating: "*a", count: 127) + "c")
        #expect(!one.meets(two))
        let deep = try Glob(parsing: String(repeating: "**/a/", count: 40) + "b")
        #expect(try !deep.meets(Glob(parsing: String(repeating: "**/?/", count: 40) + "c")))
    }

    // MARK: Scopes

    private func scope(_ lists: [String]...) throws -> PathScope {
        PathScope(try lists.map { try $0.map { try Glob(parsing: $0) } })
    }

    @Test(arguments: ["README.md", "src/payments/", "src/payments/**", "a/b/*.c", "docs/a.md"])
    func `a file, or what lies two folders deep, is narrow`(pattern: String) throws {
        #expect(try scope([pattern]).isNarrow)
    }

    @Test(arguments: ["**", "*.md", "src/**", "src/", "src/*.c", "src/pay*", "**/a", "*/a/b", "?"])
    func `what leaves its first or second name open is wide`(pattern: String) throws {
        #expect(try !scope([pattern]).isNarrow)
        #expect(try !scope([pattern, "src/payments/"]).isNarrow, "one wide glob opens the list")
    }

    @Test func `one narrow list makes a scope narrow, and none makes it wide`() throws {
        #expect(try scope(["src/"], ["src/payments/"]).isNarrow)
        #expect(try scope(["src/payments/"], ["**"]).isNarrow)
        #expect(try !scope(["src/"], ["**/*.swift"]).isNarrow)
        #expect(try !scope().isNarrow)
        #expect(try !scope([]).isNarrow, "a list without globs sets no bound")
    }

    @Test func `scopes that share no file do not overlap, whichever list keeps them apart`() throws
    {
        let payments = try scope(["src/"], ["src/payments/**"])
        #expect(try payments.overlap(with: scope(["src/orders/**"])) == nil)
        #expect(try payments.overlap(with: scope(["src/payments/**"], ["docs/"])) == nil)
    }

    @Test func `an overlap names the narrow globs that meet`() throws {
        let one = try scope(["**"], ["docs/a.md", "src/payments/**"])
        let two = try scope(["src/"], ["src/payments/api/*.swift"])
        let overlap = one.overlap(with: two)
        #expect(overlap?.own.pattern == "src/payments/**")
        #expect(overlap?.others.pattern == "src/payments/api/*.swift")
    }

    @Test func `lists that meet in pairs count as an overlap, although no file is in all`() throws {
        let one = try scope(["src/a/x", "src/a/y"], ["src/a/y", "src/a/z"])
        let two = try scope(["src/a/x", "src/a/z"])
        #expect(one.overlap(with: two) != nil)
    }
}
