package import FleetModel

extension Job {
    /// What a whole report means for this job, item after item; the fence was checked before.
    ///
    /// A report counts whole or not at all: a refused item takes nothing of what stood before it.
    package func hear(
        _ report: RunReport,
        by factory: FactoryID,
        at now: Instant
    ) throws(Refusal) -> [EventBody] {
        var after = self
        var bodies: [EventBody] = []
        for item in report.items {
            // A repeated report of what an earlier item already ended changes nothing more.
            guard after.lease?.fence == report.fence else { break }
            let next = try after.hear(item, at: now)
            for body in next { after.anticipate(body, by: factory, at: now) }
            bodies += next
        }
        return bodies
    }

    private mutating func anticipate(_ body: EventBody, by factory: FactoryID, at now: Instant) {
        let event = Event(
            position: 0,
            product: terms.product,
            seq: 0,
            at: now,
            actor: .factory(factory),
            job: id,
            body: body
        )
        apply(event)
    }

    /// What one item of a worker's report means; one that was heard before means nothing more.
    package func hear(_ item: RunReportItem, at now: Instant) throws(Refusal) -> [EventBody] {
        guard let lease else { return [] }
        switch (lease.kind, item) {
        case (.attempt, .started(let started)):
            if stage == .building || stage == .review { return [] }
            guard stage == .assigned else { throw outOfTurn(item) }
            return [.runStarted(started)]
        case (.attempt, .finished(let finished)):
            if stage == .review, finished.candidate == candidate { return [] }
            guard stage == .building else { throw outOfTurn(item) }
            return try finish(finished, at: now)
        case (.attempt, .checkpointed(let kept)):
            // In review it is the finished work, of a worker that stops before it is judged.
            guard stage == .building || stage == .review else { throw outOfTurn(item) }
            return hear(kept, from: lease.factory)
        case (.attempt, .waitingInput(let waiting)):
            guard stage == .building else { throw outOfTurn(item) }
            return hear(waiting)
        case (.attempt, .evidence(let evidence)):
            guard stage == .review else { throw outOfTurn(item) }
            return try hear(evidence)
        case (.attempt, .evidenceComplete):
            guard stage == .review, let candidate else { throw outOfTurn(item) }
            return try judge(candidate, at: now)
        case (_, .stopped(let cause, let reason)): return stop(cause, reason: reason, at: now)
        case (.ship, .shipStarted(let started)):
            return hasStarted ? [] : [.shipStarted(started)]
        case (.ship, .shipMerged(let merged)):
            return [
                .shipMerged(merged),
                .jobShipped(Shipped(commit: merged.commit, target: merged.target)),
            ]
        case (.ship, .shipRefused(let cause, let detail)):
            return refuseShip(cause, detail: detail, at: now)
        case (.attempt, _), (.ship, _): throw outOfTurn(item)
        }
    }

    private func outOfTurn(_ item: RunReportItem) -> Refusal {
        let kind = lease?.kind == .ship ? "a ship run" : "an attempt"
        return Refusal(
            .conflict,
            "run.out-of-turn",
            what: "\(id) cannot take this report of \(kind) now",
            why: "it is in \(stage.rawValue), and the report would lead to "
                + StageTransition.aim(of: item).rawValue,
            hint: "giga events \(id)"
        )
    }

    private func hear(_ kept: Checkpoint, from factory: FactoryID) -> [EventBody] {
        var kept = kept
        kept.factory = factory
        return kept == checkpoint ? [] : [.runCheckpointed(kept)]
    }

    private func hear(_ waiting: WaitingInput) -> [EventBody] {
        guard let cancelRequest else { return [.runWaitingInput(waiting)] }
        let gaveUp = GaveUp(cause: cancelRequest.cause, reason: cancelRequest.reason)
        return [.runWaitingInput(waiting), .jobFailed(gaveUp)]
    }

    private func hear(_ item: Evidence) throws(Refusal) -> [EventBody] {
        guard item.commit == candidate?.commit else {
            throw Refusal(
                .invalid,
                "evidence.other-commit",
                what: "\(id): evidence of another commit",
                why: "it names \(item.commit), the candidate is \(candidate?.commit ?? "none")",
                hint: "report the run's own commit"
            )
        }
        return evidence.contains(item) ? [] : [.evidenceRecorded(item)]
    }

