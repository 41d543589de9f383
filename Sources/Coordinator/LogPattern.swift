import Glibc

/// What lines are looked for: a text, as it is or without regard to ASCII case.
struct LogPattern: Hashable, Sendable {
    private let bytes: [UInt8]
    private let ignoresCase: Bool

    init(_ text: String, ignoresCase: Bool) {
        self.ignoresCase = ignoresCase
        bytes = ignoresCase ? text.utf8.map(Self.folded) : Array(text.utf8)
    }

    func matches(_ line: UnsafeRawBufferPointer) -> Bool {
        guard let first = bytes.first else { return true }
        guard ignoresCase, Self.folded(first) != first || Self.raised(first) != first else {
            return matches(line, beginningWith: first)
        }
        return matches(line, beginningWith: first)
            || matches(line, beginningWith: Self.raised(first))
    }

    private func matches(_ line: UnsafeRawBufferPointer, beginningWith first: UInt8) -> Bool {
        guard var rest = line.baseAddress else { return false }
        let last = rest + line.count
        while last - rest >= bytes.count,
            let found = memchr(rest, Int32(first), last - rest - bytes.count + 1)
        {
            let candidate = UnsafeRawPointer(found)
            if isHere(candidate) { return true }
            rest = candidate + 1
        }
        return false
    }

    private func isHere(_ candidate: UnsafeRawPointer) -> Bool {
        guard ignoresCase else { return memcmp(candidate, bytes, bytes.count) == 0 }
        for (index, byte) in bytes.enumerated() {
            let found = candidate.load(fromByteOffset: index, as: UInt8.self)
            if Self.folded(found) != byte { return false }
        }
        return true
    }

    private static func folded(_ byte: UInt8) -> UInt8 {
        (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }

    private static func raised(_ byte: UInt8) -> UInt8 {
        (0x61...0x7A).contains(byte) ? byte & ~0x20 : byte
    }
}
