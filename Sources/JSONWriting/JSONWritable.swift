/// A value that writes its own JSON, byte for byte what its `Encodable` comes to with sorted keys.
///
/// `Encodable` looks up types and boxes containers for each value; what is written with every
/// command does without. Whoever adopts this has a test that compares the two.
@usableFromInline
package protocol JSONWritable {
    func write(to json: inout JSONBuffer)
}

extension JSONWritable {
    /// The JSON of this value alone.
    @inlinable
    package var json: [UInt8] {
        var json = JSONBuffer()
        write(to: &json)
        return json.bytes
    }
}

extension String: JSONWritable {
    @inlinable
    package func write(to json: inout JSONBuffer) { json.write(self) }
}

extension Bool: JSONWritable {
    @inlinable
    package func write(to json: inout JSONBuffer) {
        if self { json.write(verbatim: "true") } else { json.write(verbatim: "false") }
    }
}

extension JSONWritable where Self: FixedWidthInteger {
    @inlinable
    package func write(to json: inout JSONBuffer) { json.write(self) }
}

extension Int: JSONWritable {}
extension Int64: JSONWritable {}
extension UInt64: JSONWritable {}

/// Cases that are known by their texts.
extension JSONWritable where Self: RawRepresentable, RawValue == String {
    @inlinable
    package func write(to json: inout JSONBuffer) { json.write(rawValue) }
}

extension Array: JSONWritable where Element: JSONWritable {
    @inlinable
    package func write(to json: inout JSONBuffer) { json.list(self) }
}

extension Dictionary: JSONWritable where Key == String, Value: JSONWritable {
    @inlinable
    package func write(to json: inout JSONBuffer) {
        json.open()
        for (name, value) in sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            json.member(named: name, value)
        }
        json.close()
    }
}
