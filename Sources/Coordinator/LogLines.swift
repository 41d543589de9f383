import Glibc

/// The lines of a log as far as it is shown, read in blocks: never more than one is in memory.
struct LogLines {
    /// A line of the log: where it begins, and its bytes without the line break.
    struct Place: Hashable, Sendable {
        let number: Int
        let offset: Int64
        let length: Int64
    }

    let file: Int32
    /// Lines end before it.
    let end: Int64
    private static let block = 1 << 20

    /// A line that is still being written is left out: what is shown of a line never changes.
    init(file: Int32, length: Int64, isComplete: Bool) {
        self.file = file
        var end = length
        while !isComplete, end > 0 {
            let count = Int(min(end, 64 << 10))
            let bytes = LogFile.bytes(file, from: end - Int64(count), count: count)
            if let found = bytes.lastIndex(of: 0x0A) {
                end -= Int64(bytes.count - found - 1)
                break
            }
            end -= Int64(count)
        }
        self.end = end
    }

    /// 1 when the last line has no line break, else 0.
    var openLine: Int {
        end > 0 && LogFile.bytes(file, from: end - 1, count: 1) != [0x0A] ? 1 : 0
    }

    /// Goes through the lines that begin at `start` or later until `body` says false.
    ///
    /// `start` begins line number `number`. Of a line longer than a block `body` gets the first one.
    /// - Returns: the place after the last line that was gone through.
    @discardableResult
    func forEach(
        from start: LogCursor,
        _ body: (Place, UnsafeRawBufferPointer) -> Bool
    ) -> LogCursor {
        var cursor = start
        while cursor.offset < end {
            let count = Int(min(end - cursor.offset, Int64(Self.block)))
            let bytes = LogFile.bytes(file, from: cursor.offset, count: count)
            // The file is shorter than it was: nothing more can be said.
            guard bytes.count == count else { return cursor }
            let (used, goesOn) = bytes.withUnsafeBytes { whole(in: $0, &cursor, body) }
            guard goesOn else { return cursor }
            if used == 0, !longLine(bytes, &cursor, body) { return cursor }
        }
        return cursor
    }

    /// The whole lines in a block; at the end of the log the last one needs no line break.
    private func whole(
        in bytes: UnsafeRawBufferPointer,
        _ cursor: inout LogCursor,
        _ body: (Place, UnsafeRawBufferPointer) -> Bool
    ) -> (used: Int, goesOn: Bool) {
        guard let base = bytes.baseAddress else { return (0, false) }
        let isLast = cursor.offset + Int64(bytes.count) == end
        var used = 0
        while used < bytes.count {
            var length = bytes.count - used
            var lineEnd = bytes.count
            if let found = memchr(base + used, 0x0A, length) {
                length = UnsafeRawPointer(found) - (base + used)
                lineEnd = used + length + 1
            } else if !isLast {
                return (used, true)
            }
            let place = Place(
                number: cursor.lines + 1,
                offset: cursor.offset,
                length: Int64(length)
            )
            let text = UnsafeRawBufferPointer(start: base + used, count: length)
            cursor = LogCursor(
                lines: cursor.lines + 1,
                offset: cursor.offset + Int64(lineEnd - used)
            )
            used = lineEnd
            guard body(place, text) else { return (used, false) }
        }
        return (used, true)
    }

    /// A line that is longer than a block.
    private func longLine(
        _ bytes: [UInt8],
        _ cursor: inout LogCursor,
        _ body: (Place, UnsafeRawBufferPointer) -> Bool
    ) -> Bool {
        var next = cursor.offset + Int64(bytes.count)
        var length = next - cursor.offset
        while next < end {
            let count = Int(min(end - next, Int64(Self.block)))
            let more = LogFile.bytes(file, from: next, count: count)
            guard more.count == count else { return false }
            let found = more.firstIndex(of: 0x0A)
            length += Int64(found ?? count)
            next += Int64(found.map { $0 + 1 } ?? count)
            if found != nil { break }
        }
        let place = Place(number: cursor.lines + 1, offset: cursor.offset, length: length)
        cursor = LogCursor(lines: cursor.lines + 1, offset: next)
        return bytes.withUnsafeBytes { body(place, $0) }
    }
}

/// A place between two lines: how many there are before it, and where it is.
///
/// As text `12.3456`; opaque to clients.
struct LogCursor: Hashable, Sendable, CustomStringConvertible {
    let lines: Int
    let offset: Int64

    static let start = LogCursor(lines: 0, offset: 0)

    init(lines: Int, offset: Int64) {
        self.lines = lines
        self.offset = offset
    }

    init?(text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let lines = Int(parts[0]), let offset = Int64(parts[1]), lines >= 0,
            offset >= lines
        else { return nil }
        self.init(lines: lines, offset: offset)
    }

    var description: String { "\(lines).\(offset)" }
}

/// Line numbers in a log that only grows: how many lines end before each block.
struct LogIndex {
    private static let block: Int64 = 256 << 10
    /// At `n`: line breaks in the first `n` blocks, all of them whole.
    private var lineBreaks = [0]

    /// Takes in what has grown; what was counted before is not read again.
    mutating func extend(_ log: LogLines) {
        while Int64(lineBreaks.count) * Self.block <= log.end {
            let start = Int64(lineBreaks.count - 1) * Self.block
            let count = Self.breaks(log.file, from: start, to: start + Self.block)
            lineBreaks.append(lineBreaks[lineBreaks.count - 1] + count)
        }
    }

    /// How many lines end before `offset`.
    func lines(before offset: Int64, _ log: LogLines) -> Int {
        let block = min(Int(offset / Self.block), lineBreaks.count - 1)
        return lineBreaks[block]
            + Self.breaks(log.file, from: Int64(block) * Self.block, to: offset)
    }

    /// The place after so many lines; nil when there are not so many.
    func place(after lines: Int, _ log: LogLines) -> LogCursor? {
        if lines == 0 { return .start }
        var (low, high) = (0, lineBreaks.count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if lineBreaks[middle] < lines { low = middle } else { high = middle - 1 }
        }
        var left = lines - lineBreaks[low]
        var offset = Int64(low) * Self.block
        while offset < log.end {
            let count = Int(min(log.end - offset, Self.block))
            let bytes = LogFile.bytes(log.file, from: offset, count: count)
            guard bytes.count == count else { return nil }
            for (index, byte) in bytes.enumerated() where byte == 0x0A {
                left -= 1
                if left == 0 { return LogCursor(lines: lines, offset: offset + Int64(index) + 1) }
            }
            offset += Int64(count)
        }
        return nil
    }

    private static func breaks(_ file: Int32, from start: Int64, to end: Int64) -> Int {
        var count = 0
        LogFile.bytes(file, from: start, count: Int(max(0, end - start))).withUnsafeBytes { bytes in
            guard var rest = bytes.baseAddress else { return }
            let last = rest + bytes.count
            while rest < last, let found = memchr(rest, 0x0A, last - rest) {
                count += 1
                rest = UnsafeRawPointer(found) + 1
            }
        }
        return count
    }
}
