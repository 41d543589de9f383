import HTTPServing

/// The newest events as they lie in the store, kept so that live readers need no disk.
struct RecentEvents: Sendable {
    /// Position of the newest event that there is.
    private(set) var newest: UInt64
    private var lines: [[UInt8]] = []
    /// Lines before it are forgotten; they are dropped together, now and then.
    private var head = 0
    private var bytes = 0
    private let limit: Int

    init(newest: UInt64, limit: Int) {
        self.newest = newest
        self.limit = limit
    }

    /// Position of the oldest event that is still here; beyond the newest when there is none.
    var oldest: UInt64 { newest + 1 - UInt64(lines.count - head) }

    /// Takes what a commit made known; positions are gapless.
    mutating func append(_ fresh: [[UInt8]]) {
        lines += fresh
        newest += UInt64(fresh.count)
        for line in fresh { bytes += line.count }
        while bytes > limit, head < lines.count {
            bytes -= lines[head].count
            lines[head] = []
            head += 1
        }
        if head > 256, head > lines.count / 2 {
            lines.removeFirst(head)
            head = 0
        }
    }

    /// Events after `position`, at least one and otherwise at most so many bytes.
    ///
    /// Nil when the next one is not here any more.
    func page(after position: UInt64, bytes limit: Int) -> EventPage? {
        guard position >= oldest - 1, position < newest else { return nil }
        var page = EventPage(after: position)
        for line in lines[(head + Int(position + 1 - oldest))...] {
            guard page.append(line, limit: limit) else { break }
        }
        return page
    }
}

/// Consecutive events on their way to readers.
struct EventPage: Sendable {
    /// The position before its first event.
    let after: UInt64
    private(set) var lines: [[UInt8]] = []
    private var bytes = 0

    init(after: UInt64) { self.after = after }

    /// Position of its last event.
    var last: UInt64 { after + UInt64(lines.count) }

    /// False when the line would not fit; the first one always does.
    mutating func append(_ line: [UInt8], limit: Int) -> Bool {
        guard lines.isEmpty || bytes + line.count <= limit else { return false }
        lines.append(line)
        bytes += line.count
        return true
    }

    /// As it is sent, without the events of other products.
    func encoded(product: String?) -> [UInt8] {
        let mark = product.map { Array(",\"product\":".utf8) + (JSONBody.bytes($0) ?? []) + [44] }
        var message: [UInt8] = []
        message.reserveCapacity(bytes + lines.count * 48)
        for (index, line) in lines.enumerated() {
            let position = "\(after + 1 + UInt64(index))".utf8
            // The envelope begins with position and product: a body that says the same is no match.
            let envelope = line.dropFirst("{\"position\":".utf8.count + position.count)
            if let mark, !envelope.starts(with: mark) { continue }
            message += "id: ".utf8
            message += position
            message += "\nevent: event\ndata: ".utf8
            message += line
            message += "\n\n".utf8
        }
        return message
    }
}
