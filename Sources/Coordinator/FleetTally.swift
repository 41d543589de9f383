import FleetCore
import FleetModel

/// What happened since the process began, counted event by event as they are published.
///
/// Nothing is decided by it, and nothing of it is stored: a new process counts from zero.
struct FleetTally: Sendable {
    /// What is shown: its size does not grow with jobs, so a reader's copy costs nothing.
    struct Figures: Hashable, Sendable {
        struct Verdict: Hashable, Sendable {
            let gate: Evidence.Gate
            let verdict: Evidence.Verdict
        }
        struct Ending: Hashable, Sendable {
            let kind: Lease.Kind
            let outcome: String
        }

        var submitted = 0
        var finished: [Stage: Int] = [:]
        var retried = 0
        var granted: [Lease.Kind: Int] = [:]
        var reclaimed: [Lease.Kind: Int] = [:]
        var verdicts: [Verdict: Int] = [:]
        var spendMicroUSD: Int64 = 0
        /// In milliseconds, as events are timed.
        var assignLatency = Histogram(upTo: FleetTally.assignBounds, places: 3)
        var runs: [Ending: Histogram] = [:]
    }

    private(set) var figures = Figures()
    /// Runs whose end has not been seen, by job: a job has one at a time.
    private var open: [JobID: Lease.Kind] = [:]
    private var waits: QueueWaits

    private static let assignBounds: [Int64] = [
        1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000,
        1_800_000,
    ]
    private static let runBounds: [Int64] = [
        100, 500, 1_000, 5_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000,
        3_600_000, 7_200_000, 14_400_000,
    ]

    init(_ state: FleetState) {
        waits = QueueWaits(state)
        for job in state.jobs.values {
            if let lease = job.lease, job.runs.last?.endedAt == nil { open[job.id] = lease.kind }
        }
    }

    /// Counts an event that `state` has just applied.
    mutating func note(_ event: Event, in state: borrowing FleetState) {
        figures.spendMicroUSD &+= event.costMicroUSD ?? 0
        guard let id = event.job else { return }
        switch event.body {
        case .jobSubmitted(let submitted):
            figures.submitted += 1
            if !submitted.dependencies.isEmpty, let job = state.jobs[id] { waits.enter(job) }
        case .leaseGranted(let lease): begin(lease, event, state.jobs[id])
        case .leaseExpired(let ended): figures.reclaimed[ended.kind, default: 0] += 1
        case .evidenceRecorded(let item):
            let verdict = Figures.Verdict(gate: item.gate, verdict: item.verdict)
            figures.verdicts[verdict, default: 0] += 1
        case .jobRetrying(let retrying):
            figures.retried += 1
            waits.hold(id, until: retrying.until)
        case .jobResumed: waits.hold(id, until: event.at)
        case .jobPassed, .jobPromoted: waits.passed(id, at: event.at)
        case .jobRequeued: if let job = state.jobs[id] { waits.enter(job) }
        case .jobShipped:
            finish(.shipped, state.jobs[id])
            waits.shipped(id, at: event.at)
        case .jobFailed: finish(.failed, state.jobs[id])
        case .jobDeadLettered:
            // It comes right after a `job.failed` in the same commit, which is one end, not two.
            figures.finished[.failed, default: 0] -= 1
            finish(.deadLetter, state.jobs[id])
        default: break
        }
        lookForEnd(of: event, id, in: state)
    }

    private mutating func begin(_ lease: Lease, _ event: Event, _ job: Job?) {
        figures.granted[lease.kind, default: 0] += 1
        open[lease.job] = lease.kind
        guard lease.kind == .attempt, let job else { return }
        figures.assignLatency.observe(event.at.since(waits.leave(job)).milliseconds)
    }

    private mutating func finish(_ stage: Stage, _ job: Job?) {
        figures.finished[stage, default: 0] += 1
        if let job { _ = waits.leave(job) }
    }

    /// The job's own record says when and how its run ended, whichever event it ended by.
    private mutating func lookForEnd(
        of event: Event,
        _ id: JobID,
        in state: borrowing FleetState
    ) {
        switch event.body {
        // Frequent ones, which end no run.
        case .jobSubmitted, .leaseGranted, .jobAssigned, .runStarted, .shipStarted,
            .evidenceRecorded, .runCheckpointed:
            return
        default: break
        }
        guard let kind = open[id], let run = state.jobs[id]?.runs.last, let end = run.endedAt
        else { return }
        open[id] = nil
        let ending = Figures.Ending(kind: kind, outcome: run.outcome ?? "ended")
        figures.runs[ending, default: Histogram(upTo: Self.runBounds, places: 3)]
            .observe(end.since(run.startedAt ?? run.grantedAt).milliseconds)
    }
}
