package import FleetModel

/// A clock that stands still until the test moves it; it never goes back.
package struct VirtualClock: Sendable {
    package private(set) var now: Instant

    package init(now: Instant = Instant(milliseconds: 1_000_000)) { self.now = now }

    package mutating func advance(by span: Timespan) {
        precondition(span >= .zero, "time does not go back")
        now = now.advanced(by: span)
    }

    /// Moves to `instant`, or stays where it is when that is past.
    package mutating func advance(to instant: Instant) { now = max(now, instant) }
}
