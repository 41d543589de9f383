import FleetModel
import FleetRules

/// A job's life as spans of time, made from its own events and nothing else.
struct JobTimeline: Sendable {
    /// A stay in one stage.
    struct Stay: Hashable, Sendable {
        let stage: Stage
        /// The event that led there.
        let position: UInt64
        let from: Instant
        var to: Instant?
    }

    /// The time of one lease: a run, and the gates that judge it.
    struct Tenure: Hashable, Sendable {
        let lease: Lease
        let from: Instant
        var to: Instant?
        var gates: [Gate] = []
    }

    struct Gate: Hashable, Sendable {
        let position: UInt64
        let at: Instant
        let evidence: Evidence
    }

    private(set) var job: Job
    private(set) var stays: [Stay]
    private(set) var tenures: [Tenure] = []
    /// What people and rules decided on the job, in order.
    private(set) var decisions: [Event] = []
    /// When the last of its events happened: nothing is known of the time after.
    private(set) var last: Instant

    /// Nil when the first event is not the job's submission.
    init?(_ events: [Event]) {
        guard let first = events.first, let job = Job(submittedBy: first) else { return nil }
        self.job = job
        last = first.at
        stays = [Stay(stage: job.stage, position: first.position, from: first.at)]
        decisions = [first]
        for event in events.dropFirst() where event.job == job.id { take(event) }
    }

    /// The job's record of a tenure's run.
    func run(of tenure: Tenure) -> Run? { job.runs.first { $0.fence == tenure.lease.fence } }

    private mutating func take(_ event: Event) {
        let (stage, fence) = (job.stage, job.lease?.fence)
        job.apply(event)
        last = max(last, event.at)
        if fence != nil, job.lease?.fence != fence, !tenures.isEmpty {
            tenures[tenures.count - 1].to = event.at
        }
        if job.stage != stage {
            stays[stays.count - 1].to = event.at
            stays.append(Stay(stage: job.stage, position: event.position, from: event.at))
        }
        switch event.body {
        case .leaseGranted(let lease): tenures.append(Tenure(lease: lease, from: event.at))
        case .evidenceRecorded(let evidence):
            guard !tenures.isEmpty else { break }
            let gate = Gate(position: event.position, at: event.at, evidence: evidence)
            tenures[tenures.count - 1].gates.append(gate)
        default:
            let family = event.kind.rawValue.prefix { $0 != "." }
            if ["job", "review", "ship"].contains(family) { decisions.append(event) }
        }
    }
}
