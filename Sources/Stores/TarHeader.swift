/// The 512 bytes before each member of an archive, as POSIX's `tar` reads them.
enum TarHeader {
    static let blockBytes = 512

    /// A regular file that only its owner may read.
    static func bytes(name: String, size: UInt64, seconds: Int64) -> [UInt8] {
        precondition(name.utf8.count < 100, "\(name) is longer than a header holds")
        var header = [UInt8](repeating: 0, count: blockBytes)
        func put(_ bytes: some Sequence<UInt8>, at offset: Int) {
            for (index, byte) in bytes.enumerated() { header[offset + index] = byte }
        }
        put(name.utf8, at: 0)
        put(octal(0o600, 7), at: 100)
        put(octal(0, 7), at: 108)
        put(octal(0, 7), at: 116)
        put(number(size), at: 124)
        put(number(UInt64(clamping: seconds)), at: 136)
        put([UInt8](repeating: 0x20, count: 8), at: 148)
        header[156] = UInt8(ascii: "0")
        put("ustar\0".utf8, at: 257)
        put("00".utf8, at: 263)
        let sum = header.reduce(UInt64(0)) { $0 + UInt64($1) }
        put(octal(sum, 6) + [0, 0x20], at: 148)
        return header
    }

    /// Name and size of a header whose sum is right; nil for anything else.
    static func parse(_ header: [UInt8]) -> (name: String, size: UInt64)? {
        guard header.count == blockBytes, header[257..<262].elementsEqual("ustar".utf8) else {
            return nil
        }
        let name = String(decoding: header[..<100].prefix { $0 != 0 }, as: UTF8.self)
        let field = header[124..<136]
        var size: UInt64 = 0
        if field.first == 0x80 {
            for byte in field.dropFirst(4) { size = size << 8 | UInt64(byte) }
        } else {
            for byte in field.prefix(11) {
                guard (0x30...0x37).contains(byte) else { return nil }
                size = size << 3 | UInt64(byte - 0x30)
            }
        }
        var blank = header
        for index in 148..<156 { blank[index] = 0x20 }
        let sum = blank.reduce(UInt64(0)) { $0 + UInt64($1) }
        guard header[148..<154].elementsEqual(octal(sum, 6)) else { return nil }
        return (name, size)
    }

    /// How many zero bytes follow so many bytes of content.
    static func padding(after size: UInt64) -> Int {
        Int((UInt64(blockBytes) - size % UInt64(blockBytes)) % UInt64(blockBytes))
    }

    /// Eleven octal digits, or the binary form in which larger numbers are written.
    private static func number(_ value: UInt64) -> [UInt8] {
        guard value >= 1 << 33 else { return octal(value, 11) }
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64($0))) }
        return [0x80, 0, 0, 0] + bytes
    }

    private static func octal(_ value: UInt64, _ digits: Int) -> [UInt8] {
        let text = String(value, radix: 8)
        return Array((String(repeating: "0", count: max(0, digits - text.count)) + text).utf8)
    }
}
