package import FleetModel

/// One thing that only a person can move on.
package struct Need: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case approval, promotion, ship, answer, requeue
        /// Work of this kind waits for a decision on another job.
        case blocked
        /// No existing people could give the approvals that it needs.
        case policy
    }

    package let job: JobID
    package let kind: Kind
    package let reason: String
    /// What a person may type.
    package let command: String
    package let since: Instant
}

extension FleetReading {
    /// What waits for a person among the jobs in memory, the oldest first.
    ///
    /// `caller` leaves out approvals that this one may not give, or has given.
    package func needs(of caller: Principal?) -> [Need] {
        let shortages = Shortages(people)
        let asking = Set(
            state.profiles.values.compactMap(\.last).filter {
                $0.reviewPolicy?.asksReviewers == true
            }
            .map(\.name)
        )
        return state.jobs.values.compactMap { job in
            // There may be a million jobs, and few of them ask anybody.
            let asks =
                job.terms.reviewPolicy.asksReviewers || asking.contains(job.terms.profile.name)
            return asks ? need(of: job, caller, shortages) : anyNeed(of: job, caller, shortages)
        }.sorted { ($0.since, $0.job) < ($1.since, $1.job) }
    }

    /// A dead letter stays one until a person requeues it.
    package static func need(ofDeadLetter job: Job) -> Need {
        let last = job.lastFailure
        let detail = last?.tail.last.map { ": \($0)" } ?? ""
        return Need(
            job: job.id,
            kind: .requeue,
            reason: (last?.cause.rawValue ?? "it gave up") + detail,
            command: "giga requeue \(job.id)",
            since: job.stageSince
        )
    }

    private func need(
        of job: Job,
        _ caller: Principal?,
        _ shortages: Shortages
    ) -> Need? {
        let need = anyNeed(of: job, caller, shortages)
        guard job.stage == .queued || (job.stage == .review && job.isJudged),
            need == nil || need?.kind == .approval,
            let shortage = shortages.shortage(state.reviewQuestion(of: job))
        else { return need }
        return Need(
            job: job.id,
            kind: .policy,
            reason: "its review policy cannot be fulfilled: \(shortage.reason)",
            command: shortage.command(of: job),
            since: job.stageSince
        )
    }

    private func anyNeed(
        of job: Job,
        _ caller: Principal?,
        _ shortages: Shortages
    ) -> Need? {
        guard mayWaitForPerson(job), let condition = condition(of: job, among: nil, shortages),
            let kind = Self.kind(of: condition.name)
        else { return nil }
        if kind == .approval, let caller, !mayApprove(job, caller) { return nil }
        return Need(
            job: job.id,
            kind: kind,
            reason: condition.reason,
            command: condition.endsWhen,
            since: condition.since
        )
    }

    /// Cheap, because the condition of a job that waits for a machine is not.
    private func mayWaitForPerson(_ job: Job) -> Bool {
        switch job.stage {
        case .queued:
            job.dependencies.contains { id in
                state.jobs[id].map { $0.stage == .failed || $0.stage == .deadLetter } ?? false
            }
        case .building: job.dialogue?.open != nil
        case .review: job.isJudged
        case .testing: true
        default: false
        }
    }

    private static func kind(of name: Condition.Name) -> Need.Kind? {
        switch name {
        case .awaitingApproval: .approval
        case .awaitingPromotion: .promotion
        case .awaitingShip, .targetMovesTooFast: .ship
        case .waitingInput: .answer
        case .mergeConflict: .requeue
        case .dependencyFailed: .blocked
        default: nil
        }
    }

    private func mayApprove(_ job: Job, _ caller: Principal) -> Bool {
        guard case .reviewers(let reviewers, _) = job.terms.reviewPolicy else { return false }
        let own = state.owner(of: caller)
        let names = reviewers.map { $0.hasPrefix("@") ? String($0.dropFirst()) : $0 }
        let hasGiven = job.review?.approvals(of: job.candidate?.commit)
            .contains { $0.owner == own }
        return !state.isAgent(caller) && own != state.owner(of: job)
            && (names.contains(own) || names.contains(caller.name)) && hasGiven != true
    }
}
