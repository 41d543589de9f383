import FoundationEssentials

/// JSON of values, written straight into bytes: keys in the order of their UTF-8, no spaces, slashes as
/// they are.
///
/// It gives the bytes of `JSONEncoder` with `.sortedKeys` and `.withoutEscapingSlashes`, on which hashes
/// and stored rows rest, without the tree that `JSONEncoder` builds first. Coding paths are empty.
package enum SortedJSONEncoder {
    /// Throws an `EncodingError` for a value that JSON cannot hold, such as a number that is not finite.
    package static func bytes(_ value: some Encodable) throws -> [UInt8] {
        let writer = JSONWriter()
        try writer.write(value)
        let bytes = writer.finish()
        guard !bytes.isEmpty else {
            throw EncodingError.invalidValue(
                value,
                .init(codingPath: [], debugDescription: "\(type(of: value)) wrote nothing")
            )
        }
        return bytes
    }
}

/// Types whose own encoding is not what `JSONEncoder` writes for them.
enum FoundationForm {
    case number(Decimal), text(String)

    init?<Value>(_ value: Value) {
        // Types are compared first, as a cast costs more and runs for each nested value.
        if Value.self == Decimal.self, let number = value as? Decimal {
            self = .number(number)
        } else if Value.self == Data.self, let data = value as? Data {
            self = .text(data.base64EncodedString())
        } else if Value.self == URL.self, let url = value as? URL {
            self = .text(url.absoluteString)
        } else {
            return nil
        }
    }
}

extension JSONWriter {
    func write(decimal: Decimal) throws {
        guard !decimal.isNaN else { throw Self.noNumber(decimal) }
        write(verbatim: decimal.description)
    }

    func write(
        _ value: some BinaryFloatingPoint & LosslessStringConvertible & Encodable
    ) throws {
        guard value.isFinite else { throw Self.noNumber(value) }
        let text = value.description
        write(verbatim: text.hasSuffix(".0") ? String(text.dropLast(2)) : text)
    }

    private static func noNumber(_ value: some Encodable) -> EncodingError {
        .invalidValue(value, .init(codingPath: [], debugDescription: "JSON has no number \(value)"))
    }
}

// MARK: What `Encodable` sees

/// Writes one value; valid until that value's `encode(to:)` returns.
struct JSONValueEncoder: Encoder {
    let writer: JSONWriter
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        writer.become(.object)
        return KeyedEncodingContainer(ObjectContainer<Key>(writer: writer))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        writer.become(.list)
        return ListContainer(writer: writer)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        PlainContainer(writer: writer)
    }
}

private struct ObjectContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let writer: JSONWriter
    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) { named(key).write(word: "null") }
    func encode(_ value: Bool, forKey key: Key) { named(key).write(word: value ? "true" : "false") }
    func encode(_ value: String, forKey key: Key) { named(key).write(text: value) }
    func encode(_ value: Double, forKey key: Key) throws { try named(key).write(value) }
    func encode(_ value: Float, forKey key: Key) throws { try named(key).write(value) }
    func encode(_ value: Int, forKey key: Key) { named(key).write(number: value) }
    func encode(_ value: Int8, forKey key: Key) { named(key).write(number: value) }
    func encode(_ value: Int16, forKey key: Key) { named(key).write(number: value) }
    func encode(_ value: Int32, forKey key: Key) { named(key).write(number: value) }
    func encode(_ value: Int64, forKey key: Key) { named(key).write(number: value) }
    func encode(_ value: UInt, forKey key: Key) { named(key).write(number: value) }
    func encode(_ value: UInt8, forKey key: Key) { named(key).write(number: value) }
    func encode(_ value: UInt16, forKey key: Key) { named(key).write(number: value) }
    func encode(_ value: UInt32, forKey key: Key) { named(key).write(number: value) }
    func encode(_ value: UInt64, forKey key: Key) { named(key).write(number: value) }
    func encode(_ value: some Encodable, forKey key: Key) throws { try named(key).write(value) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        KeyedEncodingContainer(ObjectContainer<Nested>(writer: named(key).nested(.object)))
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        ListContainer(writer: named(key).nested(.list))
    }

    func superEncoder() -> any Encoder {
        writer.name("super")
        return JSONValueEncoder(writer: writer.nested(.plain))
    }

    func superEncoder(forKey key: Key) -> any Encoder {
        JSONValueEncoder(writer: named(key).nested(.plain))
    }

    private func named(_ key: Key) -> JSONWriter {
        writer.name(key.stringValue)
        return writer
    }
}

private struct ListContainer: UnkeyedEncodingContainer {
    let writer: JSONWriter
    var codingPath: [any CodingKey] { [] }
    var count: Int { writer.count }

    func encodeNil() { next.write(word: "null") }
    func encode(_ value: Bool) { next.write(word: value ? "true" : "false") }
    func encode(_ value: String) { next.write(text: value) }
    func encode(_ value: Double) throws { try next.write(value) }
    func encode(_ value: Float) throws { try next.write(value) }
    func encode(_ value: Int) { next.write(number: value) }
    func encode(_ value: Int8) { next.write(number: value) }
    func encode(_ value: Int16) { next.write(number: value) }
    func encode(_ value: Int32) { next.write(number: value) }
    func encode(_ value: Int64) { next.write(number: value) }
    func encode(_ value: UInt) { next.write(number: value) }
    func encode(_ value: UInt8) { next.write(number: value) }
    func encode(_ value: UInt16) { next.write(number: value) }
    func encode(_ value: UInt32) { next.write(number: value) }
    func encode(_ value: UInt64) { next.write(number: value) }
    func encode(_ value: some Encodable) throws { try next.write(value) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) -> KeyedEncodingContainer<Nested> {
        KeyedEncodingContainer(ObjectContainer<Nested>(writer: next.nested(.object)))
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        ListContainer(writer: next.nested(.list))
    }

    func superEncoder() -> any Encoder { JSONValueEncoder(writer: next.nested(.plain)) }

    private var next: JSONWriter {
        writer.element()
        return writer
    }
}

private struct PlainContainer: SingleValueEncodingContainer {
    let writer: JSONWriter
    var codingPath: [any CodingKey] { [] }

    func encodeNil() { writer.write(word: "null") }
    func encode(_ value: Bool) { writer.write(word: value ? "true" : "false") }
    func encode(_ value: String) { writer.write(text: value) }
    func encode(_ value: Double) throws { try writer.write(value) }
    func encode(_ value: Float) throws { try writer.write(value) }
    func encode(_ value: Int) { writer.write(number: value) }
    func encode(_ value: Int8) { writer.write(number: value) }
    func encode(_ value: Int16) { writer.write(number: value) }
    func encode(_ value: Int32) { writer.write(number: value) }
    func encode(_ value: Int64) { writer.write(number: value) }
    func encode(_ value: UInt) { writer.write(number: value) }
    func encode(_ value: UInt8) { writer.write(number: value) }
    func encode(_ value: UInt16) { writer.write(number: value) }
    func encode(_ value: UInt32) { writer.write(number: value) }
    func encode(_ value: UInt64) { writer.write(number: value) }
    func encode(_ value: some Encodable) throws { try writer.write(value) }
}
