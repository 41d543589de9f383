package import FleetCore
package import FleetModel

/// Reads a history event by event and notes whatever must never happen.
///
/// It knows the rules from the specification, not from the core: its tables are its own.
package struct HistoryCheck {
    package private(set) var violations: [String] = []
    /// How often each interesting thing happened.
    package private(set) var reached: [String: Int] = [:]

    private struct Held {
        let lease: Lease
        var notBefore: Instant
    }

    private struct Known {
        var stage = Stage.queued
        var fence: UInt64 = 0
        var held: Held?
        var retries = 0
        var isPaused = false
        /// What leases it from now on only looks whether it has landed.
        var isCancelled = false
        var terms: JobTerms
        var dependencies: [JobID]
    }

    package private(set) var lastPosition: UInt64 = 0
    private var seq: [String: UInt64] = [:]
    private var jobs: [JobID: Known] = [:]

    package init() {}

    private static let legal: [Stage: Set<Stage>] = [
        .queued: [.assigned, .failed], .assigned: [.building, .queued, .failed],
        .building: [.review, .queued, .failed], .review: [.testing, .queued, .failed],
        .testing: [.shipped, .queued, .failed], .shipped: [], .failed: [.deadLetter, .queued],
        .deadLetter: [.queued],
    ]

    package mutating func note(_ name: String) { reached[name, default: 0] += 1 }
    package mutating func fail(_ what: String) { violations.append(what) }

    /// Who may report on a job now, and under which fence.
    package func holder(of job: JobID) -> (factory: FactoryID, fence: UInt64)? {
        jobs[job]?.held.map { ($0.lease.factory, $0.lease.fence) }
    }

    package mutating func read(_ event: Event) {
        note(event.kind.rawValue)
        if event.position != lastPosition + 1 {
            fail("position \(event.position) after \(lastPosition)")
        }
        lastPosition = event.position
        let last = seq[event.product, default: 0]
        if event.seq != last + 1 { fail("seq \(event.seq) of \(event.product) after \(last)") }
        seq[event.product] = event.seq
        if case .leaseExtended(let extended) = event.body { extend(extended) }
        guard let id = event.job else { return }
        if case .jobSubmitted(let body) = event.body {
            if jobs[id] != nil { fail("\(id) was submitted twice") }
            jobs[id] = Known(terms: body.terms, dependencies: body.dependencies)
            return
        }
        guard var job = jobs[id] else { return fail("\(event.kind.rawValue) of unknown \(id)") }
        if case .leaseGranted(let lease) = event.body { check(lease, job) }
        judgeEnd(event, job)
        follow(event, &job)
        jobs[id] = job
    }

    private mutating func check(_ lease: Lease, _ job: Known) {
        let id = lease.job
        if job.held != nil { fail("\(id) has two leases") }
        if job.isPaused, !(job.isCancelled && lease.kind == .ship) {
            fail("\(id): a \(lease.kind) lease while it is paused")
        }
        if lease.fence <= job.fence { fail("\(id): fence \(lease.fence) after \(job.fence)") }
        let wanted: Stage = lease.kind == .ship ? .testing : .queued
        if job.stage != wanted { fail("\(id): a \(lease.kind) lease in \(job.stage)") }
        for other in job.dependencies where jobs[other]?.stage != .shipped {
            fail("\(id) started before \(other) shipped")
        }
        for (other, known) in jobs where other != id {
            guard let held = known.held else { continue }
            if let lock = job.terms.lock, lock == known.terms.lock,
                job.terms.product == known.terms.product
            {
                fail("\(id) and \(other) hold the lock \(lock)")
            }
            if lease.kind == .ship, held.lease.kind == .ship, job.terms.repo == known.terms.repo {
                fail("\(id) and \(other) ship at once")
            }
        }
    }

    private mutating func extend(_ extended: LeaseExtended) {
        for id in jobs.keys {
            guard let held = jobs[id]?.held else { continue }
            jobs[id]?.held?.notBefore = max(held.notBefore, extended.until)
        }
    }

    /// A lease that expires does so at its own end, never earlier.
    private mutating func judgeEnd(_ event: Event, _ job: Known) {
        guard case .leaseExpired = event.body, let held = job.held else { return }
        if event.at < held.notBefore {
            fail("\(held.lease.job): expired \(held.notBefore.since(event.at)) early")
        }
    }

    private mutating func follow(_ event: Event, _ job: inout Known) {
        var next = job.stage
        switch event.body {
        case .leaseGranted(let lease):
            job.fence = lease.fence
            job.held = Held(lease: lease, notBefore: lease.expires)
            if lease.kind == .ship { note("a ship run") }
        case .jobAssigned: next = .assigned
        case .runStarted: next = .building
        case .runFinished(let finished): if finished.failure == nil { next = .review }
        case .jobPassed, .jobPromoted: next = .testing
        case .jobShipped: next = .shipped
        case .jobFailed: next = .failed
        case .jobDeadLettered(let gaveUp):
            next = .deadLetter
            note("dead letter: \(gaveUp.reason.prefix(4))")
        case .jobRequeued(let requeued):
            next = .queued
            if requeued.startsOver { job.retries = 0 } else { note("a conflict retry") }
        case .jobPaused, .jobAnswered:
            next = .queued
            if job.held != nil { fail("\(job.terms.title): \(event.kind.rawValue) under a lease") }
        case .jobRetrying:
            next = .queued
            job.retries += 1
            if job.retries > job.terms.retry.max { fail("\(job.terms.title): too many retries") }
        case .leaseExpired(let ended), .leaseReleased(let ended):
            if ended.kind == .attempt { next = .queued } else { note("a ship run lost") }
        case .shipRefused(let refused):
            if refused.blocks == .targetMovesTooFast { note("target moves too fast") }
            if refused.blocks == .pushRefused { note("push refused") }
        default: break
        }
        switch event.body {
        case .jobPauseRequested, .jobPaused: job.isPaused = true
        case .jobResumed: job.isPaused = false
        case .jobCancelRequested: job.isCancelled = true
        case .jobFailed: (job.isPaused, job.isCancelled) = (false, false)
        case .shipRequested, .jobShipped:
            if job.isPaused { fail("\(job.terms.title): \(event.kind.rawValue) while paused") }
        default: break
        }
        if Self.ends(event.body) { job.held = nil }
        guard next != job.stage else { return }
        if Self.legal[job.stage]?.contains(next) != true {
            fail("\(job.terms.title): \(job.stage) → \(next) by \(event.kind.rawValue)")
        }
        job.stage = next
        note("stage \(next.rawValue)")
    }

    private static func ends(_ body: EventBody) -> Bool {
        switch body {
        case .leaseExpired, .leaseReleased, .gateEvaluated, .jobPassed, .jobRetrying, .jobRequeued,
            .jobFailed, .shipRefused, .jobShipped, .runWaitingInput:
            true
        default: false
        }
    }

    /// Holds the present state against what was read.
    package mutating func compare(with state: FleetState) {
        if Set(state.jobs.keys) != Set(jobs.keys) { fail("a job was lost or made up") }
        for (id, known) in jobs {
            guard let job = state.jobs[id] else { continue }
            if job.stage != known.stage { fail("\(id) is in \(job.stage), read \(known.stage)") }
            if job.fence != known.fence { fail("\(id): fence \(job.fence), read \(known.fence)") }
            if job.lease?.fence != known.held?.lease.fence { fail("\(id): another lease") }
        }
    }
}
