/// A text is not the plain JSON of the value that was expected.
///
/// It says nothing more: whoever reads so asks a decoder next, which takes what is merely unusual
/// and says of anything else what is wrong with it.
@usableFromInline
package struct JSONMismatch: Error {
    @inlinable
    package init() {}
}

/// A value that reads its own JSON, without looking up types or boxing containers.
///
/// It takes nothing that a strict decoder would refuse: no unknown member, none twice, no null. What
/// it does not take is not wrong for that.
@usableFromInline
package protocol JSONReadable {
    init(from json: inout JSONReader) throws(JSONMismatch)
}

extension JSONReadable {
    /// Nil unless the whole text is the plain JSON of such a value.
    @inlinable
    package init?(plainJSON bytes: [UInt8]) {
        let value: Self? = bytes.withUnsafeBufferPointer { text in
            var json = JSONReader(text)
            guard let value = try? Self(from: &json), json.isAtEnd else { return nil }
            return value
        }
        guard let value else { return nil }
        self = value
    }
}

/// The name of a member, as it stands in the text.
@usableFromInline
package struct JSONName {
    @usableFromInline let bytes: UnsafeBufferPointer<UInt8>

    @inlinable
    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Asked for each member that a value could have, so that most are told apart by their lengths.
    @inlinable
    package static func ~= (name: StaticString, own: JSONName) -> Bool {
        let size = name.utf8CodeUnitCount
        guard size == own.bytes.count else { return false }
        let start = name.utf8Start
        for place in 0..<size where own.bytes[place] != start[place] { return false }
        return true
    }
}

/// A place in a JSON text (RFC 8259) that is read from its start to its end.
///
/// The text must outlive it: `JSONReadable.init(plainJSON:)` sees to that.
@usableFromInline
package struct JSONReader {
    @usableFromInline let text: UnsafeBufferPointer<UInt8>
    @usableFromInline var place = 0

    @inlinable
    init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

    @inlinable
    var isAtEnd: Bool {
        mutating get { next() == nil }
    }

    /// Calls `body` with each member's name; it must read the value.
    @inlinable
    package mutating func object(
        _ body: (inout JSONReader, JSONName) throws(JSONMismatch) -> Void
    ) throws(JSONMismatch) {
        try each { (json: inout JSONReader) throws(JSONMismatch) in
            let name = JSONName(bytes: try json.plainString())
            try json.expect(UInt8(ascii: ":"))
            try body(&json, name)
        }
    }

    /// Members whose names are known to nobody.
    @inlinable
    package mutating func dictionary<Value: JSONReadable>() throws(JSONMismatch) -> [String: Value]
    {
        var members: [String: Value] = [:]
        try each { (json: inout JSONReader) throws(JSONMismatch) in
            let name = try json.string()
            try json.expect(UInt8(ascii: ":"))
            guard members.updateValue(try Value(from: &json), forKey: name) == nil else {
                throw JSONMismatch()
            }
        }
        return members
    }

    @inlinable
    package mutating func list<Value: JSONReadable>() throws(JSONMismatch) -> [Value] {
        try expect(UInt8(ascii: "["))
        var values: [Value] = []
        if next() == UInt8(ascii: "]") {
            place += 1
            return values
        }
        repeat { values.append(try Value(from: &self)) } while try hasMore(until: UInt8(ascii: "]"))
        return values
    }

    /// Reads one of several cases as `Codable` has them: an object with one member, the case's name.
    @inlinable
    package mutating func only<Value>(
        _ body: (inout JSONReader, JSONName) throws(JSONMismatch) -> Value
    ) throws(JSONMismatch) -> Value {
        var value: Value?
        try object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            guard value == nil else { throw JSONMismatch() }
            value = try body(&json, name)
        }
        guard let value else { throw JSONMismatch() }
        return value
    }

    /// The value that belongs to a case, if it has one without a name.
    @inlinable
    package mutating func associated<Value: JSONReadable>() throws(JSONMismatch) -> Value {
        try only { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            guard case "_0" = name else { throw JSONMismatch() }
            return try Value(from: &json)
        }
    }

    /// What a case has that comes with no value: an empty object.
    package mutating func nothing() throws(JSONMismatch) {
        try object { (_, _) throws(JSONMismatch) in throw JSONMismatch() }
    }

    /// Reads a member's value; a member that was there already is a mismatch.
    @inlinable
    package mutating func read<Value: JSONReadable>(
        into slot: inout Value?
    ) throws(JSONMismatch) {
        guard slot == nil else { throw JSONMismatch() }
        slot = try Value(from: &self)
    }

    /// A whole number without fraction or exponent.
    @inlinable
    package mutating func integer<Number: FixedWidthInteger>() throws(JSONMismatch) -> Number {
        let isNegative = next() == UInt8(ascii: "-")
        if isNegative { place += 1 }
        let first = place
        var number: Number = 0
        while place < text.count, 0x30...0x39 ~= text[place] {
            let (shifted, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            let digit = Number(truncatingIfNeeded: text[place] - 0x30)
            let (sum, isTooFar) =
                isNegative
                ? shifted.subtractingReportingOverflow(digit)
                : shifted.addingReportingOverflow(digit)
            guard !isTooLarge, !isTooFar else { throw JSONMismatch() }
            number = sum
            place += 1
        }
        let hasLeadingZero = place > first + 1 && text[first] == 0x30
        guard place > first, !hasLeadingZero, !isInNumber else { throw JSONMismatch() }
        return number
    }

    @usableFromInline
    package mutating func bool() throws(JSONMismatch) -> Bool {
        let isTrue = next() == UInt8(ascii: "t")
        try take(isTrue ? "true" : "false")
        return isTrue
    }

    @usableFromInline
    package mutating func string() throws(JSONMismatch) -> String {
        try expect(UInt8(ascii: "\""))
        let first = place
        while place < text.count, text[place] >= 0x20, text[place] != UInt8(ascii: "\"") {
            if text[place] == UInt8(ascii: "\\") { return try escapedString(from: first) }
            place += 1
        }
        return try Self.string(UnsafeBufferPointer(rebasing: text[first..<(try endOfString())]))
    }
}

