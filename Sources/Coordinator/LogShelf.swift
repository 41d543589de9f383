import FleetModel
import FleetProtocol

/// What is asked of a log, line by line.
struct LogQuery: Hashable, Sendable {
    enum Place: Hashable, Sendable {
        /// The newest lines.
        case end
        case before(LogCursor)
        case after(LogCursor)
        /// The line of this number and what is around it.
        case line(Int)
    }

    var place = Place.end
    var limit = 1_000
    var pattern: LogPattern?
}

/// What the thread that reads logs remembers of them, so that it need not read them again.
struct LogShelf {
    /// The matches of one pattern, as far as the log was looked through.
    private struct Tally {
        var upTo = LogCursor.start
        var matches = 0
        /// The newest of them.
        var places: [LogLines.Place] = []
        var lastUse = 0
    }

    private struct Key: Hashable {
        let run: RunID
        let pattern: LogPattern
    }

    /// Lines that were found, and where to go on from.
    private struct Found {
        var places: [LogLines.Place] = []
        var hasEarlier = false
        var start: LogCursor
        var next: LogCursor
    }

    private var indexes: [RunID: (index: LogIndex, lastUse: Int)] = [:]
    private var tallies: [Key: Tally] = [:]
    private var uses = 0
    private static let kept = 64
    static let mostLines = 10_000
    /// Text of a page and of one line, in bytes.
    private static let pageBytes: Int64 = 4 << 20
    private static let lineBytes: Int64 = 16 << 10

    /// A page of a log; nil when the query names a place that this log does not have.
    mutating func page(
        _ query: LogQuery,
        of run: RunID,
        _ log: LogLines,
        length: Int64,
        isComplete: Bool
    ) -> LogPage? {
        uses += 1
        let index = index(of: run, log)
        let end = LogCursor(
            lines: index.lines(before: log.end, log) + log.openLine,
            offset: log.end
        )
        guard Self.exists(query.place, index, log, end) else { return nil }
        var tally: Tally?
        if let pattern = query.pattern { tally = self.tally(pattern, run, log) }
        let all: Found
        if let tally {
            all = Self.matching(query, tally, index, log, end)
        } else {
            all = Self.plain(query, index, log, end)
        }
        let found = Self.trimmed(all, fromFront: query.place.isBackward)
        return LogPage(
            run: run.description,
            lines: found.places.map { Self.line($0, log) },
            before: found.hasEarlier ? found.start.description : nil,
            after: found.next.description,
            total: end.lines,
            matches: tally?.matches,
            bytes: length,
            isComplete: isComplete
        )
    }

    private mutating func index(of run: RunID, _ log: LogLines) -> LogIndex {
        var index = indexes[run]?.index ?? LogIndex()
        index.extend(log)
        indexes[run] = (index, uses)
        if indexes.count > Self.kept, let oldest = indexes.min(by: { $0.1.lastUse < $1.1.lastUse })
        {
            indexes[oldest.key] = nil
        }
        return index
    }

    private mutating func tally(_ pattern: LogPattern, _ run: RunID, _ log: LogLines) -> Tally {
        let key = Key(run: run, pattern: pattern)
        var tally = tallies[key] ?? Tally()
        tally.lastUse = uses
        tally.upTo = log.forEach(from: tally.upTo) { place, text in
            guard pattern.matches(text) else { return true }
            tally.matches += 1
            tally.places.append(place)
            if tally.places.count >= 2 * Self.mostLines {
                tally.places.removeFirst(tally.places.count - Self.mostLines)
            }
            return true
        }
        tallies[key] = tally
        if tallies.count > Self.kept, let oldest = tallies.min(by: { $0.1.lastUse < $1.1.lastUse })
        {
            tallies[oldest.key] = nil
        }
        return tally
    }

    private static func exists(
        _ place: LogQuery.Place,
        _ index: LogIndex,
        _ log: LogLines,
        _ end: LogCursor
    ) -> Bool {
        switch place {
        case .end: return true
        case .line(let number): return (1...max(1, end.lines)).contains(number)
        case .before(let cursor), .after(let cursor):
            if cursor == .start || cursor == end { return true }
            guard cursor.offset > 0, cursor.offset < log.end,
                LogFile.bytes(log.file, from: cursor.offset - 1, count: 1) == [0x0A]
            else { return false }
            return index.lines(before: cursor.offset, log) == cursor.lines
        }
    }

