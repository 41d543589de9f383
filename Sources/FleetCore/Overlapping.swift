import FleetModel
import FleetRules

/// What a job may change, where that is narrow enough to keep others away from it.
struct ScopeClaim: Sendable {
    /// Repository and branch.
    let target: String
    let scope: PathScope

    func overlap(with other: ScopeClaim) -> ScopeOverlap? {
        target == other.target ? scope.overlap(with: other.scope) : nil
    }
}

/// Jobs that may change the same files of one target do so one after the other.
extension FleetState {
    /// What the job keeps others away from; nil for a wide scope, and for work without a change.
    ///
    /// A job in the queue will start with today's profile and target.
    func scopeClaim(of job: Job) -> ScopeClaim? {
        guard job.manifest.output != Manifest.Output.none else { return nil }
        if isOutdated(job) { return Self.scopeClaim(by: presentTerms(of: job)) }
        // Most jobs name no scope: their terms need not be copied.
        return job.terms.scopes.isEmpty ? nil : Self.scopeClaim(by: job.terms)
    }

    private static func scopeClaim(by terms: JobTerms) -> ScopeClaim? {
        guard !terms.scopes.isEmpty else { return nil }
        let scope = PathScope(terms.scopes)
        guard scope.isNarrow else { return nil }
        return ScopeClaim(target: key(repo: terms.repo, target: terms.target), scope: scope)
    }

    private func isOutdated(_ job: Job) -> Bool {
        guard job.stage == .queued else { return false }
        return profiles[job.terms.profile.name]?.last?.version != job.terms.profile.version
            || repositories[job.terms.repo]?.target != job.terms.target
    }

    /// A scope is held by a lease, as a lock is, and on until the target has the change, unless
    /// that takes a person: what begins meanwhile would begin without it.
    func holdsScope(_ job: Job) -> Bool {
        job.isLeased || (job.isBoundForTarget && unshippedGround(of: job) == nil)
    }

    /// The first of these jobs that holds what the job may change.
    ///
    /// What it depends on comes first anyway, or is what it begins on.
    func scopeHolder(
        of claim: ScopeClaim,
        for job: Job,
        among ids: Set<JobID>
    ) -> (job: JobID, overlap: ScopeOverlap)? {
        var first: (job: JobID, overlap: ScopeOverlap)?
        for id in ids where id != job.id && id < first?.job ?? JobID(.max) {
            guard !job.dependencies.contains(id), let other = jobs[id], holdsScope(other),
                let overlap = scopeClaim(of: other).flatMap(claim.overlap)
            else { continue }
            first = (id, overlap)
        }
        return first
    }
}

extension Job {
    /// Its ship was asked for, and takes machines alone.
    fileprivate var isBoundForTarget: Bool {
        stage == .testing && shipRequest != nil && shipBlock == nil && cancelRequest == nil
            && pause == nil
    }

    /// What it takes at least to hold a scope; `FleetState.holdsScope` asks the other jobs, too.
    var mayHoldScope: Bool { isLeased || isBoundForTarget }
}

extension Fleet {
    /// Keeps the book in step with a job, and lets those look again that wait for its scope.
    mutating func noteScope(of id: JobID) {
        guard let job = state.jobs[id] else { return }
        let claim = job.stage.isEnded ? nil : state.scopeClaim(of: job)
        let holds = claim != nil && state.holdsScope(job)
        index.scopes.note(id, claim, holds: holds)
        guard !holds else { return }
        for waiter in index.scopes.waiters(for: id) { reindex(waiter) }
    }

    /// Whether another job holds what this one may change; once it lets go, this is looked at anew.
    mutating func isOverlapped(_ job: Job) -> Bool {
        guard let claim = state.scopeClaim(of: job) else { return false }
        let holders = index.scopes.holders(at: claim.target)
        guard let holder = state.scopeHolder(of: claim, for: job, among: holders) else {
            return false
        }
        index.scopes.wait(job.id, for: holder.job)
        return true
    }

    /// With another profile or target a job that waits may have nothing to wait for.
    mutating func lookAgainAtScopes() {
        for waiter in index.scopes.waiting { reindex(waiter) }
    }

    /// What whoever submits a job is told of open jobs that may change the same files.
    func overlapNotes(on id: JobID) -> [String] {
        guard let job = state.jobs[id], let claim = state.scopeClaim(of: job) else { return [] }
        var others: [(job: JobID, overlap: ScopeOverlap)] = []
        for (scope, ids) in index.scopes.open(at: claim.target) {
            guard let overlap = claim.scope.overlap(with: scope) else { continue }
            for other in ids where other != id && !job.dependencies.contains(other) {
                others.append((other, overlap))
            }
        }
        others.sort { $0.job < $1.job }
        guard let first = others.first else { return [] }
        let named = others.prefix(5).map(\.job.description).joined(separator: ", ")
        let more = others.count > 5 ? " and \(others.count - 5) more" : ""
        return [
            "\(id) may change the same files as \(named)\(more), so they run one at a time: "
                + "\(first.overlap.own) overlaps \(first.overlap.others) of \(first.job)"
        ]
    }
}

extension FleetReading {
    /// What a job that could start waits for, because another is at work: its lock or its scope.
    func turnCondition(of job: Job) -> Condition? {
        guard let lock = job.terms.lock, let holder = holder(of: lock, for: job) else {
            return overlapCondition(of: job)
        }
        return Condition(
            name: .waitingLock,
            reason: "\(holder) holds the lock \(lock)",
            endsWhen: "\(holder)'s lease ends",
            since: job.stageSince
        )
    }

    func holder(of lock: String, for job: Job) -> JobID? {
        leased.lazy.compactMap { state.jobs[$0] }.filter {
            $0.id != job.id && $0.terms.lock == lock && $0.terms.product == job.terms.product
        }.map(\.id).min()
    }

    private func overlapCondition(of job: Job) -> Condition? {
        guard let claim = state.scopeClaim(of: job) else { return nil }
        let holders = scopes.holders(at: claim.target)
        guard let (holder, overlap) = state.scopeHolder(of: claim, for: job, among: holders) else {
            return nil
        }
        return Condition(
            name: .waitingOverlap,
            reason: "\(holder) is at work on files that it may change, too: "
                + "\(overlap.own) overlaps \(overlap.others) of \(holder)",
            endsWhen: "\(holder) ships, ends, or waits for a person",
            since: job.stageSince
        )
    }
}
