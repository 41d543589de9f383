package import FleetModel

extension Job {
    /// What one item of a worker's report means for this job; the fence was checked before.
    package func hear(_ item: RunReportItem, at now: Instant) throws(Refusal) -> [EventBody] {
        guard let lease else { return [] }
        switch (lease.kind, item) {
        case (.attempt, .started(let started)):
            if stage == .building { return [] }
            guard stage == .assigned else { throw outOfTurn("report a start") }
            return [.runStarted(started)]
        case (.attempt, .finished(let finished)): return try finish(finished, at: now)
        case (.attempt, .evidence(let item)):
            guard stage == .review else { throw outOfTurn("report evidence") }
            guard item.commit == candidate?.commit else {
                throw Refusal(
                    .invalid,
                    "evidence.other-commit",
                    what: "\(id): evidence of another commit",
                    why: "it names \(item.commit), the candidate is \(candidate?.commit ?? "none")",
                    hint: "report the run's own commit"
                )
            }
            return [.evidenceRecorded(item)]
        case (.attempt, .evidenceComplete): return try judge(at: now)
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
        case (.attempt, _), (.ship, _):
            throw outOfTurn("report that of a \(lease.kind.rawValue) run")
        }
    }

    private func outOfTurn(_ verb: String) -> Refusal {
        Refusal(
            .conflict,
            "run.out-of-turn",
            what: "\(id) cannot \(verb) now",
            why: "it is in \(stage.rawValue)",
            hint: "giga events \(id)"
        )
    }

    private func finish(
        _ finished: RunFinished,
        at now: Instant
    ) throws(Refusal) -> [EventBody] {
        guard stage == .building else { throw outOfTurn("finish") }
        guard let failure = finished.failure else {
            guard finished.candidate != nil else {
                throw Refusal(
                    .invalid,
                    "run.no-candidate",
                    what: "\(id): a good end without a commit",
                    why: "the report has neither a failure nor a candidate",
                    hint: "report the commit that the host made"
                )
            }
            return [.runFinished(finished)]
        }
        return [.runFinished(finished)]
            + (failure.cause.isLoss
                ? afterRelease(reason: failure.cause.rawValue) : afterFailure(failure, at: now))
    }

    /// Scope and secrets must have passed, and verify where there is one.
    private func judge(at now: Instant) throws(Refusal) -> [EventBody] {
        guard stage == .review, let candidate else { throw outOfTurn("be judged") }
        for gate in Evidence.Gate.allCases {
            guard let item = evidence.first(where: { $0.gate == gate }) else {
                throw Refusal(
                    .gate,
                    "evidence.missing",
                    what: "\(id) cannot be judged",
                    why: "nothing was reported for the gate \(gate.rawValue)",
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
        guard wasVerified || isNoChange else {
            return [
                .gateEvaluated(
                    Judged(commit: candidate.commit, reason: "no verify is known: a person decides")
                )
            ]
        }
        let passed = EventBody.jobPassed(
            Judged(commit: candidate.commit, reason: "every gate passed")
        )
        return [passed] + (terms.reviewPolicy == .auto ? asksForShip(candidate) : [])
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
        if lease?.kind == .ship || cause.isLoss || cancelRequest != nil {
            return afterRelease(reason: "\(cause.rawValue): \(reason)")
        }
        return afterFailure(FailureReport(cause: cause, tail: [reason]), at: now)
    }
}
