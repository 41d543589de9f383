import Coordinator
import FleetModel
import Glibc

/// The wall clock, for commands that work without a coordinator's clock.
enum Moment {
    static var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// Random bytes for the hashes of events.
    static func salt() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    static func text(_ instant: Instant) -> String { Timestamp.text(instant) }
}
