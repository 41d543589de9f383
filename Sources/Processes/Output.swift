/// One line of a child's output, without its newline; raw bytes, for it may be any encoding.
package struct OutputLine: Hashable, Sendable {
    package let bytes: [UInt8]
    /// Whether the line was longer than the limit and its rest was dropped.
    package let isCut: Bool

    package init(bytes: [UInt8], isCut: Bool) {
        self.bytes = bytes
        self.isCut = isCut
    }

    /// The line for people: what is not UTF-8 shows as replacement characters.
    package var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// Where one of a child's output streams goes.
package enum OutputSink: Sendable {
    package static let lineLimit = 65_536

    case discard
    /// Line by line, on the child's own thread; a slow receiver slows the child, nothing is lost.
    case lines(limit: Int = OutputSink.lineLimit, @Sendable (OutputLine) -> Void)
    /// Kept in memory up to a limit; what comes after it is read and dropped.
    case collect(limit: Int)
}

/// What was kept of one stream.
package struct CollectedOutput: Hashable, Sendable {
    package internal(set) var bytes: [UInt8] = []
    package internal(set) var isCut = false

    package var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// Turns chunks into what the sink wants.
struct OutputReader {
    private let sink: OutputSink
    private var line: [UInt8] = []
    private var isCut = false
    private(set) var collected = CollectedOutput()

    init(_ sink: OutputSink) { self.sink = sink }

    mutating func take(_ chunk: UnsafeRawBufferPointer) {
        switch sink {
        case .discard: return
        case .collect(let limit):
            let room = limit - collected.bytes.count
            collected.bytes.append(contentsOf: chunk.prefix(max(0, room)))
            if chunk.count > room { collected.isCut = true }
        case .lines(let limit, let receive):
            var rest = chunk[...]
            while let end = rest.firstIndex(of: 0x0A) {
                extend(by: rest[..<end], limit: limit)
                flush(to: receive)
                rest = rest[(end + 1)...]
            }
            extend(by: rest, limit: limit)
        }
    }

    /// The stream is at its end: a last line without newline is a line too.
    mutating func end() {
        guard case .lines(_, let receive) = sink, !line.isEmpty || isCut else { return }
        flush(to: receive)
    }

    private mutating func extend(by part: Slice<UnsafeRawBufferPointer>, limit: Int) {
        let room = limit - line.count
        line.append(contentsOf: part.prefix(max(0, room)))
        if part.count > room { isCut = true }
    }

    private mutating func flush(to receive: @Sendable (OutputLine) -> Void) {
        receive(OutputLine(bytes: line, isCut: isCut))
        line.removeAll(keepingCapacity: true)
        isCut = false
    }
}
