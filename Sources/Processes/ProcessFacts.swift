import Glibc

/// What the system says of this very process at one moment.
package struct ProcessFacts: Hashable, Sendable {
    /// Milliseconds since 1970, by the system's own count since boot.
    package let startedAt: Int64?
    package let residentBytes: Int64?
    /// Of all its threads, in user and in system mode.
    package let processorMicroseconds: Int64
    package let openDescriptors: Int64?

    package static func own() -> ProcessFacts {
        ProcessFacts(
            startedAt: startOfOwn(),
            residentBytes: residentPages().map { $0 * Int64(sysconf(Int32(_SC_PAGESIZE))) },
            processorMicroseconds: processorTime(),
            openDescriptors: descriptors()
        )
    }

    private static func startOfOwn() -> Int64? {
        let ticks = Int64(sysconf(Int32(_SC_CLK_TCK)))
        guard ticks > 0, let entry = ProcessEntry.read(getpid()), let boot = bootSeconds() else {
            return nil
        }
        return boot * 1_000 + Int64(entry.started) * 1_000 / ticks
    }

    private static func bootSeconds() -> Int64? {
        guard let bytes = ProcessFile.read("/proc/stat", limit: 1 << 20) else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        return lines.first { $0.hasPrefix("btime ") }.flatMap { Int64($0.dropFirst(6)) }
    }

    /// The second number of `statm`.
    private static func residentPages() -> Int64? {
        guard let bytes = ProcessFile.read("/proc/self/statm", limit: 4_096) else { return nil }
        let numbers = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        return numbers.dropFirst().first.flatMap { Int64($0) }
    }

    private static func processorTime() -> Int64 {
        var spent = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent)
        return Int64(spent.tv_sec) * 1_000_000 + Int64(spent.tv_nsec) / 1_000
    }

    /// The folder that is being read is open as well, and does not count.
    private static func descriptors() -> Int64? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count: Int64 = 0
        while readdir(folder) != nil { count += 1 }
        return max(0, count - 3)
    }
}
