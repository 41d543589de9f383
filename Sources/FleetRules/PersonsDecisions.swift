package import FleetModel

/// What a person may decide on a job, each refused with both stages named where it does not fit.
extension Job {
    /// `giga promote`: where no verify is known, a person vouches for the candidate.
    package func promote(by person: Principal, at now: Instant) throws(Refusal) -> [EventBody] {
        guard stage == .review else {
            throw StageTransition.refusal(
                "be promoted",
                id,
                from: stage,
                to: .testing,
                hint: "giga show \(id)"
            )
        }
        guard isJudged, let candidate else { throw evidenceIsMissing("promoted") }
        if case .reviewers(let reviewers, _) = terms.reviewPolicy {
            throw Refusal(
                .gate,
                "policy.reviewers",
                what: "\(id) cannot be promoted: its reviewers decide",
                why: "its review policy asks \(reviewers.joined(separator: ", "))",
                hint: "giga approve \(id)"
            )
        }
        let passed = EventBody.jobPromoted(passes(candidate, "promoted by \(person)"))
        return [passed] + (terms.reviewPolicy == .auto ? shipsUnlessPaused(candidate) : [])
    }

    /// `giga ship`: bring the judged candidate to its target.
    package func ship(by person: Principal) throws(Refusal) -> [EventBody] {
        guard stage == .testing, let candidate else {
            throw StageTransition.refusal(
                "ship",
                id,
                from: stage,
                to: .shipped,
                hint: stage == .review ? "giga promote \(id)" : "giga show \(id)"
            )
        }
        if let pause {
            throw Refusal(
                .conflict,
                "job.paused",
                what: "\(id) does not ship: it is paused",
                why: "\(pause.by) paused it: \(pause.reason)",
                hint: "giga resume \(id)"
            )
        }
        if let lease {
            throw Refusal(
                .conflict,
                "job.already-shipping",
                what: "\(id) is being shipped already",
                why: "\(lease.factory) holds its ship run \(lease.run)",
                hint: "giga wait \(id) --for shipped"
            )
        }
        if shipRequest != nil, shipBlock == nil {
            throw Refusal(
                .conflict,
                "job.already-asked",
                what: "\(id) was asked to ship already",
                why: "it waits for a factory that may push",
                hint: "giga why \(id)"
            )
        }
        return asksForShip(candidate)
    }

    /// A no-op, or work that its profile keeps from shipping, is accepted as it is.
    package func asksForShip(_ candidate: Candidate) -> [EventBody] {
        if candidate.isEmpty || terms.output == .none {
            return [
                .jobShipped(
                    Shipped(commit: nil, target: terms.target, reason: "no change needed")
                )
            ]
        }
        if terms.ship == .none {
            let reason = "kept on the branch \(candidate.branch); its way to ship is none"
            return [.jobShipped(Shipped(commit: nil, target: terms.target, reason: reason))]
        }
        return [.shipRequested(ShipRequested(commit: candidate.commit))]
    }

    /// `giga reject`: the work is not wanted as it is.
    ///
    /// What a reviewer says of a candidate is told to the next attempt, by itself where `retry.on`
    /// names `rejected`, else when a person requeues the job.
    package func reject(reason: String, at now: Instant) throws(Refusal) -> [EventBody] {
        try mustLead(to: .failed, toBe: "rejected")
        if cancelRequest != nil { return [] }
        if lease != nil || mayHaveLanded {
            return [.jobCancelRequested(CancelRequested(cause: .rejected, reason: reason))]
        }
        if stage == .review, let candidate {
            let failure = FailureReport(cause: .rejected, tail: [reason], tree: candidate.tree)
            return [.reviewRejected(Reason(reason))] + afterFailure(failure, at: now)
        }
        return [
            .reviewRejected(Reason(reason)),
            .jobFailed(GaveUp(cause: .rejected, reason: reason)),
        ]
    }

    /// `giga cancel`: at once where nothing runs, else when the worker reports or loses its lease.
    package func cancel(reason: String) throws(Refusal) -> [EventBody] {
        try mustLead(to: .failed, toBe: "cancelled")
        if cancelRequest != nil { return [] }
        if lease != nil || mayHaveLanded {
            return [.jobCancelRequested(CancelRequested(cause: .cancelled, reason: reason))]
        }
        return [.jobFailed(GaveUp(cause: .cancelled, reason: reason))]
    }

    /// A ship run ended before it could tell: only a later look at the target knows.
    package var mayHaveLanded: Bool {
        guard stage == .testing, lease == nil else { return false }
        // A run that stopped before its push says nothing about the one before it.
        let told = runs.last { $0.kind != .ship || $0.outcome != "stopped" }
        guard let told, told.kind == .ship else { return false }
        let unknown = ["lost", "released", "overtaken", ShipRefused.Cause.unseen.rawValue]
        return told.outcome.map(unknown.contains) == true
    }

    /// `giga requeue`: once more from the start; attempts go on counting.
    package func requeue(reason: String) throws(Refusal) -> [EventBody] {
        try mustLead(to: .queued, toBe: "requeued")
        if stage == .testing, lease != nil || mayHaveLanded {
            throw Refusal(
                .conflict,
                "job.already-shipping",
                what: "\(id) cannot be requeued now",
                why: lease != nil
                    ? "a ship run is under way"
                    : "a ship run was lost, and its change may be on \(terms.target) already",
                hint: "giga wait \(id) --for shipped"
            )
        }
        return [.jobRequeued(Requeued(reason: reason, startsOver: true))] + pauseInEffect
    }

    /// Refuses what the job's stage does not lead to.
    private func mustLead(to aim: Stage, toBe participle: String) throws(Refusal) {
        guard StageTransition.isLegal(from: stage, to: aim) else {
            throw StageTransition.refusal(
                "be " + participle,
                id,
                from: stage,
                to: aim,
                hint: "giga show \(id)"
            )
        }
    }
}