extension JSONReader {
    /// The next byte that is no white space; nil at the end.
    @inlinable
    mutating func next() -> UInt8? {
        while place < text.count {
            switch text[place] {
            case 0x20, 0x09, 0x0A, 0x0D: place += 1
            default: return text[place]
            }
        }
        return nil
    }

    /// Calls `body` at the name of each member of an object.
    @inlinable
    mutating func each(
        _ body: (inout JSONReader) throws(JSONMismatch) -> Void
    ) throws(JSONMismatch) {
        try expect(UInt8(ascii: "{"))
        if next() == UInt8(ascii: "}") {
            place += 1
            return
        }
        repeat { try body(&self) } while try hasMore(until: UInt8(ascii: "}"))
    }

    @inlinable
    mutating func expect(_ byte: UInt8) throws(JSONMismatch) {
        guard next() == byte else { throw JSONMismatch() }
        place += 1
    }

    private mutating func take(_ word: StaticString) throws(JSONMismatch) {
        let isThere = word.withUTF8Buffer { text[place...].starts(with: $0) }
        guard isThere else { throw JSONMismatch() }
        place += word.utf8CodeUnitCount
    }

    /// Passes a comma, or the end of the object or list.
    @inlinable
    mutating func hasMore(until end: UInt8) throws(JSONMismatch) -> Bool {
        let byte = next()
        guard byte == UInt8(ascii: ",") || byte == end else { throw JSONMismatch() }
        place += 1
        return byte != end
    }

    @usableFromInline
    var isInNumber: Bool {
        place < text.count && ".eE".utf8.contains(text[place])
    }

    /// Passes the quotation mark that ends a string, and says where it stands.
    private mutating func endOfString() throws(JSONMismatch) -> Int {
        guard place < text.count, text[place] == UInt8(ascii: "\"") else { throw JSONMismatch() }
        place += 1
        return place - 1
    }

    /// A string without an escape, such as every name.
    @usableFromInline
    mutating func plainString() throws(JSONMismatch) -> UnsafeBufferPointer<UInt8> {
        try expect(UInt8(ascii: "\""))
        let first = place
        while place < text.count, text[place] >= 0x20, text[place] != UInt8(ascii: "\""),
            text[place] != UInt8(ascii: "\\")
        { place += 1 }
        return UnsafeBufferPointer(rebasing: text[first..<(try endOfString())])
    }

    private mutating func escapedString(from first: Int) throws(JSONMismatch) -> String {
        var bytes = Array(text[first..<place])
        while place < text.count, text[place] >= 0x20, text[place] != UInt8(ascii: "\"") {
            let byte = text[place]
            place += 1
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            try appendEscape(to: &bytes)
        }
        _ = try endOfString()
        return try bytes.withUnsafeBufferPointer { bytes throws(JSONMismatch) in
            try Self.string(bytes)
        }
    }

    /// What stands behind a backslash; halves of characters beyond the first plane are left alone.
    private mutating func appendEscape(to bytes: inout [UInt8]) throws(JSONMismatch) {
        guard place < text.count else { throw JSONMismatch() }
        let mark = text[place]
        place += 1
        switch mark {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(mark)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"):
            var value: UInt32 = 0
            for _ in 0..<4 { value = value << 4 | UInt32(try hexDigit()) }
            guard let scalar = Unicode.Scalar(value) else { throw JSONMismatch() }
            bytes.append(contentsOf: UTF8.encode(scalar) ?? .init())
        default: throw JSONMismatch()
        }
    }

    private mutating func hexDigit() throws(JSONMismatch) -> UInt8 {
        guard place < text.count, let digit = Character(Unicode.Scalar(text[place])).hexDigitValue
        else { throw JSONMismatch() }
        place += 1
        return UInt8(digit)
    }

    private static func string(
        _ bytes: UnsafeBufferPointer<UInt8>
    ) throws(JSONMismatch) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw JSONMismatch() }
        return text
    }
}

extension String: JSONReadable {
    @inlinable
    package init(from json: inout JSONReader) throws(JSONMismatch) { self = try json.string() }
}

extension Bool: JSONReadable {
    @inlinable
    package init(from json: inout JSONReader) throws(JSONMismatch) { self = try json.bool() }
}

extension JSONReadable where Self: FixedWidthInteger {
    @inlinable
    package init(from json: inout JSONReader) throws(JSONMismatch) { self = try json.integer() }
}

extension Int: JSONReadable {}
extension Int64: JSONReadable {}
extension UInt64: JSONReadable {}

/// Cases that are known by their texts.
extension JSONReadable where Self: RawRepresentable, RawValue == String {
    @inlinable
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        guard let value = Self(rawValue: try json.string()) else { throw JSONMismatch() }
        self = value
    }
}

extension Dictionary: JSONReadable where Key == String, Value: JSONReadable {
    @inlinable
    package init(from json: inout JSONReader) throws(JSONMismatch) { self = try json.dictionary() }
}

extension Array: JSONReadable where Element: JSONReadable {
    @inlinable
    package init(from json: inout JSONReader) throws(JSONMismatch) { self = try json.list() }
}