    private func finish(
        _ finished: RunFinished,
        at now: Instant
    ) throws(Refusal) -> [EventBody] {
        guard let failure = finished.failure else {
            guard let candidate = finished.candidate else {
                throw Refusal(
                    .invalid,
                    "run.no-candidate",
                    what: "\(id): a good end without a commit",
                    why: "the report has neither a failure nor a candidate",
                    hint: "report the commit that the host made"
                )
            }
            if candidate.isEmpty, !terms.acceptsNoChange {
                return try finish(Self.unchanged(finished, candidate), at: now)
            }
            return [.runFinished(finished)]
        }
        return [.runFinished(finished)]
            + (failure.cause.isLoss
                ? afterRelease(reason: failure.cause.rawValue) : afterFailure(failure, at: now))
    }

    /// An engine that changed nothing, and was not told that it may, has not done its work.
    private static func unchanged(_ finished: RunFinished, _ candidate: Candidate) -> RunFinished {
        var failed = finished
        failed.candidate = nil
        failed.failure = FailureReport(
            cause: .engineFailed,
            tail: ["it ended well and changed nothing"],
            tree: candidate.tree
        )
        return failed
    }

    /// Scope and secrets must have passed, and verify where there is one.
    ///
    /// Work that was cancelled before its worker heard of it has ended, however good it is.
    private func judge(
        _ candidate: Candidate,
        at now: Instant
    ) throws(Refusal) -> [EventBody] {
        if let cancelRequest {
            return [.jobFailed(GaveUp(cause: cancelRequest.cause, reason: cancelRequest.reason))]
        }
        for gate in Evidence.Gate.allCases {
            guard let item = evidence.first(where: { $0.gate == gate }),
                item.verdict != .skipped || gate == .verify
            else {
                throw Refusal(
                    .gate,
                    "evidence.missing",
                    what: "\(id) cannot be judged",
                    why: "no verdict was reported for the gate \(gate.rawValue)",
                    hint: "report all three gates first"
                )
            }
            if item.verdict == .failed {
                let verdict = EventBody.gateEvaluated(
                    Judged(commit: candidate.commit, reason: "\(gate.rawValue): \(item.summary)")
                )
                return [verdict] + afterFailure(failure(of: item, candidate), at: now)
            }
        }
        let wasVerified = evidence.contains { $0.gate == .verify && $0.verdict == .passed }
        let isNoChange = candidate.isEmpty && (terms.acceptsNoChange || terms.output == .none)
        if let asks = asksReviewers(candidate, wasVerified: wasVerified) { return asks }
        guard wasVerified || isNoChange else {
            return [
                .gateEvaluated(
                    Judged(commit: candidate.commit, reason: "no verify is known: a person decides")
                )
            ]
        }
        if let why = evidence.compactMap(\.needsReview).first {
            return [
                .gateEvaluated(
                    Judged(commit: candidate.commit, reason: "\(why): a person decides")
                )
            ]
        }
        let passed = EventBody.jobPassed(passes(candidate, "every gate passed"))
        return [passed] + (terms.reviewPolicy == .auto ? shipsUnlessPaused(candidate) : [])
    }

    private func failure(of item: Evidence, _ candidate: Candidate) -> FailureReport {
        let cause: FailureCause =
            switch item.gate {
            case .scope: .scopeViolation
            case .secrets: .secretFound
            case .verify: .verifyFailed
            }
        return FailureReport(
            cause: cause,
            command: item.command ?? "",
            tail: item.tail.isEmpty ? [item.summary] : item.tail,
            tree: candidate.tree
        )
    }

    private func stop(_ cause: FailureCause, reason: String, at now: Instant) -> [EventBody] {
        let words = "\(cause.rawValue): \(reason)"
        if lease?.kind == .ship {
            // Who stops because the lease ran out may have been about to hear of its own push.
            return afterRelease(reason: words, pushedNothing: cause != .leaseExpired)
        }
        if cause == .preempted, let given = afterGivingWay { return given }
        if cause.isLoss || cancelRequest != nil { return afterRelease(reason: words) }
        return afterFailure(FailureReport(cause: cause, tail: [reason]), at: now)
    }
}
