/// `GET /fleet/runs/{run}/log?as=lines`: a part of a run's log, line by line.
package struct LogPage: Hashable, Sendable, Codable {
    package var run: String
    package var lines: [LogLine]
    /// The cursor for what comes before these lines; nil at the beginning.
    package var before: String?
    /// The cursor for what comes after these lines, now or later.
    package var after: String
    /// Lines in the whole log.
    package var total: Int
    /// Lines in the whole log that match; nil when nothing was looked for.
    package var matches: Int?
    /// The length of the whole log in bytes.
    package var bytes: Int64
    /// The run is over: nothing more comes.
    package var isComplete: Bool

    package init(
        run: String,
        lines: [LogLine],
        before: String?,
        after: String,
        total: Int,
        matches: Int?,
        bytes: Int64,
        isComplete: Bool
    ) {
        self.run = run
        self.lines = lines
        self.before = before
        self.after = after
        self.total = total
        self.matches = matches
        self.bytes = bytes
        self.isComplete = isComplete
    }
}

package struct LogLine: Hashable, Sendable, Codable {
    /// Counted from 1; it never changes, so that a link to a line stays good.
    package var number: Int
    package var text: String
    /// Set when the line is longer than what is shown.
    package var isCut: Bool?

    package init(number: Int, text: String, isCut: Bool? = nil) {
        self.number = number
        self.text = text
        self.isCut = isCut
    }
}
