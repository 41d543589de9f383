/// JSON text that grows at its end, by values that know how they are written.
///
/// Nothing is sorted here: members stand in the order in which they are named. A value that others
/// code through `Encodable` names them in the order of their UTF-8, for hashes and rows rest on it.
///
/// It owns its memory, for most of what is appended is a few bytes long: an array would look each
/// time whether somebody else holds it.
@usableFromInline
package struct JSONBuffer: ~Copyable {
    @usableFromInline var start: UnsafeMutablePointer<UInt8>
    @usableFromInline var capacity: Int
    @usableFromInline
    package internal(set) var count = 0

    @usableFromInline
    package init(capacity: Int = 1_024) {
        self.capacity = max(64, capacity)
        start = .allocate(capacity: self.capacity)
    }

    deinit { start.deallocate() }

    /// What was written so far.
    @usableFromInline
    package var bytes: [UInt8] { withBytes { Array($0) } }

    /// The same in place; nothing may keep it.
    package func withBytes<Value>(_ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
        body(UnsafeBufferPointer(start: start, count: count))
    }

    /// Begins an object.
    @inlinable
    package mutating func open() { append(UInt8(ascii: "{")) }

    @inlinable
    package mutating func close() { append(UInt8(ascii: "}")) }

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

    /// A member whose value is JSON already.
    @inlinable
    package mutating func member(_ name: StaticString, json value: [UInt8]) {
        begin(name)
        value.withUnsafeBufferPointer { append(contentsOf: $0) }
    }

    /// A member whose name is known only now.
    @inlinable
    package mutating func member(named name: String, _ value: some JSONWritable) {
        separate()
        write(name)
        append(UInt8(ascii: ":"))
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
        append(UInt8(ascii: "["))
        for value in values {
            separate()
            value.write(to: &self)
        }
        append(UInt8(ascii: "]"))
    }

    @usableFromInline
    package mutating func write(_ text: String) { JSONText.write(text, to: &self) }

    @usableFromInline
    package mutating func write(_ number: some FixedWidthInteger) {
        JSONText.write(number, to: &self)
    }

    /// A text that ends in a number.
    @usableFromInline
    package mutating func write(_ start: StaticString, _ number: some FixedWidthInteger) {
        append(UInt8(ascii: "\""))
        start.withUTF8Buffer { append(contentsOf: $0) }
        JSONText.write(number, to: &self)
        append(UInt8(ascii: "\""))
    }

    /// What is JSON already.
    @usableFromInline
    package mutating func write(verbatim text: StaticString) {
        text.withUTF8Buffer { append(contentsOf: $0) }
    }

    @usableFromInline
    mutating func begin(_ name: StaticString) {
        let size = name.utf8CodeUnitCount
        reserve(size + 4)
        if needsComma {
            start[count] = UInt8(ascii: ",")
            count += 1
        }
        start[count] = UInt8(ascii: "\"")
        (start + count + 1).update(from: name.utf8Start, count: size)
        start[count + size + 1] = UInt8(ascii: "\"")
        start[count + size + 2] = UInt8(ascii: ":")
        count += size + 3
    }

    /// A comma, unless what comes is the first of its object or list.
    @usableFromInline
    mutating func separate() {
        if needsComma { append(UInt8(ascii: ",")) }
    }

    private var needsComma: Bool {
        guard count > 0 else { return false }
        return start[count - 1] != UInt8(ascii: "{") && start[count - 1] != UInt8(ascii: "[")
    }
}

extension JSONBuffer: JSONBytes {
    @inlinable
    package mutating func append(_ byte: UInt8) {
        reserve(1)
        start[count] = byte
        count += 1
    }

    @inlinable
    package mutating func append(contentsOf bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress else { return }
        reserve(bytes.count)
        (start + count).update(from: source, count: bytes.count)
        count += bytes.count
    }

    @inlinable
    mutating func reserve(_ more: Int) {
        if count + more > capacity { grow(for: more) }
    }

    @usableFromInline
    mutating func grow(for more: Int) {
        capacity = max(2 * capacity, count + more)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: start, count: count)
        start.deallocate()
        start = larger
    }
}
