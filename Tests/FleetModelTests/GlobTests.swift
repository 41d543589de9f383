import FleetModel
import Foundation
import Testing

@Suite struct GlobTests {
    @Test(arguments: [
        "", "/etc", "../x", "a/../b", "./a", "a//b", "a{b,c}", "src/**.swift", "a**", "***", "[a",
        "[", "[]", "[!]", "[a/b]", "[z-a]", "a\\", "!a", "a\u{7}",
        String(repeating: "a", count: 257),
    ])
    func `what is no glob is refused with a reason`(pattern: String) {
        let fault = #expect(throws: GlobFault.self) { try Glob(parsing: pattern) }
        #expect(fault?.what.isEmpty == false)
    }

    @Test(arguments: [
        ("src/", "src"), ("src/", "srcs/a"), ("src/", "lib/src/a"), ("src", "src/a"),
        ("*", "a/b"), ("*.md", "docs/a.md"), ("a?c", "a/c"), ("a[!b]c", "a/c"), ("a?c", "ac"),
        ("src/*", "src/a/b"), ("src/**", "src"), ("**/a", "ba"), ("a/**/b", "ab"), ("A", "a"),
        ("**", "/etc/passwd"), ("**", "../x"), ("**", "a/../../x"), ("**", ""), ("[0-9]", "a"),
        ("src/**/a", "src/ba"), ("src/", "../src/a"), ("a", "a/"), ("caf\u{e9}", "cafe\u{301}"),
    ])
    func `a path that is not meant does not match`(pattern: String, path: String) throws {
        #expect(try !Glob(parsing: pattern).matches(path))
    }

    @Test(arguments: [
        ("src/", "src/a"), ("src/", "src/a/b/c"), ("src/**", "src/a/b"), ("src/**/", "src/a/b"),
        ("**", "a/b"), ("**/a", "a"), ("**/a", "x/y/a"), ("a/**/b", "a/b"), ("a/**/b", "a/x/y/b"),
        ("**/*.swift", "a.swift"), ("**/*.swift", "x/y/a.swift"), ("*.md", "a.md"), ("*", ".env"),
        ("a*b*c", "axxbyyc"), ("a?c", "aéc"), ("[a-c]x", "bx"), ("[!a-c]x", "dx"), ("[]a]", "]"),
        ("[a-]", "-"), ("[\\]]", "]"), ("\\*", "*"), ("\\{a\\}", "{a}"), ("\\!a", "!a"),
        ("**/test/**", "a/test/b"), ("**/**/a", "a"), ("src/*/", "src/a/b"), ("a\\[b", "a[b"),
    ])
    func `a path that is meant matches`(pattern: String, path: String) throws {
        #expect(try Glob(parsing: pattern).matches(path))
        #expect(try Glob(parsing: pattern).matches(bytes: Array(path.utf8)))
    }

    @Test func `bytes that are no text match a star and nothing that is written out`() throws {
        let path: [UInt8] = Array("src/".utf8) + [0xFF, 0xFE]
        #expect(try Glob(parsing: "src/").matches(bytes: path))
        #expect(try !Glob(parsing: "src/a").matches(bytes: path))
    }

    @Test func `a pattern made to be slow takes no longer than its length allows`() throws {
        let glob = try Glob(parsing: String(repeating: "a*", count: 127) + "b")
        let path = String(repeating: "a", count: 2000)
        // A matcher that tries every way would need more time than the universe has.
        #expect(!glob.matches(path))
        let folders = try Glob(parsing: String(repeating: "**/a/", count: 40) + "b")
        #expect(!folders.matches(String(repeating: "a/", count: 300) + "c"))
    }

    @Test(arguments: 0..<300)
    func `a random glob agrees with a plain search through every way`(seed: Int) throws {
        var random = Sequence64(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1)
        let parts = ["a", "b", "*", "?", "[ab]", "[!a]", "/", "**/", "/**/"]
        let pattern = (0..<random.below(6)).map { _ in parts[random.below(parts.count)] }.joined()
        guard let glob = try? Glob(parsing: pattern) else { return }
        for _ in 0..<60 {
            let letters = ["a", "b", "c", "/"]
            let path = (0..<random.below(8)).map { _ in letters[random.below(4)] }.joined()
            guard !path.isEmpty, !path.hasPrefix("/") else { continue }
            let wanted = PlainSearch.matches(Array(pattern), Array(path))
            #expect(glob.matches(path) == wanted, "\(pattern) on \(path)")
        }
    }

