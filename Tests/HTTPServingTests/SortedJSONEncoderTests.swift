import Foundation
import Testing

@testable import HTTPServing

/// The encoder of hot paths gives the bytes that Foundation's gives: hashes and rows rest on them.
@Suite struct SortedJSONEncoderTests {
    private func foundation(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private func ours(_ value: some Encodable) throws -> String {
        String(decoding: try SortedJSONEncoder.bytes(value), as: UTF8.self)
    }

    private func agree(_ value: some Encodable, _ place: SourceLocation = #_sourceLocation) throws {
        #expect(try ours(value) == foundation(value), sourceLocation: place)
    }

    @Test func `Each character of a text is written alike`() throws {
        for scalar in (0...0x2FF).compactMap(Unicode.Scalar.init) { try agree("a\(scalar)b") }
        try agree("\u{2028}\u{2029}\u{FFFD}\u{1F600}e\u{301}/\\\"")
        try agree("")
    }

    @Test func `Numbers to their last digit`() throws {
        try agree([Int64.min, -1, 0, 1, 10, 100, Int64.max])
        try agree([UInt64.max, 0])
        try agree([UInt8.max, 7])
        try agree([Int8.min, 9])
        try agree([0.0, -0.0, 1, 1.5, -2.25, 1e15, 1e16, 1e-7, 123_456_789.125, .pi, 1e300])
        try agree([Float(0.1), 3])
    }

    @Test func `Values of Foundation's own types`() throws {
        let small = try #require(Decimal(string: "0.00000000000000000012"))
        let large = try #require(Decimal(string: "-98765432109876543210.5"))
        try agree([Decimal(1), 0, -7, small, large])
        try agree(Decimal(12))
        try agree(["bytes": Data([0xFF, 0xEF, 0xFE, 0])])
        try agree([URL(string: "https://example.test/a?b=c")])
        try agree([Date(timeIntervalSinceReferenceDate: 1.25)])
    }

    @Test func `A number that is not finite is a fault`() {
        for number in [Double.nan, .infinity, -.infinity] {
            #expect(throws: EncodingError.self) { try SortedJSONEncoder.bytes([number]) }
            #expect(throws: EncodingError.self) { try SortedJSONEncoder.bytes(["a": number]) }
        }
        #expect(throws: EncodingError.self) { try SortedJSONEncoder.bytes([Decimal.nan]) }
    }

    @Test func `Plain values, nothing and empty things`() throws {
        try agree(true)
        try agree("text")
        try agree(-7)
        try agree(Int?.none)
        try agree([Int?.none, 1])
        try agree([String]())
        try agree([String: Int]())
        try agree([[String: [Int]]]())
        try agree(["": ["": ""]])
        try agree([Silent(), Silent()])
        try agree(["a": Silent()])
        #expect(throws: EncodingError.self) { try SortedJSONEncoder.bytes(Silent()) }
    }

    @Test func `Keys are sorted by their UTF-8, whatever their alphabet`() throws {
        let keys = ["b", "a", "B", "ab", "a.b", "a-b", "é", "z", "ä", "😀", "\u{FFFD}", "10", "9"]
        try agree(Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, $0) }))
    }

    @Test func `Nested containers end when their parent does, however they were filled`() throws {
        try agree(Interleaved())
        try agree([Interleaved(), Interleaved()])
    }

    @Test func `A key that is written twice keeps its last value`() throws {
        #expect(try ours(Twice()) == #"{"a":2,"b":3}"#)
        try agree(Twice())
    }

    @Test func `Enumerations with values and subclasses`() throws {
        try agree([Shape.dot, .circle(radius: 3), .named("x", 4)])
        try agree(["z": Shape.named("x", 4), "a": .circle(radius: 3)])
        try agree(Child())
        try agree(["b": Orphan(), "a": Orphan()])
    }

    @Test(arguments: 0..<500)
    func `Any tree of values`(seed: Int) throws {
        var random = Chance(state: UInt64(seed) + 1)
        try agree(Tree(depth: 4, &random))
    }
}

/// Xorshift, by Marsaglia: the same numbers for the same seed.
private struct Chance {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

private struct Silent: Encodable {
    func encode(to encoder: any Encoder) throws {}
}

private struct Twice: Encodable {
    enum Key: String, CodingKey { case a, b }
    func encode(to encoder: any Encoder) throws {
        var first = encoder.container(keyedBy: Key.self)
        try first.encode(1, forKey: .a)
        try first.encode(3, forKey: .b)
        var second = encoder.container(keyedBy: Key.self)
        try second.encode(2, forKey: .a)
    }
}

private struct Interleaved: Encodable {
    enum Key: String, CodingKey { case z, list, object, a }
    func encode(to encoder: any Encoder) throws {
        var own = encoder.container(keyedBy: Key.self)
        var list = own.nestedUnkeyedContainer(forKey: .list)
        var object = own.nestedContainer(keyedBy: Key.self, forKey: .object)
        try own.encode("first", forKey: .z)
        try list.encode(1)
        try object.encode([1, 2], forKey: .z)
        var deeper = list.nestedContainer(keyedBy: Key.self)
        try own.encodeNil(forKey: .a)
        try list.encode("end")
        try deeper.encode(true, forKey: .a)
        try list.encodeNil()
        try object.encode("a", forKey: .a)
    }
}

private enum Shape: Encodable {
    case dot
    case circle(radius: Int)
    case named(String, Int)
}

private class Parent: Encodable {
    let own = "parent"
}

private final class Child: Parent {
    let more = [1, 2]
    enum Key: String, CodingKey { case more }
    override func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(more, forKey: .more)
        try super.encode(to: container.superEncoder())
    }
}

private struct Orphan: Encodable {
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Twice.Key.self)
        _ = container.superEncoder()
        _ = container.superEncoder(forKey: .b)
        try container.encode([Silent()], forKey: .a)
    }
}

private indirect enum Tree: Encodable {
    case text(String), whole(Int64), flag(Bool), none
    case list([Tree])
    case object([String: Tree])

    init(depth: Int, _ random: inout Chance) {
        let kinds: UInt64 = depth > 0 ? 6 : 4
        switch random.next() % kinds {
        case 0: self = .text(Self.text(&random))
        case 1: self = .whole(Int64(bitPattern: random.next()))
        case 2: self = .flag(random.next() % 2 == 0)
        case 3: self = .none
        case 4: self = .list((0..<random.next() % 5).map { _ in Tree(depth: depth - 1, &random) })
        default:
            var members: [String: Tree] = [:]
            for _ in 0..<random.next() % 6 {
                members[Self.text(&random)] = Tree(depth: depth - 1, &random)
            }
            self = .object(members)
        }
    }

    private static func text(_ random: inout Chance) -> String {
        let letters = Array("abcXYZ019 _-/\\\"\n\t\u{1}\u{7F}é漢😀")
        return String(
            (0..<random.next() % 12).map { _ in letters[Int(random.next() % UInt64(letters.count))]
            }
        )
    }

    func encode(to encoder: any Encoder) throws {
        var plain = encoder.singleValueContainer()
        switch self {
        case .text(let text): try plain.encode(text)
        case .whole(let number): try plain.encode(number)
        case .flag(let flag): try plain.encode(flag)
        case .none: try plain.encodeNil()
        case .list(let list): try plain.encode(list)
        case .object(let members): try plain.encode(members)
        }
    }
}
