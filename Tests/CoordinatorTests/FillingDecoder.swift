import FleetModel
import Routing

/// Makes a value of any type from nothing, as if a document had each of its fields.
///
/// What a struct gains later is filled as well, so whoever compares two ways of writing it need not
/// know its fields.
struct FillingDecoder: Decoder {
    enum Fill: CaseIterable {
        /// Every optional has a value, every list two elements.
        case all
        /// Optionals are nil and lists empty.
        case least
    }

    /// Numbers the values, so that no two fields hold the same.
    final class Source {
        private var last = 0
        var next: Int {
            last += 1
            return last
        }
        /// Beyond ASCII, and with what JSON escapes.
        var text: String { "t\(next) \"é\\\n/" }
    }

    let fill: Fill
    let source: Source
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    static func value<Value: Decodable>(_ type: Value.Type, _ fill: Fill) throws -> Value {
        try FillingDecoder(fill: fill, source: Source()).make(type)
    }

    func make<Value: Decodable>(_ type: Value.Type) throws -> Value {
        for made in try special(type) where made is Value {
            if let made = made as? Value { return made }
        }
        return try Value(from: self)
    }

    /// Types that take no text but their own, or that are one of several.
    private func special(_ type: Any.Type) throws -> [Any] {
        let number = source.next
        switch type {
        case is Requirement.Type: return [try Requirement(parsing: "node>=\(number)")]
        case is Fact.Type: return [try Fact(parsing: "node=\(number).2")]
        case is FactSet.Type: return [FactSet([try Fact(parsing: "has:x\(number)")])]
        case is Glob.Type: return [try Glob(parsing: "Sources/\(number)/**")]
        case is JobID.Type: return [JobID(UInt64(number))]
        case is Principal.Type: return [Principal.person("anna-\(number)")]
        case is Stage.Type: return [Stage.review]
        case is Priority.Type: return [Priority.high]
        case is ShipWay.Type: return [ShipWay.pullRequest]
        case is ManifestStyle.Type: return [ManifestStyle.older]
        case is Manifest.Output.Type: return [Manifest.Output.change]
        case is FailureCause.Type: return [FailureCause.scopeViolation]
        case is Lease.Kind.Type: return [Lease.Kind.ship]
        case is Order.Kind.Type: return [Order.Kind.pause]
        case is Evidence.Gate.Type: return [Evidence.Gate.secrets]
        case is Evidence.Verdict.Type: return [Evidence.Verdict.skipped]
        case is Artifact.Source.Type: return [Artifact.Source.engine]
        case is Job.ShipBlock.Type: return [Job.ShipBlock.pushRefused]
        case is ShipRefused.Cause.Type: return [ShipRefused.Cause.targetMoved]
        case is Profile.Network.Type: return [Profile.Network.allowList]
        case is TieBreak.Type: return [TieBreak.seededHash]
        case is Precedence.Rule.Type: return [Precedence.Rule.level]
        case is ReviewPolicy.Type: return [ReviewPolicy.reviewers(["b\(number)", "a"], quorum: 2)]
        case is Preference.Type:
            return [Preference.fact(try Requirement(parsing: "gpu>=\(number)"))]
        case is Deadline.Type: return [Deadline.within(.minutes(Int64(number)))]
        case is RunReportItem.Type: return [RunReportItem.stopped(.drained, reason: "r\(number)")]
        case is EngineDemand.Type: return [EngineDemand.engineClass("c\(number)")]
        default: return []
        }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(Fields<Key>(decoder: self))
    }

    func unkeyedContainer() -> any UnkeyedDecodingContainer { List(decoder: self) }
    func singleValueContainer() -> any SingleValueDecodingContainer { Plain(decoder: self) }

    private struct Fields<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let decoder: FillingDecoder
        var codingPath: [any CodingKey] { [] }
        /// What a dictionary asks for.
        var allKeys: [Key] {
            decoder.fill == .all ? ["z", "é", "a\"b"].compactMap(Key.init(stringValue:)) : []
        }

        func contains(_ key: Key) -> Bool { decoder.fill == .all }
        func decodeNil(forKey key: Key) -> Bool { decoder.fill == .least }
        func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
            try decoder.make(type)
        }
        func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key)
            -> KeyedDecodingContainer<Nested>
        { decoder.container(keyedBy: type) }
        func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer {
            List(decoder: decoder)
        }
        func superDecoder() -> any Decoder { decoder }
        func superDecoder(forKey key: Key) -> any Decoder { decoder }
    }

    private struct List: UnkeyedDecodingContainer {
        let decoder: FillingDecoder
        var codingPath: [any CodingKey] { [] }
        var count: Int? { decoder.fill == .all ? 2 : 0 }
        var currentIndex = 0
        var isAtEnd: Bool { currentIndex >= count ?? 0 }

        mutating func decodeNil() -> Bool { false }
        mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
            currentIndex += 1
            return try decoder.make(type)
        }
        mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type)
            -> KeyedDecodingContainer<Nested>
        { decoder.container(keyedBy: type) }
        mutating func nestedUnkeyedContainer() -> any UnkeyedDecodingContainer { self }
        mutating func superDecoder() -> any Decoder { decoder }
    }

    private struct Plain: SingleValueDecodingContainer {
        let decoder: FillingDecoder
        var codingPath: [any CodingKey] { [] }
        func decodeNil() -> Bool { decoder.fill == .least }
        func decode(_ type: Bool.Type) -> Bool { decoder.fill == .all }
        func decode(_ type: String.Type) -> String { decoder.source.text }
        func decode(_ type: Double.Type) -> Double { Double(decoder.source.next) }
        func decode(_ type: Float.Type) -> Float { Float(decoder.source.next) }
        func decode<T: Decodable & FixedWidthInteger>(_ type: T.Type) throws -> T {
            T(decoder.source.next)
        }
        func decode<T: Decodable>(_ type: T.Type) throws -> T {
            if let integer = T.self as? any FixedWidthInteger.Type {
                let made: Any = integer.init(truncatingIfNeeded: decoder.source.next)
                if let made = made as? T { return made }
            }
            if T.self == String.self, let made = decoder.source.text as? T { return made }
            if T.self == Bool.self, let made = (decoder.fill == .all) as? T { return made }
            return try decoder.make(type)
        }
    }
}
