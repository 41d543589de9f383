import FleetModel

/// Reads what `RecordBuffer` wrote; whatever is no such thing is a fault, never a trap.
struct RecordReader {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    func fault(_ what: String) -> PlacementRecord.Fault {
        .damaged(at: position, what)
    }

    mutating func byte() throws(PlacementRecord.Fault) -> UInt8 {
        guard position < bytes.count else { throw fault("it ends too early") }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func number() throws(PlacementRecord.Fault) -> UInt64 {
        var number: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            let next = try byte()
            guard shift < 63 || next < 2 else { break }
            number |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return number }
        }
        throw fault("a number is too large")
    }

    /// How many of something follow, each at least a byte long.
    mutating func count() throws(PlacementRecord.Fault) -> Int {
        let count = try number()
        guard count <= UInt64(bytes.count - position) else {
            throw fault("it ends before all that it counts")
        }
        return Int(count)
    }

    mutating func signed() throws(PlacementRecord.Fault) -> Int64 {
        let folded = try number()
        return Int64(bitPattern: (folded >> 1) ^ (0 &- (folded & 1)))
    }

    /// A number that arithmetic follows, which must not overflow.
    mutating func amount() throws(PlacementRecord.Fault) -> Int {
        let amount = try signed()
        guard abs(amount.clamped) <= Self.greatestAmount else {
            throw fault("a number is too large")
        }
        return Int(amount)
    }

    /// Six weights of that size times terms of a million, added, are still 64 bits.
    private static let greatestAmount: Int64 = 1 << 40

    mutating func flag() throws(PlacementRecord.Fault) -> Bool {
        switch try byte() {
        case 0: false
        case 1: true
        default: throw fault("neither yes nor no")
        }
    }

    mutating func optionalNumber() throws(PlacementRecord.Fault) -> Int64? {
        try flag() ? try signed() : nil
    }

    mutating func optionalText() throws(PlacementRecord.Fault) -> String? {
        try flag() ? try text() : nil
    }

    mutating func whole() throws(PlacementRecord.Fault) -> UInt64 {
        var number: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            number |= UInt64(try byte()) << shift
        }
        return number
    }

    mutating func text() throws(PlacementRecord.Fault) -> String {
        let count = try count()
        let text = String(validating: bytes[position..<position + count], as: UTF8.self)
        guard let text else { throw fault("a text is not UTF-8") }
        position += count
        return text
    }

    /// So many of them as a number before them says.
    mutating func list<Element>(
        _ read: (inout RecordReader) throws(PlacementRecord.Fault) -> Element
    ) throws(PlacementRecord.Fault) -> [Element] {
        var list: [Element] = []
        for _ in 0..<(try count()) { list.append(try read(&self)) }
        return list
    }

    mutating func one<Element>(of all: [Element]) throws(PlacementRecord.Fault) -> Element {
        let code = Int(try byte())
        guard code < all.count else { throw fault("an unknown word") }
        return all[code]
    }

    mutating func instant() throws(PlacementRecord.Fault) -> Instant {
        Instant(milliseconds: try moment())
    }

    mutating func timespan() throws(PlacementRecord.Fault) -> Timespan {
        Timespan(milliseconds: try moment())
    }

    /// Milliseconds of which two differ by less than 64 bits.
    private mutating func moment() throws(PlacementRecord.Fault) -> Int64 {
        let moment = try signed()
        guard abs(moment.clamped) <= 1 << 60 else { throw fault("a time is out of range") }
        return moment
    }
}

extension Int64 {
    /// Itself, but for the one number that has no opposite.
    fileprivate var clamped: Int64 { Swift.max(self, -Int64.max) }
}
