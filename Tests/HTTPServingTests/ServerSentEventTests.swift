import HTTPServing
import Testing

@Suite struct ServerSentEventTests {
    private func parsed(_ text: String) -> [ServerSentEvent] {
        var parser = ServerSentEventParser()
        return parser.feed(Array(text.utf8))
    }

    @Test func `an event that is not ended is not given`() {
        #expect(parsed("data: a\n").isEmpty)
        #expect(parsed("event: x\n\n").isEmpty, "without data there is no event")
    }

    @Test func `what is too long stops the parser`() {
        var parser = ServerSentEventParser(limit: 100)
        #expect(parser.feed([UInt8](repeating: 0x61, count: 101)).isEmpty)
        #expect(parser.hasOverflowed)
        #expect(parser.feed(Array("\n\ndata: a\n\n".utf8)).isEmpty)
    }

    @Test(arguments: [
        ("data: a\n\n", ["a"]), ("data:a\n\n", ["a"]), ("data:  a\n\n", [" a"]),
        ("data: a\r\ndata: b\r\n\r\n", ["a\nb"]), ("data\n\n", [""]),
        ("data: a\ndata: b\n\n", ["a\nb"]), (": note\ndata: a\n\n", ["a"]),
        ("data: a\r\n\r\ndata: b\r\rdata: c\n\n", ["a", "b", "c"]),
        ("\u{FEFF}data: a\n\n", ["a"]), ("unknown: x\ndata: a\n\n", ["a"]),
        ("data: a: b\n\n", ["a: b"]), ("Data: x\ndata: a\n\n", ["a"]),
    ])
    func `fields are read as the standard says`(text: String, data: [String]) {
        #expect(parsed(text).map(\.data) == data)
    }

    @Test func `ids stay, kinds do not, and retry is digits only`() {
        var parser = ServerSentEventParser(lastEventID: "3")
        let text = "retry: 50\nid: 4\nevent: e\ndata: a\n\ndata: b\n\nid: x\0y\nretry: 5s\n\n"
        let events = parser.feed(Array(text.utf8))
        #expect(
            events == [
                ServerSentEvent(id: "4", event: "e", data: "a"),
                ServerSentEvent(id: "4", event: "message", data: "b"),
            ]
        )
        #expect(parser.lastEventID == "4")
        #expect(parser.retry == .milliseconds(50))
    }

    @Test func `a line break in an id forges no field`() {
        let bytes = ServerSentEvent(id: "1\ndata: forged", event: "a\r\nid: 9", data: "x").encoded
        #expect(String(decoding: bytes, as: UTF8.self) == "id: 1\nevent: a\ndata: x\n\n")
    }

    /// However a stream is cut into parts and whatever line ends it has, it says the same.
    @Test func `parts and line ends make no difference`() {
        let pieces = ["a", " ", ":", "é", "日本", "🙂", "data", "", "x: y", "\n", "{\"k\":1}"]
        for seed in UInt64(1)...2_000 {
            var random = SeededRandom(seed: seed)
            let events = (0..<Int.random(in: 0...6, using: &random)).map { index in
                ServerSentEvent(
                    id: "\(index)",
                    event: Bool.random(using: &random) ? "message" : "kind",
                    data: (0..<Int.random(in: 0...8, using: &random))
                        .compactMap { _ in pieces.randomElement(using: &random) }.joined()
                )
            }
            let bytes = Self.written(events, using: &random)
            var parser = ServerSentEventParser()
            var found: [ServerSentEvent] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...min(7, rest.count), using: &random)
                found += parser.feed(rest.prefix(count))
                rest = rest.dropFirst(count)
            }
            #expect(found == events, "seed \(seed)")
        }
    }

    /// The events with comments between them and any mixture of line ends.
    private static func written(
        _ events: [ServerSentEvent],
        using random: inout SeededRandom
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        for event in events {
            if Bool.random(using: &random) { bytes += ServerSentEvent.comment("note") }
            bytes += event.encoded
        }
        var mixed: [UInt8] = []
        for byte in bytes {
            let ends: [[UInt8]] = [[10], [13], [13, 10]]
            var end = ends.randomElement(using: &random) ?? [10]
            // An LF right after a lone CR would be the rest of that line end.
            if mixed.last == 13, end == [10] { end = [13] }
            mixed += byte == 10 ? end : [byte]
        }
        return mixed
    }
}
