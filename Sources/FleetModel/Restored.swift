package import JSONWriting

/// The store was put in place from a backup; what came after the backup is lost to it.
///
/// Numbers that may have been given out since then are never given out again: a factory, a branch
/// or a fence at an origin may still carry them.
package struct Restored: Hashable, Sendable, Codable {
    /// Position and instant of the last event in the backup, and when the backup was made.
    package var position: UInt64
    package var lastInstant: Instant
    package var madeAt: Instant
    /// Every job up to this number is older than the restore.
    package var lastJob: UInt64
    /// The next lease of such a job has a higher fence, and its next start a higher attempt.
    package var fence: UInt64
    package var attempt: Int

    package init(
        position: UInt64,
        lastInstant: Instant,
        madeAt: Instant,
        lastJob: UInt64,
        fence: UInt64,
        attempt: Int
    ) {
        self.position = position
        self.lastInstant = lastInstant
        self.madeAt = madeAt
        self.lastJob = lastJob
        self.fence = fence
        self.attempt = attempt
    }
}

extension Restored: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("attempt", attempt)
        json.member("fence", fence)
        json.member("lastInstant", lastInstant)
        json.member("lastJob", lastJob)
        json.member("madeAt", madeAt)
        json.member("position", position)
        json.close()
    }
}
