import FleetModel
import Manifests
import Testing

@Suite struct JobFileTests {
    private static func errors(_ text: String) -> [ManifestError] {
        JobFile.parse(Array(text.utf8), path: "inbox/a.md").errors
    }

    private static func file(_ text: String) throws -> JobFile {
        let result = JobFile.parse(Array(text.utf8), path: "inbox/a.md")
        return try #require(result.file, "\(result.errors)")
    }

    @Test func `an error prints as one line and one hint`() {
        let error = Self.errors("---\npriority: hihg\n---\nWork").first
        #expect(
            error?.description == """
                inbox/a.md:2:11: priority is "hihg"; expected critical, high, medium or low
                hint: write high
                """
        )
    }

    @Test func `a file over one mebibyte is refused, and one of just that size is not`() {
        let most = Array(repeating: UInt8(ascii: "a"), count: 1 << 20)
        #expect(JobFile.parse(most, path: "a.md").file != nil)
        let errors = JobFile.parse(most + [0x61], path: "a.md").errors
        #expect(errors.first?.message.contains("1048577 bytes") == true)
    }

    @Test func `a value over 64 KiB is refused, and one of just that size is not`() {
        let most = String(repeating: "a", count: 65_536)
        #expect(Self.errors("---\nverify: \(most)\n---\n").isEmpty)
        let error = Self.errors("---\nverify: \(most)a\nlock: [a]\n---\n")
        #expect(error.map(\.line) == [2, 3])
        #expect(error.first?.message.contains("65537 bytes") == true)
    }

    @Test func `more than a thousand dependencies are refused`() {
        func deps(_ count: Int) -> String {
            "---\ndeps: [\((1...count).map { "job-\($0)" }.joined(separator: ", "))]\n---\n"
        }
        #expect(Self.errors(deps(1000)).isEmpty)
        #expect(Self.errors(deps(1001)).first?.message.contains("1001 items") == true)
    }

    @Test func `more than a hundred globs are refused`() {
        let globs = (0...100).map { "a\($0)" }.joined(separator: ", ")
        #expect(Self.errors("---\nallowed-scope: [\(globs)]\n---\n").count == 1)
    }

    @Test(arguments: [
        ("lock", 128), ("idempotency-key", 128), ("tracker-item", 128), ("profile", 64),
        ("engine", 64), ("product", 64),
    ])
    func `a name may have its length and not one more`(field: String, length: Int) {
        // Only an engine of one's own has a name that is not known.
        let name =
            (field == "engine" ? "command:" : "") + String(repeating: "a", count: length)
        #expect(Self.errors("---\n\(field): \(name)\n---\n").isEmpty)
        #expect(Self.errors("---\n\(field): \(name)a\n---\n").count == 1)
    }

    @Test(arguments: [
        ("timeout", "1s", "30d"), ("value", "0", "1000000000"), ("retry", "{max: 0}", "{max: 10}"),
        ("budget", "{usd: 0}", "{usd: 1000000.000000}"),
        ("budget", "{tokens: 0}", "{tokens: 1000G}"),
        ("budget", "{wall: 1s}", "{wall: 30d}"), ("value", "0.001", "999999999.999"),
    ])
    func `both ends of a range are taken`(field: String, least: String, most: String) {
        #expect(Self.errors("---\n\(field): \(least)\n---\n").isEmpty)
        #expect(Self.errors("---\n\(field): \(most)\n---\n").isEmpty)
    }

    @Test(arguments: [
        ("timeout", "0s"), ("timeout", "30d1s"), ("timeout", "1m1h"), ("timeout", "1m1m"),
        ("timeout", "-5m"), ("timeout", "1.5h"), ("timeout", "99999999999999999999s"),
        ("value", "1000000000.001"), ("value", "-1"), ("value", "1e3"), ("value", "nan"),
        ("value", "0.0001"), ("retry", "{max: 11}"), ("retry", "{max: -1}"),
        ("budget", "{usd: 1000000.000001}"), ("budget", "{usd: -0}"), ("budget", "{usd: .5}"),
        ("budget", "{tokens: 1000000000001}"), ("budget", "{tokens: 2m}"),
        ("budget", "{tokens: 99999999999999999999}"), ("deadline", "2026-02-30T10:00:00Z"),
        ("deadline", "2026-11-20T10:00:00"), ("deadline", "2026-11-20T24:00:00Z"),
    ])
    func `what is beyond a range, or another form, is refused`(field: String, value: String) {
        #expect(Self.errors("---\n\(field): \(value)\n---\n").count == 1)
    }

    @Test(arguments: [
        ("2026-11-20T10:00:00Z", 1_795_168_800), ("2026-11-20 11:00+01:00", 1_795_168_800),
        ("2026-11-20T04:30:00-0530", 1_795_168_800), ("1970-01-01T00:00Z", 0),
        ("2028-02-29T23:59:59Z", 1_835_481_599),
    ])
    func `a time is an instant whatever its zone`(text: String, seconds: Int64) throws {
        let deadline = try Self.file("---\ndeadline: \(text)\n---\n").manifest.deadline
        #expect(deadline == .at(Instant(milliseconds: seconds * 1000)))
        let instant = Instant(milliseconds: seconds * 1000)
        #expect(InstantText.instant(InstantText.text(instant)) == instant)
    }

    @Test(arguments: [
        "reviewers:[@alice, @bob]", "{reviewers: [alice, \"@bob\"]}", "{reviewers: [alice, bob]}",
        "reviewers:[alice,bob]", "reviewers:[@alice, @bob], quorum:2",
    ])
    func `reviewers are the same in each of their forms`(text: String) throws {
        let file = try Self.file("---\nreview-policy: \(text)\n---\n")
        #expect(file.manifest.reviewPolicy == .reviewers(["alice", "bob"], quorum: 2))
    }

    @Test(arguments: [
        "reviewers:[]", "reviewers:[@a, @a]", "reviewers:[@a", "reviewers:[@a], quorum:2",
        "{reviewers: [a], quorum: 0}", "{reviewers: []}", "{quorum: 1}", "reviewers:[@a] x", "Auto",
    ])
    func `reviewers that nobody could fulfil are refused`(text: String) {
        let bytes = Array("---\nreview-policy: \(text)\n---\n".utf8)
        #expect(!JobFile.parse(bytes, path: "a.md").errors.isEmpty)
    }

    @Test(arguments: [
        ("yes", true), ("YES", true), ("on", true), ("True", true), ("no", false), ("off", false),
        ("\"false\"", false),
    ])
    func `yolo is written as people write it`(text: String, value: Bool) throws {
        #expect(try Self.file("---\nyolo: \(text)\n---\n").manifest.yolo == value)
    }

    @Test(arguments: [
        ("# One\n\n# Two", "One"), ("text\n## Second ##\n", "Second"),
        ("only text\nmore", "only text"),
        ("```sh\n# no heading\nmake\n```\n# Heading", "Heading"),
        ("~~~~\n# a\n~~~\n~~~~\n# b", "b"),
        ("#hashtag\n", "#hashtag"), ("\n\n  spaced  \n", "spaced"),
        ("####### seven", "####### seven"),
        ("", "a"), ("# \n", "#"), ("# C#", "C#"), ("```sh\n```\n", "a"),
    ])
    func `a title comes from the first heading, else the first line, else the file`(
        prompt: String,
        title: String
    ) {
        #expect(JobTitle.derived(from: prompt, path: "inbox/a.md") == title)
    }

    @Test func `the same job written differently has one hash, and another job has another`() throws
    {
        func hash(_ text: String) throws -> String {
            let file = try Self.file(text)
            return ContentHash.digest(file.manifest, prompt: file.prompt).hex
        }
        let one = try hash("---\ntimeout: 60m\nlabels: [a]\nlock: \"x\"\n---\n\nWork\n")
        #expect(
            try hash("---\r\nlock: x\r\ntimeout: 1h\r\nlabels:\r\n- a\r\n---\r\nWork\r\n") == one
        )
        #expect(try hash("---\nlock: x\ntimeout: 1h\nlabels: a\n---\nWork!\n") != one)
        #expect(try hash("---\nlock: x\ntimeout: 1h\n---\nWork\n") != one)
        #expect(
            try hash("---\nlock: x\ntimeout: 1h\nlabels: a\npriority: medium\n---\nWork\n") != one
        )
    }

    @Test func `the retry of the default is as if it were not spelt out`() throws {
        let bare = try Self.file("---\nretry: {max: 3}\n---\n")
        let spelt = try Self.file("---\nretry: {max: 3, backoff: 60s}\n---\n")
        #expect(
            ContentHash.canonicalBytes(bare.manifest, prompt: "")
                == ContentHash.canonicalBytes(spelt.manifest, prompt: "")
        )
    }

    @Test(arguments: 0..<400) func `no bytes crash it, and each error has a place`(seed: Int) {
        let seeds = [
            "---\nverify: \"a: b\" c: d\ntitle: 'x\n---\n", "---\n? [a\n: {b\n---\n",
            "---\nengine: shell\ncwd: /a\n  b: c\n---\n# x",
            "---\nlabels: [a, \"\\x41\", |\n  b]\n---\n",
        ]
        var bytes = Array(seeds[seed % seeds.count].utf8)
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        for _ in 0..<(seed % 7 + 1) {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            let place = Int(state % UInt64(bytes.count))
            let alphabet = Array("\n\t '\"[]{}:,#&*!|>%@-?a\\\u{7}\u{2028}".utf8) + [0xFF, 0xC3]
            let byte = alphabet[Int(state >> 32) % alphabet.count]
            if state & 1 == 0 { bytes[place] = byte } else { bytes.insert(byte, at: place) }
        }
        for error in JobFile.parse(bytes, path: "a.md").errors {
            #expect(error.line >= 1 && error.column >= 1)
            #expect(!error.message.contains("\n") && error.hint?.contains("\n") != true)
        }
    }
}
