package import FleetCore
package import FleetModel

/// Reads a history event by event and notes whatever must never happen.
///
/// It knows the rules from the specification, not from the core: its tables are its own.
package struct HistoryCheck {
    package private(set) var violations: [Violation] = []
    /// How often each interesting thing happened, beside the kinds of events.
    private var noted: [String: Int] = [:]
    private var kinds: [EventKind: Int] = [:]

    struct Held {
        let lease: Lease
        var notBefore: Instant
        /// It was sent to look, and to do nothing.
        let onlyLooks: Bool
    }

    struct Known {
        var stage = Stage.queued
        var fence: UInt64 = 0
        var held: Held?
        var retries = 0
        var losses = 0
        var lastFailure: FailureReport?
        /// The one before the failure that ended it.
        var failureBefore: FailureReport?
        var isPaused = false
        /// What leases it from now on only looks whether it has landed.
        var isCancelled = false
        /// Its ship was asked for, and no refusal has made that a person's business.
        var isToShip = false
        /// It was asked to give way, and later that it had to.
        var preemption: Preemption?
        var terms: JobTerms
        var contentHash: String
        var dependencies: [JobID]
        /// Those of them of which testing is enough to start.
        var fromTesting: Set<JobID>
        /// The commit that passed the gates.
        var passed: String?
        var shipped: Job.Shipped?
    }

    package private(set) var lastPosition: UInt64 = 0
    private var seq: [String: UInt64] = [:]
    private(set) var jobs: [JobID: Known] = [:]
    /// Only these can stand in each other's way.
    private(set) var leased: Set<JobID> = []
    private var keys: [String: JobID] = [:]
    private(set) var factories: [FactoryID: Factory] = [:]
    private(set) var halt: Halt.Level?
    private(set) var pausedProducts: Set<String> = []

    package init() {}

    private static let legal: [Stage: Set<Stage>] = [
        .queued: [.assigned, .failed], .assigned: [.building, .queued, .failed],
        .building: [.review, .queued, .failed], .review: [.testing, .queued, .failed],
        .testing: [.shipped, .queued, .failed], .shipped: [], .failed: [.deadLetter, .queued],
        .deadLetter: [.queued],
    ]

    package mutating func note(_ name: String) { noted[name, default: 0] += 1 }
    package mutating func fail(_ invariant: Invariant, _ what: String) {
        violations.append(Violation(invariant: invariant, what: what))
    }

    package var reached: [String: Int] {
        noted.merging(kinds.map { ($0.rawValue, $1) }, uniquingKeysWith: +)
    }

    /// Who may report on a job now, and under which fence.
    package func holder(of job: JobID) -> (factory: FactoryID, fence: UInt64)? {
        jobs[job]?.held.map { ($0.lease.factory, $0.lease.fence) }
    }

    package mutating func read(_ event: Event) {
        kinds[event.kind, default: 0] += 1
        if event.position != lastPosition + 1 {
            fail(.gapless, "position \(event.position) after \(lastPosition)")
        }
        lastPosition = event.position
        let last = seq[event.product, default: 0]
        if event.seq != last + 1 {
            fail(.gapless, "seq \(event.seq) of \(event.product) after \(last)")
        }
        seq[event.product] = event.seq
        guard let id = event.job else { return readFleet(event) }
        if case .jobSubmitted(let body) = event.body { return submit(id, body) }
        guard var job = jobs[id] else {
            return fail(.nothingLost, "\(event.kind.rawValue) of unknown \(id)")
        }
        if case .leaseGranted(let lease) = event.body { check(lease, job, at: event.at) }
        judgeEnd(event, job)
        jobs[id] = nil
        follow(event, id, &job)
        jobs[id] = job
        if job.held == nil { leased.remove(id) } else { leased.insert(id) }
    }

    private mutating func readFleet(_ event: Event) {
        switch event.body {
        case .leaseExtended(let extended):
            for id in leased {
                guard let held = jobs[id]?.held else { continue }
                jobs[id]?.held?.notBefore = max(held.notBefore, extended.until)
            }
        case .factoryRegistered(let factory): factories[factory.id] = factory
        case .factoryLate: stand(.late, event.factory)
        case .factoryOffline: stand(.offline, event.factory)
        case .factoryReturned: stand(.present, event.factory)
        case .factoryDraining(let draining):
            guard let id = event.factory else { break }
            factories[id]?.drainingBy = draining.draining ? event.actor : nil
        case .fleetHalted(let halt): self.halt = halt.level
        case .fleetResumed: halt = nil
        case .productPaused: pausedProducts.insert(event.product)
        case .productResumed: pausedProducts.remove(event.product)
        default: break
        }
    }

    private mutating func stand(_ standing: Factory.Standing, _ id: FactoryID?) {
        if let id { factories[id]?.standing = standing }
    }

    private mutating func submit(_ id: JobID, _ body: JobSubmitted) {
        if jobs[id] != nil { fail(.nothingLost, "\(id) was submitted twice") }
        if let key = body.manifest.idempotencyKey {
            let name = "\(body.terms.product) \(key)"
            if let other = keys[name] { fail(.keyed, "\(other) and \(id) have the key \(key)") }
            keys[name] = id
        }
        jobs[id] = Known(
            terms: body.terms,
            contentHash: body.contentHash,
            dependencies: body.dependencies,
            fromTesting: Set(
                zip(body.dependencies, body.manifest.deps ?? []).filter(\.1.fromTesting).map(\.0)
            )
        )
    }

    /// A lease that expires does so at its own end, never earlier.
    private mutating func judgeEnd(_ event: Event, _ job: Known) {
        guard case .leaseExpired = event.body, let held = job.held else { return }
        if event.at < held.notBefore {
            let early = held.notBefore.since(event.at)
            fail(.oneLease, "\(held.lease.job): expired \(early) before its end")
        }
    }

    private mutating func follow(_ requeued: Requeued, _ job: inout Known) {
        if requeued.startsOver {
            (job.retries, job.losses, job.isCancelled) = (0, 0, false)
        } else {
            let isConflict = requeued.conflict != nil
            note(isConflict ? "a conflict retry" : "a start whose ground left testing")
        }
        job.lastFailure = requeued.conflict ?? job.lastFailure
    }

    private mutating func follow(_ event: Event, _ id: JobID, _ job: inout Known) {
        switch event.body {
        case .leaseGranted(let lease):
            job.fence = lease.fence
            job.held = Held(
                lease: lease,
                notBefore: lease.expires,
                onlyLooks: job.isCancelled && lease.kind == .ship
            )
            if lease.kind == .ship { note("a ship run") }
            if job.preemption != nil { note("a preempted job resumed") }
            job.preemption = nil
        case .jobPassed(let judged), .jobPromoted(let judged): job.passed = judged.commit
        case .runFinished: (job.losses, job.preemption) = (0, nil)
        case .leaseExpired(let ended), .leaseReleased(let ended):
            if ended.kind == .ship { note("a ship run lost") }
            if event.kind == .leaseExpired, ended.kind == .attempt, ended.hadStarted {
                job.losses += 1
            }
        case .jobRetrying(let retrying):
            job.retries += 1
            job.lastFailure = retrying.failure
            if job.retries > job.terms.retry.max {
                fail(.usedUp, "\(id): retry \(job.retries) of \(job.terms.retry.max)")
            }
        case .jobFailed(let gaveUp):
            job.failureBefore = job.lastFailure
            job.lastFailure = gaveUp.failure ?? job.lastFailure
        case .jobDeadLettered(let gaveUp):
            note("dead letter: \(gaveUp.reason.prefix(4))")
            checkGivingUp(id, job, gaveUp)
        case .jobRequeued(let requeued): follow(requeued, &job)
        case .shipRequested(let request):
            job.isToShip = true
            if request.commit != job.passed {
                fail(.judgedTree, "\(id): \(request.commit) is to ship, not what passed")
            }
        case .shipRefused(let refused):
            if refused.blocks != nil { job.isToShip = false }
            if refused.blocks == .targetMovesTooFast { note("target moves too fast") }
            if refused.blocks == .pushRefused { note("push refused") }
            if refused.blocks == .targetUnreachable { note("target unreachable") }
        case .shipMerged(let merged):
            if job.held?.onlyLooks == true, !merged.wasThere {
                fail(.halted, "\(id) was merged after its cancel")
            }
        case .jobShipped(let shipped): job.shipped = shipped
        case .jobReprioritised(let change): job.terms.priority = change.priority
        case .jobPreemptRequested(let asked):
            check(asked, of: id, job)
            job.preemption = asked
        case .jobPreempted(let asked):
            if job.preemption != asked { fail(.gaveWay, "\(id) gave way, and was not asked to") }
        case .jobPaused, .jobAnswered:
            if job.held != nil {
                fail(.oneLease, "\(id): \(event.kind.rawValue) under a lease")
            }
        default: break
        }
        followHolds(event, id, &job)
        if Self.ends(event.body) {
            job.held = nil
            if event.kind != .jobPreempted { job.preemption = nil }
        }
        move(id, &job, by: event)
    }

    private mutating func followHolds(_ event: Event, _ id: JobID, _ job: inout Known) {
        switch event.body {
        case .jobPauseRequested, .jobPaused: job.isPaused = true
        case .jobResumed: job.isPaused = false
        case .jobCancelRequested: job.isCancelled = true
        case .jobFailed: (job.isPaused, job.isCancelled) = (false, false)
        case .shipRequested, .jobShipped:
            if job.isPaused { fail(.halted, "\(id): \(event.kind.rawValue) while paused") }
        default: break
        }
    }

    private mutating func move(_ id: JobID, _ job: inout Known, by event: Event) {
        guard let next = Self.stage(after: event.body), next != job.stage else { return }
        if Self.legal[job.stage]?.contains(next) != true {
            fail(.legalStages, "\(id): \(job.stage) → \(next) by \(event.kind.rawValue)")
        }
        job.stage = next
        if next != .testing { job.isToShip = false }
        note("stage \(next.rawValue)")
    }

    private static func stage(after body: EventBody) -> Stage? {
        switch body {
        case .jobAssigned: .assigned
        case .runStarted: .building
        case .runFinished(let finished): finished.failure == nil ? .review : nil
        case .jobPassed, .jobPromoted: .testing
        case .jobShipped: .shipped
        case .jobFailed: .failed
        case .jobDeadLettered: .deadLetter
        case .jobRequeued, .jobPaused, .jobAnswered, .jobRetrying, .jobPreempted: .queued
        case .leaseExpired(let ended), .leaseReleased(let ended):
            ended.kind == .attempt ? .queued : nil
        default: nil
        }
    }

    private static func ends(_ body: EventBody) -> Bool {
        switch body {
        case .leaseExpired, .leaseReleased, .gateEvaluated, .jobPassed, .jobRetrying, .jobRequeued,
            .jobFailed, .shipRefused, .jobShipped, .runWaitingInput, .jobPreempted:
            true
        default: false
        }
    }

    /// Holds the present state against what was read.
    package mutating func compare(with state: FleetState) {
        if state.jobs.count != jobs.count || !state.jobs.keys.allSatisfy({ jobs[$0] != nil }) {
            fail(.nothingLost, "a job was lost or made up")
        }
        for (id, known) in jobs {
            guard let job = state.jobs[id] else { continue }
            if job.stage != known.stage {
                fail(.replayed, "\(id) is in \(job.stage), read \(known.stage)")
            }
            if job.fence != known.fence {
                fail(.replayed, "\(id): fence \(job.fence), read \(known.fence)")
            }
            if job.lease?.fence != known.held?.lease.fence {
                fail(.replayed, "\(id): another lease")
            }
        }
    }
}
