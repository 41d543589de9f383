/// JSON text that grows at its end, by values that know how they are written.
///
/// Whoever writes an object names its members in the order of their UTF-8, which is the order of
/// everything that is stored or hashed: nothing is sorted here.
@usableFromInline
package struct JSONBuffer: Sendable {
    @usableFromInline
    package internal(set) var bytes: [UInt8] = []

    @usableFromInline
    package init(capacity: Int = 1_024) { bytes.reserveCapacity(capacity) }

    /// Begins an object.
    @inlinable
    package mutating func open() { bytes.append(UInt8(ascii: "{")) }

    @inlinable
    package mutating func close() { bytes.append(UInt8(ascii: "}")) }

    /// One member of the object that was opened last.
    ///
    /// `name` stands as it is: it needs no escapes.
    @inlinable
    package mutating func member(_ name: StaticString, _ value: some JSONWritable) {
        begin(name)
        value.write(to: &self)
    }

    /// Leaves a member out that has no value.
    @inlinable
    package mutating func member(_ name: StaticString, _ value: (some JSONWritable)?) {
        if let value { member(name, value) }
    }

    /// A member whose name is known only now.
    @inlinable
    package mutating func member(named name: String, _ value: some JSONWritable) {
        separate()
        write(name)
        bytes.append(UInt8(ascii: ":"))
        value.write(to: &self)
    }

    /// A member whose value is an object, which `body` fills.
    @inlinable
    package mutating func object(_ name: StaticString, _ body: (inout JSONBuffer) -> Void) {
        begin(name)
        open()
        body(&self)
        close()
    }

    @inlinable
    package mutating func list(_ values: some Sequence<some JSONWritable>) {
        bytes.append(UInt8(ascii: "["))
        for value in values {
            separate()
            value.write(to: &self)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    @usableFromInline
    package mutating func write(_ text: String) { JSONText.append(text, to: &bytes) }

    @usableFromInline
    package mutating func write(_ number: some FixedWidthInteger) {
        JSONText.append(number, to: &bytes)
    }

    /// A text that ends in a number.
    @usableFromInline
    package mutating func write(_ start: StaticString, _ number: some FixedWidthInteger) {
        bytes.append(UInt8(ascii: "\""))
        start.withUTF8Buffer { bytes.append(contentsOf: $0) }
        JSONText.append(number, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// What is JSON already.
    @usableFromInline
    package mutating func write(verbatim text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    @usableFromInline
    mutating func begin(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    /// A comma, unless what comes is the first of its object or list.
    @usableFromInline
    mutating func separate() {
        switch bytes.last {
        case UInt8(ascii: "{"), UInt8(ascii: "["), nil: return
        default: bytes.append(UInt8(ascii: ","))
        }
    }
}
