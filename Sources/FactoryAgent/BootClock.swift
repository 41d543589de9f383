import Glibc

/// Time since this machine started, sleep included: leases go on while a laptop's lid is closed.
enum BootClock {
    static func now() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    /// Seconds since 1970, for commits.
    static func wallSeconds() -> Int64 { Int64(time(nil)) }
}

extension Duration {
    var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
