import Glibc

/// A moment on the monotonic clock, or never.
package struct Deadline: Hashable, Sendable {
    /// Nanoseconds of the monotonic clock; nil is never.
    private let nanoseconds: UInt64?

    package static let never = Deadline(nanoseconds: nil)

    private init(nanoseconds: UInt64?) { self.nanoseconds = nanoseconds }

    /// The moment that lies `duration` ahead; nil is never, and a negative duration is now.
    package static func after(_ duration: Duration?) -> Deadline {
        guard let duration else { return .never }
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return Deadline(nanoseconds: now()) }
        // A hundred years is as good as for ever, and cannot overflow below.
        let whole = UInt64(min(seconds, 3_155_760_000))
        let ahead = whole * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
        return Deadline(nanoseconds: now() + ahead)
    }

    package func sooner(_ other: Deadline) -> Deadline {
        guard let mine = nanoseconds else { return other }
        guard let theirs = other.nanoseconds else { return self }
        return mine <= theirs ? self : other
    }

    package var hasPassed: Bool {
        guard let nanoseconds else { return false }
        return Self.now() >= nanoseconds
    }

    /// What `poll` wants: milliseconds rounded up, -1 for never.
    package var pollTimeout: Int32 {
        guard let nanoseconds else { return -1 }
        let now = Self.now()
        guard nanoseconds > now else { return 0 }
        return Int32(clamping: (nanoseconds - now + 999_999) / 1_000_000)
    }

    var timespec: Glibc.timespec? {
        guard let nanoseconds else { return nil }
        return Glibc.timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000),
            tv_nsec: Int(nanoseconds % 1_000_000_000)
        )
    }

    private static func now() -> UInt64 {
        var time = Glibc.timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
