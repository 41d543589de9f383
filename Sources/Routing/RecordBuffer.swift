import FleetModel

/// Bytes of a placement's record that grow at their end (`PlacementRecord` says what they mean).
///
/// Whole numbers take seven bits a byte, the lowest first, and the highest bit says that more
/// follow; signed ones are folded so that small ones of either sign stay short.
struct RecordBuffer: ~Copyable {
    /// Plain memory: a record is hundreds of small writes, and an array asks at each whether it is
    /// its only owner.
    private var memory: UnsafeMutableRawPointer
    private var capacity: Int
    private var count = 0

    init(capacity: Int) {
        self.capacity = max(capacity, 16)
        memory = .allocate(byteCount: self.capacity, alignment: 1)
    }

    deinit { memory.deallocate() }

    var bytes: [UInt8] { Array(UnsafeRawBufferPointer(start: memory, count: count)) }

    /// Makes room for so many bytes more; every write begins with it.
    @inline(__always)
    private mutating func reserve(_ more: Int) {
        if capacity - count < more { grow(more) }
    }

    private mutating func grow(_ more: Int) {
        let larger = max(capacity * 2, count + more)
        let moved = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 1)
        moved.copyMemory(from: memory, byteCount: count)
        memory.deallocate()
        (memory, capacity) = (moved, larger)
    }

    @inline(__always)
    private mutating func append(_ byte: UInt8) {
        memory.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    @inline(__always)
    private mutating func append(_ own: UnsafeBufferPointer<UInt8>) {
        reserve(own.count)
        guard let start = own.baseAddress else { return }
        (memory + count).copyMemory(from: start, byteCount: own.count)
        count += own.count
    }

    @inline(__always)
    mutating func put(byte: UInt8) {
        reserve(1)
        append(byte)
    }

    @inline(__always)
    mutating func put(_ number: UInt64) {
        reserve(10)
        var rest = number
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }

    @inline(__always)
    mutating func put(count: Int) { put(UInt64(truncatingIfNeeded: count)) }

    @inline(__always)
    mutating func put(signed number: Int64) {
        put(UInt64(bitPattern: (number << 1) ^ (number >> 63)))
    }

    @inline(__always)
    mutating func put(signed number: Int) { put(signed: Int64(number)) }

    /// Zero where there is none, else one and the number.
    mutating func put(optional number: Int64?) {
        guard let number else { return put(byte: 0) }
        put(byte: 1)
        put(signed: number)
    }

    /// Eight bytes, the lowest first: for numbers that use all of them.
    @inline(__always)
    mutating func put(whole number: UInt64) {
        reserve(8)
        memory.storeBytes(of: number.littleEndian, toByteOffset: count, as: UInt64.self)
        count += 8
    }

    /// Its length in bytes, then its UTF-8.
    mutating func put(_ text: String) {
        var text = text
        text.withUTF8 { own in
            put(UInt64(own.count))
            append(own)
        }
    }

    mutating func put(optional text: String?) {
        guard let text else { return put(byte: 0) }
        put(byte: 1)
        put(text)
    }

    mutating func put(_ texts: [String]) {
        put(count: texts.count)
        for text in texts { put(text) }
    }

    /// What is coded already.
    @inline(__always)
    mutating func put(coded: [UInt8]) { coded.withUnsafeBufferPointer { append($0) } }

    @inline(__always)
    mutating func put(_ piece: CodedBytes.Piece, of coded: borrowing CodedBytes) {
        coded.withBytes(of: piece) { append($0) }
    }

    /// What `fill` puts into an empty buffer.
    static func coded(_ fill: (inout RecordBuffer) -> Void) -> [UInt8] {
        var buffer = RecordBuffer(capacity: 64)
        fill(&buffer)
        return buffer.bytes
    }
}

extension RecordBuffer {
    mutating func put(_ demand: EngineDemand) {
        switch demand {
        case .none: put(byte: 0)
        case .engine(let name):
            put(byte: 1)
            put(name)
        case .engineClass(let name):
            put(byte: 2)
            put(name)
        }
    }

    mutating func put(_ preference: Preference) {
        switch preference {
        case .factory(let name):
            put(byte: 0)
            put(name)
        case .engine(let name):
            put(byte: 1)
            put(name)
        case .fact(let requirement):
            put(byte: 2)
            put(requirement.text)
        }
    }

    mutating func put(_ weights: RoutingWeights) {
        put(signed: weights.capabilityFit)
        put(signed: weights.affinity)
        put(signed: weights.load)
        put(signed: weights.health)
        put(signed: weights.cost)
        put(signed: weights.starvation)
    }

    mutating func put(_ terms: RoutingTerms) {
        put(signed: terms.capabilityFit)
        put(signed: terms.affinity)
        put(signed: terms.load)
        put(signed: terms.health)
        put(signed: terms.cost)
        put(signed: terms.starvation)
    }

    mutating func put(_ turn: Precedence) {
        put(turn.product)
        put(signed: turn.weight)
        put(signed: turn.virtualTime)
        put(optional: turn.rival)
        put(optional: turn.rivalTime)
        put(count: turn.priority.rank)
        put(signed: turn.submittedAt.milliseconds)
        put(signed: turn.decidedAt.milliseconds)
        put(signed: turn.ageing.milliseconds)
        put(signed: turn.lift)
        put(byte: turn.rule.code)
    }
}

extension Precedence.Rule {
    static let coded: [Precedence.Rule] = [.only, .share, .level, .critical]

    var code: UInt8 {
        switch self {
        case .only: 0
        case .share: 1
        case .level: 2
        case .critical: 3
        }
    }
}

extension TieBreak {
    static let coded: [TieBreak] = [.none, .costClass, .load, .seededHash]

    var code: UInt8 {
        switch self {
        case .none: 0
        case .costClass: 1
        case .load: 2
        case .seededHash: 3
        }
    }
}
