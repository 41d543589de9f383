import FoundationEssentials

/// JSON of values, written straight into bytes: keys in the order of their UTF-8, no spaces, slashes as
/// they are.
///
/// It gives the bytes of `JSONEncoder` with `.sortedKeys` and `.withoutEscapingSlashes`, on which hashes
/// and stored rows rest, without the tree that `JSONEncoder` builds first. Coding paths are empty.
package enum SortedJSONEncoder {
    /// Throws an `EncodingError` for a value that JSON cannot hold, such as a number that is not finite.
    package static func bytes(_ value: some Encodable) throws -> [UInt8] {
        let spares = SpareFrames()
        let frame = JSONFrame(spares)
        try frame.add(value)
        var bytes: [UInt8] = []
        frame.finish(into: &bytes)
        guard !bytes.isEmpty else {
            throw EncodingError.invalidValue(
                value,
                .init(codingPath: [], debugDescription: "\(type(of: value)) wrote nothing")
            )
        }
        return bytes
    }
}

/// Frames that are used again, because each value that is not a number or a text needs one.
private final class SpareFrames {
    private var frames: [JSONFrame] = []

    func take() -> JSONFrame { frames.popLast() ?? JSONFrame(self) }

    /// One that somebody still holds may be written to, and is left to them.
    func give(_ frame: consuming JSONFrame) {
        guard isKnownUniquelyReferenced(&frame) else { return }
        frame.clear()
        frames.append(frame)
    }
}

/// Types whose own encoding is not what `JSONEncoder` writes for them.
private enum FoundationForm {
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

/// One value on its way: an object or a list whose members lie one after the other, or a plain value.
private final class JSONFrame {
    private enum Form { case plain, object, list }

    private var form = Form.plain
    private var bytes: [UInt8] = []
    /// Of an object, one for each member.
    private var keys: [String] = []
    /// Where in `bytes` each member ends.
    private var ends: [Int] = []
    /// Members that are complete only when this one is: their places are empty until then.
    private var nested: [(member: Int, frame: JSONFrame)] = []
    /// Unowned, as it lives as long as the call and holds frames itself.
    private unowned let spares: SpareFrames

    init(_ spares: SpareFrames) { self.spares = spares }

    var count: Int { ends.count }

    func clear() {
        form = .plain
        bytes.removeAll(keepingCapacity: true)
        keys.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        nested.removeAll(keepingCapacity: true)
    }

    // MARK: Members

    func becomeObject() { form = .object }
    func becomeList() { form = .list }

    func name(_ key: some CodingKey) { keys.append(key.stringValue) }

    func add(_ value: some Encodable) throws {
        switch FoundationForm(value) {
        case .number(let number): return try add(decimal: number)
        case .text(let text): return add(text: text)
        case nil: break
        }
        let frame = spares.take()
        try value.encode(to: FrameEncoder(frame: frame))
        let before = bytes.count
        frame.finish(into: &bytes)
        // Within another value, one that writes nothing is an empty object.
        if bytes.count == before, form != .plain { bytes += [0x7B, 0x7D] }
        ends.append(bytes.count)
        spares.give(frame)
    }

    func add(text: String) {
        JSONText.append(text, to: &bytes)
        ends.append(bytes.count)
    }

    func add(number: some FixedWidthInteger) {
        JSONText.append(number, to: &bytes)
        ends.append(bytes.count)
    }

    func add(decimal: Decimal) throws {
        guard !decimal.isNaN else { throw noNumber(decimal) }
        bytes.append(contentsOf: decimal.description.utf8)
        ends.append(bytes.count)
    }

    func add(word: StaticString) {
        word.withUTF8Buffer { bytes.append(contentsOf: $0) }
        ends.append(bytes.count)
    }

    func add(_ value: some BinaryFloatingPoint & LosslessStringConvertible & Encodable) throws {
        guard value.isFinite else { throw noNumber(value) }
        var text = value.description
        if text.hasSuffix(".0") { text.removeLast(2) }
        bytes.append(contentsOf: text.utf8)
        ends.append(bytes.count)
    }

    private func noNumber(_ value: some Encodable) -> EncodingError {
        .invalidValue(value, .init(codingPath: [], debugDescription: "JSON has no number \(value)"))
    }

    func addNested() -> JSONFrame {
        let frame = JSONFrame(spares)
        nested.append((ends.count, frame))
        ends.append(bytes.count)
        return frame
    }

    // MARK: The end

