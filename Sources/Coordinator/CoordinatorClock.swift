import FleetModel
import Glibc

/// The only clock that leases know: monotonic, anchored to the wall clock once, never stepping.
struct CoordinatorClock: Sendable {
    private let anchor: Instant
    private let start: Int64

    /// The anchor is the later of the wall clock and the last stored instant.
    init(notBefore last: Instant) {
        anchor = max(Self.read(CLOCK_REALTIME), last)
        start = Self.read(CLOCK_BOOTTIME).milliseconds
    }

    var now: Instant {
        anchor.advanced(
            by: Timespan(milliseconds: Self.read(CLOCK_BOOTTIME).milliseconds - start)
        )
    }

    private static func read(_ clock: clockid_t) -> Instant {
        var time = timespec()
        let result = clock_gettime(clock, &time)
        precondition(result == 0, "every Linux has this clock")
        return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