    /// Every line counts.
    private static func plain(
        _ query: LogQuery,
        _ index: LogIndex,
        _ log: LogLines,
        _ end: LogCursor
    ) -> Found {
        let first: Int
        var limit = query.limit
        switch query.place {
        case .end: first = end.lines - query.limit
        case .before(let cursor):
            first = cursor.lines - query.limit
            limit = min(limit, cursor.lines)
        case .after(let cursor): first = cursor.lines
        case .line(let number): first = number - 1 - query.limit / 2
        }
        let start = index.place(after: max(0, first), log) ?? end
        var found = Found(hasEarlier: start.offset > 0, start: start, next: start)
        guard limit > 0 else { return found }
        found.next = log.forEach(from: start) { place, _ in
            found.places.append(place)
            return found.places.count < limit
        }
        return found
    }

    /// Only lines that match count.
    private static func matching(
        _ query: LogQuery,
        _ tally: Tally,
        _ index: LogIndex,
        _ log: LogLines,
        _ end: LogCursor
    ) -> Found {
        guard let pattern = query.pattern else { return Found(start: end, next: end) }
        switch query.place {
        case .end:
            var found = Found(start: .start, next: end)
            found.places = tally.places.suffix(query.limit)
            found.hasEarlier = tally.matches > found.places.count
            found.start = found.places.first.map(\.cursor) ?? .start
            return found
        case .before(let cursor):
            var found = Found(start: .start, next: cursor)
            log.forEach(from: .start) { place, text in
                guard place.offset < cursor.offset else { return false }
                guard pattern.matches(text) else { return true }
                found.places.append(place)
                if found.places.count >= 2 * query.limit + 1 {
                    found.places.removeFirst(found.places.count - query.limit - 1)
                }
                return true
            }
            found.hasEarlier = found.places.count > query.limit
            found.places = found.places.suffix(query.limit)
            found.start = found.places.first.map(\.cursor) ?? .start
            return found
        case .after(let cursor): return forward(pattern, from: cursor, query.limit, log)
        case .line(let number):
            let start = index.place(after: number - 1, log) ?? end
            return forward(pattern, from: start, query.limit, log)
        }
    }

    private static func forward(
        _ pattern: LogPattern,
        from start: LogCursor,
        _ limit: Int,
        _ log: LogLines
    ) -> Found {
        var found = Found(hasEarlier: start.offset > 0, start: start, next: start)
        found.next = log.forEach(from: start) { place, text in
            if pattern.matches(text) { found.places.append(place) }
            return found.places.count < limit
        }
        return found
    }

    /// As many lines as a page has room for.
    private static func trimmed(_ found: Found, fromFront: Bool) -> Found {
        var (found, bytes) = (found, Int64(0))
        let order = fromFront ? Array(found.places.reversed()) : found.places
        let fitting = order.prefix { place in
            bytes += min(place.length, lineBytes)
            return bytes <= pageBytes
        }
        guard fitting.count < order.count else { return found }
        if fromFront {
            found.places = fitting.reversed()
            found.hasEarlier = true
            found.start = found.places.first.map(\.cursor) ?? found.start
        } else {
            found.next = order[fitting.count].cursor
            found.places = Array(fitting)
        }
        return found
    }

    private static func line(_ place: LogLines.Place, _ log: LogLines) -> LogLine {
        let count = Int(min(place.length, lineBytes))
        let bytes = LogFile.bytes(log.file, from: place.offset, count: count)
        let isCut = place.length > lineBytes ? true : nil
        return LogLine(
            number: place.number,
            text: String(decoding: bytes, as: UTF8.self),
            isCut: isCut
        )
    }
}

extension LogQuery.Place {
    /// Whether the lines nearest to the end matter most.
    fileprivate var isBackward: Bool {
        switch self {
        case .end, .before: true
        case .after, .line: false
        }
    }
}

extension LogLines.Place {
    /// The place before it.
    fileprivate var cursor: LogCursor { LogCursor(lines: number - 1, offset: offset) }
}
