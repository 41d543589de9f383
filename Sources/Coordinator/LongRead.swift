import HTTPServing

/// A question whose answer takes a long way through jobs or events, cut into steps.
protocol LongRead: Sendable {
    /// Goes one step; the answer when it is the last.
    mutating func step() throws(Problem) -> HTTPResponse?
}
