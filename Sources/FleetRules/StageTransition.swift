package import FleetModel

/// Which stage each kind of event leads to, and which pairs of stages are legal at all.
package enum StageTransition {
    /// Stages that may follow `stage`; anything else is refused or a bug.
    package static func successors(of stage: Stage) -> [Stage] {
        switch stage {
        case .queued: [.assigned, .failed]
        case .assigned: [.building, .queued, .failed]
        case .building: [.review, .queued, .failed]
        case .review: [.testing, .queued, .failed]
        case .testing: [.shipped, .queued, .failed]
        case .shipped: []
        case .failed: [.deadLetter, .queued]
        case .deadLetter: [.queued]
        }
    }

    package static func isLegal(from stage: Stage, to next: Stage) -> Bool {
        successors(of: stage).contains(next)
    }

    /// The stage that `body` leads to; nil when it leaves the stage alone.
    package static func target(of body: EventBody) -> Stage? {
        switch body {
        case .jobSubmitted, .jobRequeued, .jobRetrying, .jobPaused, .jobPreempted, .jobAnswered:
            .queued
        case .leaseExpired(let ended), .leaseReleased(let ended):
            ended.kind == .attempt ? .queued : nil
        case .jobAssigned: .assigned
        case .runStarted: .building
        case .runFinished(let finished): finished.failure == nil ? .review : nil
        case .jobPassed, .jobPromoted: .testing
        case .jobShipped: .shipped
        case .jobFailed: .failed
        case .jobDeadLettered: .deadLetter
        default: nil
        }
    }

    /// The stage that a worker's report would lead to, or keeps the job in.
    package static func aim(of item: RunReportItem) -> Stage {
        switch item {
        case .started, .checkpointed, .waitingInput: .building
        case .finished, .evidence: .review
        case .evidenceComplete, .shipStarted: .testing
        case .stopped, .shipRefused: .queued
        case .shipMerged: .shipped
        }
    }

    /// The refusal for a command that would lead from `stage` to `next`.
    package static func refusal(
        _ verb: String,
        _ job: JobID,
        from stage: Stage,
        to next: Stage,
        hint: String
    ) -> Refusal {
        let why =
            stage == next
            ? "it is in \(stage.rawValue) already"
            : "\(stage.rawValue) does not lead to \(next.rawValue)"
        return Refusal(
            .conflict,
            "stage.illegal",
            what: "\(job) cannot \(verb): \(why)",
            why: "\(job) is in \(stage.rawValue), which leads to \(names(of: stage))",
            hint: hint
        )
    }

    private static func names(of stage: Stage) -> String {
        let names = successors(of: stage).map(\.rawValue)
        return names.isEmpty ? "no other stage" : names.joined(separator: ", ")
    }
}

extension RunReportItem {
    /// Whether a run of that kind can report this at all.
    package func belongs(to kind: Lease.Kind) -> Bool {
        switch self {
        case .started, .finished, .checkpointed, .waitingInput, .evidence, .evidenceComplete:
            kind == .attempt
        case .shipStarted, .shipMerged, .shipRefused: kind == .ship
        case .stopped: true
        }
    }
}