    func finish(into out: inout [UInt8]) {
        switch form {
        case .plain: finish(member: ends.count - 1, into: &out)
        case .list:
            out.append(UInt8(ascii: "["))
            for member in ends.indices {
                if member > 0 { out.append(UInt8(ascii: ",")) }
                finish(member: member, into: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .object:
            out.append(UInt8(ascii: "{"))
            var isFirst = true
            for member in order() {
                if !isFirst { out.append(UInt8(ascii: ",")) }
                isFirst = false
                JSONText.append(keys[member], to: &out)
                out.append(UInt8(ascii: ":"))
                finish(member: member, into: &out)
            }
            out.append(UInt8(ascii: "}"))
        }
    }

    private func finish(member: Int, into out: inout [UInt8]) {
        guard member >= 0 else { return }
        if let (_, frame) = nested.first(where: { $0.member == member }) {
            frame.finish(into: &out)
        } else {
            let start = member == 0 ? 0 : ends[member - 1]
            out.append(contentsOf: bytes[start..<ends[member]])
        }
    }

    /// The members by their keys; of those with one key the last, as if it had replaced the others.
    private func order() -> [Int] {
        var order = Array(keys.indices)
        order.sort { left, right in
            switch Self.compare(keys[left], keys[right]) {
            case ..<0: true
            case 0: left < right
            default: false
            }
        }
        guard order.count > 1 else { return order }
        return order.indices.compactMap { place in
            let isLast = place + 1 == order.endIndex
            return isLast || keys[order[place]] != keys[order[place + 1]] ? order[place] : nil
        }
    }

    private static func compare(_ left: String, _ right: String) -> Int {
        if left.utf8.elementsEqual(right.utf8) { return 0 }
        return left.utf8.lexicographicallyPrecedes(right.utf8) ? -1 : 1
    }
}

// MARK: What `Encodable` sees

private struct FrameEncoder: Encoder {
    let frame: JSONFrame
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        frame.becomeObject()
        return KeyedEncodingContainer(ObjectContainer<Key>(frame: frame))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        frame.becomeList()
        return ListContainer(frame: frame)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { PlainContainer(frame: frame) }
}

private struct ObjectContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let frame: JSONFrame
    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) { named(key).add(word: "null") }
    func encode(_ value: Bool, forKey key: Key) { named(key).add(word: value ? "true" : "false") }
    func encode(_ value: String, forKey key: Key) { named(key).add(text: value) }
    func encode(_ value: Double, forKey key: Key) throws { try named(key).add(value) }
    func encode(_ value: Float, forKey key: Key) throws { try named(key).add(value) }
    func encode(_ value: Int, forKey key: Key) { named(key).add(number: value) }
    func encode(_ value: Int8, forKey key: Key) { named(key).add(number: value) }
    func encode(_ value: Int16, forKey key: Key) { named(key).add(number: value) }
    func encode(_ value: Int32, forKey key: Key) { named(key).add(number: value) }
    func encode(_ value: Int64, forKey key: Key) { named(key).add(number: value) }
    func encode(_ value: UInt, forKey key: Key) { named(key).add(number: value) }
    func encode(_ value: UInt8, forKey key: Key) { named(key).add(number: value) }
    func encode(_ value: UInt16, forKey key: Key) { named(key).add(number: value) }
    func encode(_ value: UInt32, forKey key: Key) { named(key).add(number: value) }
    func encode(_ value: UInt64, forKey key: Key) { named(key).add(number: value) }
    func encode(_ value: some Encodable, forKey key: Key) throws { try named(key).add(value) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        FrameEncoder(frame: named(key).addNested()).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        FrameEncoder(frame: named(key).addNested()).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { FrameEncoder(frame: named(SuperKey.super).addNested()) }
    func superEncoder(forKey key: Key) -> any Encoder {
        FrameEncoder(frame: named(key).addNested())
    }

    private func named(_ key: some CodingKey) -> JSONFrame {
        frame.name(key)
        return frame
    }

    private enum SuperKey: String, CodingKey { case `super` }
}

private struct ListContainer: UnkeyedEncodingContainer {
    let frame: JSONFrame
    var codingPath: [any CodingKey] { [] }
    var count: Int { frame.count }

    func encodeNil() { frame.add(word: "null") }
    func encode(_ value: Bool) { frame.add(word: value ? "true" : "false") }
    func encode(_ value: String) { frame.add(text: value) }
    func encode(_ value: Double) throws { try frame.add(value) }
    func encode(_ value: Float) throws { try frame.add(value) }
    func encode(_ value: Int) { frame.add(number: value) }
    func encode(_ value: Int8) { frame.add(number: value) }
    func encode(_ value: Int16) { frame.add(number: value) }
    func encode(_ value: Int32) { frame.add(number: value) }
    func encode(_ value: Int64) { frame.add(number: value) }
    func encode(_ value: UInt) { frame.add(number: value) }
    func encode(_ value: UInt8) { frame.add(number: value) }
    func encode(_ value: UInt16) { frame.add(number: value) }
    func encode(_ value: UInt32) { frame.add(number: value) }
    func encode(_ value: UInt64) { frame.add(number: value) }
    func encode(_ value: some Encodable) throws { try frame.add(value) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) -> KeyedEncodingContainer<Nested> {
        FrameEncoder(frame: frame.addNested()).container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        FrameEncoder(frame: frame.addNested()).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { FrameEncoder(frame: frame.addNested()) }
}

private struct PlainContainer: SingleValueEncodingContainer {
    let frame: JSONFrame
    var codingPath: [any CodingKey] { [] }

    func encodeNil() { frame.add(word: "null") }
    func encode(_ value: Bool) { frame.add(word: value ? "true" : "false") }
    func encode(_ value: String) { frame.add(text: value) }
    func encode(_ value: Double) throws { try frame.add(value) }
    func encode(_ value: Float) throws { try frame.add(value) }
    func encode(_ value: Int) { frame.add(number: value) }
    func encode(_ value: Int8) { frame.add(number: value) }
    func encode(_ value: Int16) { frame.add(number: value) }
    func encode(_ value: Int32) { frame.add(number: value) }
    func encode(_ value: Int64) { frame.add(number: value) }
    func encode(_ value: UInt) { frame.add(number: value) }
    func encode(_ value: UInt8) { frame.add(number: value) }
    func encode(_ value: UInt16) { frame.add(number: value) }
    func encode(_ value: UInt32) { frame.add(number: value) }
    func encode(_ value: UInt64) { frame.add(number: value) }
    func encode(_ value: some Encodable) throws { try frame.add(value) }
}
