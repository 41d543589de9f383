import FleetModel
import FleetTesting
import Testing

@testable import Coordinator

struct EventCodecTests {
    private let salt: [UInt8] = [1, 2, 3]

    @Test(arguments: [
        "", "{}", "null", "[]", "{\"position\":1}", "not json", "{\"position\":-1}",
    ])
    func `A line that is no event is a typed fault`(line: String) {
        #expect(throws: EventCodingFault.self) { try EventCodec.event(of: Array(line.utf8)) }
    }

    @Test func `A line cut anywhere is a typed fault, and never a shorter event`() throws {
        let line = try EventCodec.line(
            .example(.fleetResumed(Reason("over")), isBare: true),
            salt: salt
        )
        for length in 0..<line.count {
            #expect(throws: EventCodingFault.self) { try EventCodec.event(of: line[..<length]) }
        }
    }

    @Test func `A kind of a newer version is a fault that shows the kind`() throws {
        let line = try text(.example(.fleetResumed(Reason("over")), isBare: true))
            .replacing("fleet.resumed", with: "fleet.dreamt")
        let fault = #expect(throws: EventCodingFault.self) {
            try EventCodec.event(of: Array(line.utf8))
        }
        #expect(fault?.why.contains("fleet.dreamt") == true)
    }

    @Test func `Bytes that are not UTF-8 are a typed fault`() {
        #expect(throws: EventCodingFault.self) { try EventCodec.event(of: [0xFF, 0xFE, 0x7B]) }
    }

    @Test func `There is an example of every kind`() {
        #expect(Set(EventBody.examples().map(\.kind)) == Set(EventKind.allCases))
    }

    @Test(arguments: EventBody.examples(), [true, false])
    func `Every kind comes back from its line as it was`(body: EventBody, isBare: Bool) throws {
        let event = Event.example(body, isBare: isBare)
        let line = try EventCodec.line(event, salt: salt)
        #expect(try EventCodec.event(of: line) == event)
        #expect(!line.contains(UInt8(ascii: "\n")), "one event is one line")
        #expect(!line.contains(UInt8(ascii: "\r")))
    }

    @Test(arguments: EventBody.examples())
    func `The body's hash is over the salt and the body's exact bytes`(body: EventBody) throws {
        let line = try text(.example(body))
        let hash = try value(of: "bodyHash", in: line)
        let own = try #require(Hexadecimal.bytes(of: value(of: "salt", in: line)))
        let start = try #require(line.firstRange(of: ",\"body\":")).upperBound
        let bytes = Array(line[start...].utf8.dropLast())
        #expect(Digest(sha256: own + bytes).hex == hash)
        #expect(own == Digest(sha256: salt + Array("1".utf8)).bytes)
    }

    @Test func `Equal bodies of one command have different hashes`() throws {
        let body = EventBody.factoryLate(Reason("silent"))
        let first = try text(.example(body, position: 1))
        let second = try text(.example(body, position: 2))
        #expect(try value(of: "salt", in: first) != value(of: "salt", in: second))
        #expect(try value(of: "bodyHash", in: first) != value(of: "bodyHash", in: second))
    }

    @Test func `Equal events of two commands have different hashes`() throws {
        let event = Event.example(.factoryLate(Reason("silent")))
        let other = String(decoding: try EventCodec.line(event, salt: [9]), as: UTF8.self)
        #expect(try value(of: "bodyHash", in: text(event)) != value(of: "bodyHash", in: other))
    }

    @Test(arguments: EventBody.examples())
    func `The envelope's hash is over all that stands before it`(body: EventBody) throws {
        let line = try text(.example(body))
        let envelope = line[..<(try #require(line.firstRange(of: ",\"envelopeHash\"")).lowerBound)]
        #expect(envelope.contains("\"bodyHash\":"))
        #expect(Digest(sha256: String(envelope)).hex == (try value(of: "envelopeHash", in: line)))
    }

    @Test func `Each flipped bit of a line is found`() throws {
        let line = try EventCodec.line(.example(.fleetResumed(Reason("over"))), salt: salt)
        var isSealed = false
        _ = try EventCodec.verifiedEvent(of: line, at: 1, isSealed: &isSealed)
        #expect(isSealed)
        for bit in 0..<(8 * line.count) {
            var flipped = line
            flipped[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: EventCodingFault.self, "bit \(bit)") {
                try EventCodec.verifiedEvent(of: flipped, at: 1, isSealed: &isSealed)
            }
        }
    }

    @Test func `Older lines have no hash of the envelope, and come before those that do`() throws {
        let line = try text(.example(.fleetResumed(Reason("over"))))
        let hash = try value(of: "envelopeHash", in: line)
        let older = Array(line.replacing(",\"envelopeHash\":\"\(hash)\"", with: "").utf8)
        var isSealed = false
        _ = try EventCodec.verifiedEvent(of: older, at: 1, isSealed: &isSealed)
        #expect(!isSealed)
        _ = try EventCodec.verifiedEvent(of: Array(line.utf8), at: 1, isSealed: &isSealed)
        #expect(throws: EventCodingFault.self) {
            try EventCodec.verifiedEvent(of: older, at: 1, isSealed: &isSealed)
        }
    }

    @Test func `A packed batch is read line by line`() throws {
        let events = EventBody.examples().enumerated().map { index, body in
            Event.example(body, position: UInt64(index) + 1)
        }
        let lines = try events.map { try EventCodec.line($0, salt: salt) }
        let packed = EventCodec.packed(lines)
        #expect(try EventCodec.lines(of: packed).map { try EventCodec.event(of: $0) } == events)
    }

    private func text(_ event: Event) throws -> String {
        String(decoding: try EventCodec.line(event, salt: salt), as: UTF8.self)
    }

    private func value(of name: String, in line: String) throws -> String {
        let start = try #require(line.firstRange(of: "\"\(name)\":\"")).upperBound
        return String(line[start...].prefix { $0 != "\"" })
    }
}
