import FleetModel

/// What must hold at the moment of a grant, and of giving up.
extension HistoryCheck {
    mutating func check(_ lease: Lease, _ job: Known, at now: Instant) {
        let id = lease.job
        if let held = job.held {
            fail(.oneLease, "\(id) is granted fence \(lease.fence) beside \(held.lease.fence)")
        }
        if lease.fence <= job.fence {
            fail(.oneLease, "\(id): fence \(lease.fence) after \(job.fence)")
        }
        let wanted: Stage = lease.kind == .ship ? .testing : .queued
        if job.stage != wanted {
            fail(.legalStages, "\(id): a \(lease.kind) lease in \(job.stage)")
        }
        checkHolds(lease, job)
        for other in job.dependencies where jobs[other]?.stage != .shipped {
            let isGround = jobs[other]?.stage == .testing && job.fromTesting.contains(other)
            if isGround, lease.kind == .attempt {
                note("a start from testing")
            } else {
                fail(.eligible, "\(id): a \(lease.kind) lease before \(other) shipped")
            }
        }
        checkFactory(lease, job)
        checkScopes(lease, job)
        for other in leased.sorted() where other != id {
            guard let known = jobs[other], let held = known.held else { continue }
            if let lock = job.terms.lock, lock == known.terms.lock,
                job.terms.product == known.terms.product
            {
                fail(.locked, "\(id) and \(other) hold the lock \(lock)")
            }
            if lease.kind == .ship, held.lease.kind == .ship, job.terms.repo == known.terms.repo {
                fail(.locked, "\(id) and \(other) ship at once")
            }
        }
    }

    private mutating func checkHolds(_ lease: Lease, _ job: Known) {
        let onlyLooks = job.isCancelled && lease.kind == .ship
        if job.isPaused, !onlyLooks {
            fail(.halted, "\(lease.job): a \(lease.kind) lease while it is paused")
        }
        if job.isCancelled, lease.kind == .attempt {
            fail(.halted, "\(lease.job): an attempt after its cancel")
        }
        if let halt, lease.kind == .attempt || halt == .all {
            fail(.halted, "\(lease.job): a \(lease.kind) lease in a halt of \(halt)")
        }
        if lease.kind == .attempt, pausedProducts.contains(job.terms.product) {
            fail(.halted, "\(lease.job): a lease while \(job.terms.product) is paused")
        }
    }

    private mutating func checkFactory(_ lease: Lease, _ job: Known) {
        guard let factory = factories[lease.factory] else {
            return fail(.eligible, "\(lease.job) went to \(lease.factory), which is unknown")
        }
        if factory.boot != lease.boot {
            fail(.eligible, "\(lease.job) went to \(lease.boot), \(factory.boot) is there")
        }
        if factory.drainingBy != nil { fail(.eligible, "\(lease.job) went to one that drains") }
        guard lease.kind == .attempt else { return }
        for need in job.terms.capabilities
        where !factory.facts.contains(where: { $0.name == need.name }) {
            fail(.eligible, "\(lease.job) needs \(need.name), and \(factory.id) has none")
        }
    }

    /// Given up after its retries, the same failure twice, or five losses; and it says of what.
    mutating func checkGivingUp(_ id: JobID, _ job: Known, _ gaveUp: GaveUp) {
        guard let failure = gaveUp.failure else {
            return fail(.usedUp, "\(id) was given up without a word of what failed")
        }
        let isSame =
            job.retries > 0 && job.failureBefore?.cause == failure.cause
            && job.failureBefore?.tail == failure.tail
        let isPoison = gaveUp.cause == .leaseExpired && job.losses == 4
        let isUsedUp = job.terms.retry.max > 0 && job.retries == job.terms.retry.max
        if !isSame, !isPoison, !isUsedUp {
            let max = job.terms.retry.max
            fail(.usedUp, "\(id) was given up after \(job.retries) of \(max) retries")
        }
    }
}

/// The history held against the remote, once nothing is on its way any more.
extension HistoryCheck {
    package mutating func compare(with remote: SimulatedRemote) {
        var seen: Set<JobID> = []
        for merge in remote.merges {
            guard seen.insert(merge.job).inserted else {
                fail(.oneShip, "\(merge.job) is on the target twice")
                continue
            }
            let job = jobs[merge.job]
            if job?.shipped?.commit != merge.commit {
                let stage = job?.stage.rawValue ?? "nowhere"
                fail(.oneShip, "\(merge.commit) is on the target, and its job is in \(stage)")
            }
            if job?.passed != merge.candidate {
                fail(.judgedTree, "\(merge.candidate) is on the target and did not pass")
            }
        }
        for (id, job) in jobs.sorted(by: { $0.key < $1.key }) {
            guard let commit = job.shipped?.commit, !seen.contains(id) else { continue }
            fail(.oneShip, "\(id) shipped as \(commit), which is nowhere")
        }
    }
}
