/// What can be given to a statement's parameter, always in PostgreSQL's binary form.
enum PostgresValue {
    case integer(Int64)
    case text(String)
    case bytes([UInt8])
    case null
    case integers([Int64?])
    case texts([String?])
    case blobs([[UInt8]])
    case flags([Bool])

    /// A position; PostgreSQL's numbers end at half of the range, which no store ever reaches.
    static func position(_ position: UInt64) -> PostgresValue {
        .integer(Int64(clamping: position))
    }

    /// Nil for null.
    var encoded: [UInt8]? {
        switch self {
        case .integer(let number): Self.bigEndian(number)
        case .text(let text): PostgresText.stored(text)
        case .bytes(let bytes): bytes
        case .null: nil
        case .integers(let items): Self.array(of: 20, items.map { $0.map(Self.bigEndian) })
        case .texts(let items): Self.array(of: 25, items.map { $0.map(PostgresText.stored) })
        case .blobs(let items): Self.array(of: 17, items)
        case .flags(let items): Self.array(of: 16, items.map { [$0 ? 1 : 0] })
        }
    }

    /// One dimension from 1 on; `type` is the object id that each server has for the element's type.
    private static func array(of type: Int32, _ items: [[UInt8]?]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(20 + items.reduce(0) { $0 + 4 + ($1?.count ?? 0) })
        let hasNull = items.contains { $0 == nil }
        bytes += bigEndian(Int32(items.isEmpty ? 0 : 1)) + bigEndian(Int32(hasNull ? 1 : 0))
        bytes += bigEndian(type)
        guard !items.isEmpty else { return bytes }
        bytes += bigEndian(Int32(items.count)) + bigEndian(Int32(1))
        for item in items {
            bytes += bigEndian(Int32(item?.count ?? -1))
            bytes += item ?? []
        }
        return bytes
    }

    private static func bigEndian(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}

/// PostgreSQL's text cannot hold a zero byte, and keys of ours may.
enum PostgresText {
    private static let escape = UInt8(ascii: "\\")

    static func stored(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        guard bytes.contains(where: { $0 == 0 || $0 == escape }) else { return bytes }
        return bytes.flatMap { byte -> [UInt8] in
            switch byte {
            case 0: [escape, UInt8(ascii: "0")]
            case escape: [escape, escape]
            default: [byte]
            }
        }
    }

    static func read(_ bytes: [UInt8]) -> String {
        guard bytes.contains(escape) else { return String(decoding: bytes, as: UTF8.self) }
        var plain: [UInt8] = []
        var isEscaped = false
        for byte in bytes {
            if isEscaped {
                plain.append(byte == UInt8(ascii: "0") ? 0 : byte)
                isEscaped = false
            } else if byte == escape {
                isEscaped = true
            } else {
                plain.append(byte)
            }
        }
        return String(decoding: plain, as: UTF8.self)
    }
}
