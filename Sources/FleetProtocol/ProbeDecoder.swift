/// Plays the part of a decoder for `SchemaProbe`.
struct ProbeDecoder: Decoder {
    let probe: SchemaProbe
    let node: ProbeNode
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        node.opensFields()
        return KeyedDecodingContainer(KeyedProbe<Key>(probe: probe, node: node))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw SchemaProbe.Fault(description: "a list that is read by hand cannot be described")
    }

    func singleValueContainer() -> any SingleValueDecodingContainer {
        SingleProbe(probe: probe, node: node)
    }
}

private struct KeyedProbe<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let probe: SchemaProbe
    let node: ProbeNode
    let codingPath: [any CodingKey] = []

    /// Of an enumeration with values: the case that is looked at now.
    var allKeys: [Key] { node.chosen.flatMap { Key(stringValue: $0) }.map { [$0] } ?? [] }

    /// Only what may be missing is asked for.
    func contains(_ key: Key) -> Bool {
        node.doubts(key.stringValue)
        return true
    }

    func decodeNil(forKey key: Key) -> Bool { false }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        let (value, schema) = try probe.probe(type)
        node.add(key.stringValue, schema)
        return value
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) -> KeyedDecodingContainer<Nested> {
        let inner = ProbeNode()
        inner.opensFields()
        node.add(key.stringValue, inner)
        return KeyedDecodingContainer(KeyedProbe<Nested>(probe: probe, node: inner))
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        throw SchemaProbe.Fault(description: "the list \(key.stringValue) is read by hand")
    }

    func superDecoder() throws -> any Decoder { throw Self.noParent }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw Self.noParent }

    private static var noParent: SchemaProbe.Fault {
        SchemaProbe.Fault(description: "messages have no parents")
    }
}

private struct SingleProbe: SingleValueDecodingContainer {
    let probe: SchemaProbe
    let node: ProbeNode
    let codingPath: [any CodingKey] = []

    func decodeNil() -> Bool { false }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let (value, schema) = try probe.probe(type)
        node.single = schema
        return value
    }
}