    @Test func `a stored glob is checked when it is read`() {
        #expect(throws: (any Error).self) {
            try TextDecoder.decode(Glob.self, from: "/etc")
        }
        #expect(throws: Never.self) { try TextDecoder.decode(Glob.self, from: "src/") }
    }
}

@Suite struct PathScopeTests {
    private static func globs(_ patterns: String...) throws -> [Glob] {
        try patterns.map { try Glob(parsing: $0) }
    }

    @Test func `a job cannot widen its profile's scope`() throws {
        let scope = PathScope([try Self.globs("src/")]).narrowed(by: try Self.globs("**"))
        #expect(scope.allows("src/a"))
        #expect(!scope.allows("docs/a"))
        #expect(scope.violations(of: ["src/a", "docs/b", "c"]) == ["docs/b", "c"])
    }

    @Test func `a path must satisfy every list`() throws {
        let scope = PathScope([try Self.globs("src/", "docs/"), try Self.globs("**/*.md")])
        #expect(scope.allows("docs/a.md"))
        #expect(!scope.allows("docs/a.txt"))
        #expect(!scope.allows("a.md"))
    }

    @Test func `a list without globs sets no bound`() {
        #expect(PathScope([[], []]).allows("anything/at/all"))
    }

    @Test(arguments: 0..<50) func `narrowing never allows more`(seed: Int) throws {
        var random = Sequence64(state: UInt64(seed) &* 77 + 5)
        let patterns = ["a/", "b/", "**", "*", "**/x", "a/*", "?/**/y"]
        func some() throws -> [Glob] {
            try (0..<random.below(3)).map { _ in
                try Glob(parsing: patterns[random.below(patterns.count)])
            }
        }
        let wide = PathScope([try some()])
        let narrow = wide.narrowed(by: try some())
        for path in ["a/x", "b/y", "x", "c/d/y", "a/b/c/x", "y"] where narrow.allows(path) {
            #expect(wide.allows(path))
        }
    }
}

/// The rules once more, the slow and plain way.
private enum PlainSearch {
    static func matches(_ pattern: [Character], _ path: [Character]) -> Bool {
        var pattern = pattern[...]
        if pattern.last == "/" { pattern += ["*", "*"] }
        return match(pattern, path[...], atStart: true)
    }

    private static func match(
        _ pattern: ArraySlice<Character>,
        _ path: ArraySlice<Character>,
        atStart: Bool
    ) -> Bool {
        guard let first = pattern.first else { return path.isEmpty }
        if atStart, pattern.starts(with: ["*", "*"]) {
            let rest = pattern.dropFirst(2)
            if rest.isEmpty || rest.elementsEqual(["/", "*", "*"]) { return !path.isEmpty }
            var tail = path
            while true {
                if match(rest.dropFirst(), tail, atStart: true) { return true }
                guard let slash = tail.firstIndex(of: "/") else { return false }
                tail = tail[(slash + 1)...]
            }
        }
        if first == "*" {
            if match(pattern.dropFirst(), path, atStart: false) { return true }
            guard let next = path.first, next != "/" else { return false }
            return match(pattern, path.dropFirst(), atStart: false)
        }
        guard let next = path.first else { return false }
        if first == "[", let end = pattern.firstIndex(of: "]") {
            let letters = pattern[pattern.startIndex + 1..<end]
            let isNegated = letters.first == "!"
            guard next != "/", letters.dropFirst(isNegated ? 1 : 0).contains(next) != isNegated
            else { return false }
            return match(pattern[(end + 1)...], path.dropFirst(), atStart: false)
        }
        guard first == next || first == "?" && next != "/" else { return false }
        return match(pattern.dropFirst(), path.dropFirst(), atStart: next == "/")
    }
}

private struct Sequence64 {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(bound))
    }
}

private enum TextDecoder {
    static func decode<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
        try JSONDecoder().decode([Value].self, from: Data("[\"\(text)\"]".utf8))[0]
    }
}
