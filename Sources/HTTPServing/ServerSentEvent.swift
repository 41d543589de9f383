/// One event of a `text/event-stream`.
package struct ServerSentEvent: Hashable, Sendable {
    /// The position to resume from; nil leaves the reader's as it was.
    package var id: String?
    /// The kind; `message` when the stream names none.
    package var event: String
    package var data: String

    package init(id: String? = nil, event: String = "message", data: String) {
        self.id = id
        self.event = event
        self.data = data
    }

    /// The event as it is sent.
    ///
    /// Line breaks in `id` and `event` would forge fields: they are cut there.
    package var encoded: [UInt8] {
        var text = ""
        if let id { text += "id: \(Self.firstLine(id))\n" }
        if event != "message" { text += "event: \(Self.firstLine(event))\n" }
        for line in data.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            text += "data: \(line)\n"
        }
        return Array((text + "\n").utf8)
    }

    /// A line that readers skip; it keeps proxies and idle timeouts quiet.
    package static func comment(_ text: String) -> [UInt8] {
        Array(": \(firstLine(text))\n\n".utf8)
    }

    private static func firstLine(_ text: String) -> Substring {
        text.prefix { !$0.isNewline && $0 != "\0" }
    }
}

/// Reads a `text/event-stream` however it is cut into parts.
package struct ServerSentEventParser: Sendable {
    /// The last id that was seen; send it as `Last-Event-ID` to resume.
    package private(set) var lastEventID: String?
    /// How long the server asks to wait before coming back.
    package private(set) var retry: Duration?
    /// True once a line or an event was longer than the limit; nothing more is read.
    package private(set) var hasOverflowed = false

    private let limit: Int
    private var line: [UInt8] = []
    private var skipsLineFeed = false
    private var isAtStart = true
    private var event = ""
    private var data: String?
    private var dataBytes = 0

    package init(lastEventID: String? = nil, limit: Int = 8 << 20) {
        self.lastEventID = lastEventID
        self.limit = limit
    }

    /// Takes the next part and gives the events that it completes.
    package mutating func feed(_ bytes: some Sequence<UInt8>) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        for byte in bytes where !hasOverflowed {
            let followsReturn = skipsLineFeed
            skipsLineFeed = false
            switch byte {
            case 0x0A where followsReturn: continue
            case 0x0A, 0x0D:
                skipsLineFeed = byte == 0x0D
                if let event = endLine() { events.append(event) }
            default:
                line.append(byte)
                if line.count + dataBytes > limit { hasOverflowed = true }
            }
        }
        return events
    }

    private mutating func endLine() -> ServerSentEvent? {
        var text = line[...]
        if isAtStart, text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
        isAtStart = false
        defer { line.removeAll(keepingCapacity: true) }
        guard !text.isEmpty else { return dispatch() }
        let colon = text.firstIndex(of: UInt8(ascii: ":")) ?? text.endIndex
        var value = text[colon...].dropFirst()
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        take(
            field: String(decoding: text[..<colon], as: UTF8.self),
            value: String(decoding: value, as: UTF8.self)
        )
        return nil
    }

    private mutating func take(field: String, value: String) {
        switch field {
        case "data":
            data = data.map { $0 + "\n" + value } ?? value
            dataBytes += value.utf8.count + 1
        case "event": event = value
        case "id" where !value.utf8.contains(0): lastEventID = value
        case "retry" where !value.isEmpty && value.utf8.allSatisfy { 0x30...0x39 ~= $0 }:
            if let milliseconds = Int64(value) { retry = .milliseconds(milliseconds) }
        default: break
        }
    }

    private mutating func dispatch() -> ServerSentEvent? {
        defer {
            event = ""
            data = nil
            dataBytes = 0
        }
        guard let data else { return nil }
        return ServerSentEvent(
            id: lastEventID,
            event: event.isEmpty ? "message" : event,
            data: data
        )
    }
}
