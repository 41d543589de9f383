import FleetModel
import FleetProtocol
import FleetTesting
import Glibc
import Testing

@testable import Coordinator

/// Pages of logs, compared with what cutting the whole text into lines gives.
struct LogPageTests {
    private let folder: ScratchFolder
    private let run = RunID.attempt(JobID(3), 1)

    init() throws { folder = try ScratchFolder() }

    /// Every line of a log page by page, and what is known of the whole.
    private struct Walk {
        var lines: [LogLine] = []
        var pages = 0
        var last: LogPage?
    }

    private func page(
        _ text: String,
        _ query: LogQuery,
        isComplete: Bool = true,
        _ shelf: inout LogShelf
    ) throws -> LogPage? {
        if folder.bytes(of: "log") != Array(text.utf8) {
            _ = unlink(folder.path + "/log")
            try folder.append(text, to: "log")
        }
        let file = open(folder.path + "/log", O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        let length = Int64(text.utf8.count)
        let log = LogLines(file: file, length: length, isComplete: isComplete)
        return shelf.page(query, of: run, log, length: length, isComplete: isComplete)
    }

    /// Cut by the standard library, to compare with.
    private func expected(_ text: String, _ pattern: String? = nil) -> [LogLine] {
        var parts = text.split(separator: "\n", omittingEmptySubsequences: false)
        if parts.last?.isEmpty == true { parts.removeLast() }
        let lines = parts.enumerated().map { LogLine(number: $0 + 1, text: String($1)) }
        guard let pattern else { return lines }
        return lines.filter { $0.text.lowercased().contains(pattern.lowercased()) }
    }

    private static let texts: [String] = [
        "", "\n", "a", "a\n", "a\nb", "\n\n\n", "one\ntwo error\nthree\nfour Error\n",
        (1...5_000).map { "line \($0)\($0 % 7 == 0 ? " error" : "")\n" }.joined(),
        (1...40).map { String(repeating: "x", count: $0 * 1_000) + "\nerror \($0)\n" }.joined(),
    ]

    @Test(arguments: texts, [1, 3, 1_000])
    func `Paging backwards from the end gives every line once`(text: String, limit: Int) throws {
        for pattern in [nil, "error"] {
            let wanted = expected(text, pattern)
            try #require(wanted.count / limit < 6_000)
            var shelf = LogShelf()
            var query = LogQuery(limit: limit)
            query.pattern = pattern.map { LogPattern($0, ignoresCase: true) }
            var (lines, steps): ([LogLine], Int) = ([], 0)
            while steps < 40 {
                let page = try #require(try page(text, query, &shelf))
                #expect(page.total == expected(text).count)
                #expect(page.matches == pattern.map { _ in wanted.count })
                lines = page.lines + lines
                steps += 1
                guard let before = page.before else { break }
                query.place = .before(try #require(LogCursor(text: before)))
            }
            let shown = wanted.suffix(min(wanted.count, 40 * limit))
            #expect(lines.map(\.number) == shown.map(\.number))
            #expect(lines.first?.text.prefix(9_000) == shown.first?.text.prefix(9_000))
        }
    }

    @Test(arguments: texts, [2, 1_000])
    func `Paging forwards from the start gives every line once`(text: String, limit: Int) throws {
        for pattern in [nil, "error"] {
            let wanted = expected(text, pattern)
            var shelf = LogShelf()
            var query = LogQuery(place: .after(.start), limit: limit)
            query.pattern = pattern.map { LogPattern($0, ignoresCase: true) }
            var lines: [LogLine] = []
            while true {
                let page = try #require(try page(text, query, &shelf))
                lines += page.lines
                guard !page.lines.isEmpty else { break }
                query.place = .after(try #require(LogCursor(text: page.after)))
            }
            #expect(lines.map(\.number) == wanted.map(\.number))
            #expect(lines.last?.text.suffix(20) == wanted.last?.text.suffix(20))
        }
    }

    @Test func `A line that is still being written is not shown, and then is`() throws {
        var shelf = LogShelf()
        let first = try #require(try page("a\nb", LogQuery(), isComplete: false, &shelf))
        #expect(first.lines.map(\.text) == ["a"])
        #expect(first.total == 1)
        let on = LogQuery(place: .after(try #require(LogCursor(text: first.after))))
        let second = try #require(try page("a\nbc\nd", on, isComplete: false, &shelf))
        #expect(second.lines.map(\.text) == ["bc"])
        let rest = LogQuery(place: .after(try #require(LogCursor(text: second.after))))
        let third = try #require(try page("a\nbc\nd", rest, &shelf))
        #expect(third.lines == [LogLine(number: 3, text: "d")])
        #expect(third.total == 3)
    }

    @Test func `What is looked for is counted on as the log grows`() throws {
        var shelf = LogShelf()
        var query = LogQuery()
        query.pattern = LogPattern("Bad", ignoresCase: false)
        let texts = [
            "bad\nBad\n", "bad\nBad\nx\nso Bad it is\nBa", "bad\nBad\nx\nso Bad it is\nBad\n",
        ]
        var matches: [Int?] = []
        for text in texts {
            matches.append(try page(text, query, isComplete: false, &shelf)?.matches)
        }
        #expect(matches == [1, 2, 3])
    }

    @Test func `A link to a line shows it with what is around it`() throws {
        var shelf = LogShelf()
        let text = (1...50_000).map { "this is line \($0)\n" }.joined()
        for number in [1, 2, 777, 25_000, 49_999, 50_000] {
            let found = try #require(
                try page(text, LogQuery(place: .line(number), limit: 10), &shelf)
            )
            #expect(found.lines.contains(LogLine(number: number, text: "this is line \(number)")))
        }
        #expect(try page(text, LogQuery(place: .line(50_001), limit: 10), &shelf) == nil)
    }

    @Test(arguments: ["1.1", "2.4", "0.4", "1.99", "3.8", "1.0"])
    func `A cursor that no page gave is refused`(cursor: String) throws {
        var shelf = LogShelf()
        guard let cursor = LogCursor(text: cursor) else { return }
        #expect(try page("abc\nd\nef\n", LogQuery(place: .after(cursor)), &shelf) == nil)
    }

    @Test(arguments: ["", "1", "1.", ".1", "-1.5", "1.2.3", "a.b", "9.1", "1.99999999999999999999"])
    func `What is no cursor is none`(text: String) { #expect(LogCursor(text: text) == nil) }

    @Test func `A line longer than a page is cut and says so`() throws {
        var shelf = LogShelf()
        let text = "short\n" + String(repeating: "y", count: 3 << 20) + "\nend\n"
        let found = try #require(try page(text, LogQuery(), &shelf))
        #expect(found.lines.map(\.number) == [1, 2, 3])
        #expect(found.lines.map(\.isCut) == [nil, true, nil])
        #expect(found.lines[1].text.utf8.count == 16 << 10)
        #expect(found.lines[2].text == "end")
    }

    @Test func `A page has a bound in bytes, and the rest is on the next one`() throws {
        var shelf = LogShelf()
        let text = (1...1_000).map { "\($0)" + String(repeating: "z", count: 9_000) + "\n" }
            .joined()
        let newest = try #require(try page(text, LogQuery(), &shelf))
        #expect(newest.lines.last?.number == 1_000)
        #expect((400...470).contains(newest.lines.count))
        let cursor = try #require(newest.before.flatMap { LogCursor(text: $0) })
        let older = try #require(try page(text, LogQuery(place: .before(cursor)), &shelf))
        #expect(older.lines.last?.number == 1_000 - newest.lines.count)
        let oldest = try #require(try page(text, LogQuery(place: .after(.start)), &shelf))
        #expect(oldest.lines.first?.number == 1)
        #expect(oldest.after == "\(oldest.lines.count).\(offset(text, oldest.lines.count))")
    }

    private func offset(_ text: String, _ lines: Int) -> Int {
        text.utf8.split(separator: 0x0A).prefix(lines).reduce(0) { $0 + $1.count + 1 }
    }

    @Test(arguments: [
        ("abc", "b", true), ("abc", "B", false), ("abc", "abcd", false), ("", "a", false),
        ("aab", "ab", true), ("x", "", true), ("ääb", "äb", true), ("aaaaab", "aab", true),
    ])
    func `A pattern is a plain text`(line: String, pattern: String, isThere: Bool) {
        let found = Array(line.utf8).withUnsafeBytes {
            LogPattern(pattern, ignoresCase: false).matches($0)
        }
        #expect(found == isThere)
    }

    @Test(arguments: [
        ("aBc", "Bc", true), ("ABC", "abc", true), ("abc", "ABD", false), ("1.2", "1.2", true),
    ])
    func `Case is ignored where that is asked for`(line: String, pattern: String, isThere: Bool) {
        let found = Array(line.utf8).withUnsafeBytes {
            LogPattern(pattern, ignoresCase: true).matches($0)
        }
        #expect(found == isThere)
    }
}
