/// Where JSON text is written to.
protocol JSONBytes: ~Copyable {
    mutating func append(_ byte: UInt8)
    mutating func append(contentsOf bytes: UnsafeBufferPointer<UInt8>)
}

extension [UInt8]: JSONBytes {}

/// Texts and whole numbers as JSON writes them (RFC 8259, sections 6 and 7).
package enum JSONText {
    /// Escapes what must be: quotation mark, backslash, and the control characters below space.
    package static func append(_ text: String, to bytes: inout [UInt8]) { write(text, to: &bytes) }

    package static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
        write(number, to: &bytes)
    }

    static func write(
        _ text: String,
        to bytes: inout some JSONBytes & ~Copyable
    ) {
        bytes.append(UInt8(ascii: "\""))
        text.utf8.span.withUnsafeBufferPointer { utf8 in
            var start = 0
            var place = firstEscape(in: utf8)
            while place < utf8.count {
                if needsEscape(utf8[place]) {
                    bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start..<place]))
                    appendEscape(of: utf8[place], to: &bytes)
                    start = place + 1
                }
                place += 1
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start...]))
        }
        bytes.append(UInt8(ascii: "\""))
    }

    static func write(
        _ number: some FixedWidthInteger,
        to bytes: inout some JSONBytes & ~Copyable
    ) {
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        write(digitsOf: UInt64(number.magnitude), to: &bytes)
    }

    private static func write(
        digitsOf number: UInt64,
        to bytes: inout some JSONBytes & ~Copyable
    ) {
        // The largest has twenty digits.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = number
            var first = digits.count
            repeat {
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                first -= 1
                digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
                rest = quotient
            } while rest > 0
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[first...]))
        }
    }

    /// The place of the first byte that needs one, or a place before it; most texts have none.
    private static func firstEscape(in utf8: UnsafeBufferPointer<UInt8>) -> Int {
        let raw = UnsafeRawBufferPointer(utf8)
        var place = 0
        while place + 8 <= raw.count {
            let word = raw.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            if holdsEscape(word) { return place }
            place += 8
        }
        return place
    }

    /// Whether one of eight bytes may need an escape: a known trick finds a zero byte in a word, and
    /// one below another (Bit Twiddling Hacks, "Determine if a word has a byte less than n").
    private static func holdsEscape(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs = ones << 7
        let quotes = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let slashes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
        let controls = (word &- ones &* 0x20) & ~word
        let zeros = ((quotes &- ones) & ~quotes) | ((slashes &- ones) & ~slashes)
        return (controls | zeros) & highs != 0
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func appendEscape(
        of byte: UInt8,
        to bytes: inout some JSONBytes & ~Copyable
    ) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            for mark in "u00".utf8 { bytes.append(mark) }
            bytes.append(hexDigit(byte >> 4))
            bytes.append(hexDigit(byte & 0xF))
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
