import Detection
import Testing

@Suite struct RedactorTests {
    /// Put together here, so that no scanner takes the tests for a leak.
    static let tokens: [(kind: String, text: String)] = [
        ("github-token", "gh" + "p_" + String(repeating: "a1B2", count: 9)),
        ("github-token", "github" + "_pat_" + String(repeating: "Ab1_", count: 12)),
        ("gitlab-token", "gl" + "pat-" + String(repeating: "x-9", count: 7)),
        ("api-key", "s" + "k-" + String(repeating: "k3y-", count: 8)),
        ("slack-token", "xo" + "xb-" + "1234567890-abcdef"),
        ("aws-key", "AK" + "IA" + "ABCDEFGHIJKLMNOP"),
        ("google-key", "AI" + "za" + String(repeating: "Zz9_-", count: 7)),
        (
            "private-key",
            "-----BEGIN " + "RSA PRIVATE KEY-----\nMIIE\n+/=\n"
        ),
    ]

    private func redact(_ parts: [[UInt8]], _ secrets: [KnownSecret]) -> String {
        var redactor = Redactor(secrets: secrets)
        var output: [UInt8] = []
        for part in parts { output += redactor.feed(part) }
        output += redactor.finish()
        return String(decoding: output, as: UTF8.self)
    }

    private func secret(_ name: String, _ value: String) throws -> KnownSecret {
        try #require(KnownSecret(name: name, value: value))
    }

    @Test func `a value under six bytes would be found everywhere and is not looked for`() {
        #expect(KnownSecret(name: "PIN", value: "12345") == nil)
        #expect(KnownSecret(name: "PIN", value: "123456") != nil)
    }

    @Test func `a secret is found wherever the stream is cut in two`() throws {
        let secrets = [try secret("KEY", "s3cr3t-value"), try secret("LONG", "s3cr3t-value-long")]
        for text in ["x s3cr3t-value y", "s3cr3t-value-long", "as3cr3t-values3cr3t-value-lon"] {
            let bytes = Array(text.utf8)
            let whole = redact([bytes], secrets)
            #expect(!whole.contains("s3cr3t-value"), "\(text)")
            for cut in 0...bytes.count {
                #expect(redact([Array(bytes[..<cut]), Array(bytes[cut...])], secrets) == whole)
            }
            #expect(redact(bytes.map { [$0] }, secrets) == whole)
        }
    }

    @Test(arguments: tokens)
    func `a known kind of token is found however the stream is cut`(
        kind: String,
        text: String
    ) {
        let bytes = Array("token=\(text)-----END x. done".utf8)
        let whole = redact([bytes], [])
        #expect(whole.contains("[redacted:\(kind)]"))
        #expect(!whole.contains(text.dropFirst(6)))
        for cut in 0...bytes.count {
            #expect(redact([Array(bytes[..<cut]), Array(bytes[cut...])], []) == whole)
        }
        #expect(redact(bytes.map { [$0] }, []) == whole)
    }

    @Test func `random cuts of random text change nothing`() throws {
        var random = SeededGenerator(state: 7)
        let secrets = [
            try secret("A", "abcabd"), try secret("B", "bcabda"), try secret("C", "aaaaaa"),
        ]
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                UInt8.random(in: 97...100, using: &random)
            }
            let whole = redact([bytes], secrets)
            var parts: [[UInt8]] = [[]]
            for byte in bytes {
                if Bool.random(using: &random) { parts.append([]) }
                parts[parts.count - 1].append(byte)
            }
            #expect(redact(parts, secrets) == whole)
            for value in ["abcabd", "bcabda", "aaaaaa"] { #expect(!whole.contains(value)) }
        }
    }

    @Test func `values that overlap leave nothing of either`() throws {
        let secrets = [try secret("A", "abcdefgh"), try secret("B", "efghijkl")]
        #expect(redact([Array("abcdefghijkl.".utf8)], secrets) == "[redacted:A].")
    }

    @Test func `ordinary words that begin like a token stay`() {
        for text in [
            "task-force-of-the-nineteen-eighties", "sk-short", "AKIA", "risk-", "-----BEGIN",
        ] {
            #expect(redact([Array(text.utf8)], []) == text)
        }
    }

    @Test func `bytes that are no text pass as they are`() {
        let bytes: [UInt8] = [0, 0xFF, 0xFE, 10, 13, 0x80]
        var redactor = Redactor()
        #expect(redactor.feed(bytes) + redactor.finish() == bytes)
    }
}

@Suite struct SecretScanTests {
    private let token = RedactorTests.tokens[0].text

    private func patch(_ lines: String) -> [UInt8] {
        Array(
            """
            diff --git a/conf/x.txt b/conf/x.txt
            index 1..2 100644
            --- a/conf/x.txt
            +++ b/conf/x.txt
            \(lines)
            """.utf8
        )
    }

    @Test func `an added secret is named by file and line, never by value`() {
        let findings = SecretScan.findings(
            inPatch: patch("@@ -1,2 +1,3 @@\n a\n+key: \(token)\n b\n"),
            secrets: []
        )
        #expect(findings.map(\.description) == ["conf/x.txt:2: github-token"])
    }

    @Test func `a secret that goes away, or was there before, is no finding`() {
        let lines = "@@ -1,2 +1,1 @@\n-key: \(token)\n \(token)\n"
        #expect(SecretScan.findings(inPatch: patch(lines), secrets: []).isEmpty)
    }

    @Test func `an added line that looks like a header is still an added line`() {
        let lines = "@@ -0,0 +1,2 @@\n+++ b/other\n+x \(token)\n"
        let findings = SecretScan.findings(inPatch: patch(lines), secrets: [])
        #expect(findings.map(\.description) == ["conf/x.txt:2: github-token"])
    }

    @Test func `a value with a line break is found across added lines`() throws {
        let secret = try #require(KnownSecret(name: "CERT", value: "first\nsecond"))
        let lines = "@@ -0,0 +7,2 @@\n+first\n+second\n"
        let findings = SecretScan.findings(inPatch: patch(lines), secrets: [secret])
        #expect(findings.map(\.description) == ["conf/x.txt:7: CERT"])
    }
}

private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}
