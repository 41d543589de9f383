package import FleetModel

/// A store that begins again at an earlier moment than the world around it.
extension Fleet {
    /// Ends every lease, leaves out the numbers that may be taken, and halts the fleet.
    ///
    /// What was done after the backup is not known here, shipped work included: a person looks
    /// before anything is done a second time.
    mutating func restore(_ restored: Restored, by person: Principal) {
        let reason = "the store was restored from a backup"
        for id in state.jobs.keys.sorted() where state.jobs[id]?.isLeased == true {
            release(id, reason: reason)
        }
        emit(.fleetRestored(restored), by: person)
        halt(
            .all,
            reason: "\(reason): compare with the origins, then giga resume",
            stops: true,
            by: person
        )
    }
}

extension FleetState.Counters {
    /// The highest fence that a lease of the job may ever have had, before a restore too.
    func lastFence(of job: Job) -> UInt64 { max(job.fence, floor(of: job)?.fence ?? 0) }

    /// The highest attempt that a start of the job may ever have had, before a restore too.
    func lastAttempt(of job: Job) -> Int { max(job.attempt, floor(of: job)?.attempt ?? 0) }

    private func floor(of job: Job) -> Restored? {
        restored.flatMap { job.id.number <= $0.lastJob ? $0 : nil }
    }
}

extension Restored {
    /// Numbers that nothing from after the backup can have reached.
    ///
    /// Nobody knows how far the lost part of the history went, but it had only the time since the
    /// backup was made, also when the same backup was restored before: ten jobs a millisecond, one
    /// grant of one job a millisecond and one start of it a second are more than there can be.
    package init(
        position: UInt64,
        lastInstant: Instant,
        madeAt: Instant,
        now: Instant,
        highest: Highest
    ) {
        let elapsed = max(now.since(madeAt).milliseconds, 0) + 1
        let jobs = highest.job + 10 * UInt64(elapsed)
        self.init(
            position: position,
            lastInstant: lastInstant,
            madeAt: madeAt,
            // A round number, so that people see where the new ones begin.
            lastJob: (jobs / 1_000 + 1) * 1_000,
            fence: highest.fence + UInt64(elapsed),
            attempt: highest.attempt + Int(elapsed / 1_000) + 1
        )
    }

    /// The highest numbers in a history.
    package struct Highest: Hashable, Sendable {
        package var job: UInt64 = 0
        package var fence: UInt64 = 0
        package var attempt = 0

        package init() {}

        package mutating func take(_ event: Event) {
            job = max(job, event.job?.number ?? 0)
            fence = max(fence, event.fence ?? 0)
            attempt = max(attempt, event.attempt ?? 0)
            if case .fleetRestored(let restored) = event.body {
                job = max(job, restored.lastJob)
                fence = max(fence, restored.fence)
                attempt = max(attempt, restored.attempt)
            }
        }
    }
}
