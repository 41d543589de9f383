package import FleetModel
import FleetRules
package import Routing

/// What a job's stage does not say: why it stands where it stands, and what would end that.
package struct Condition: Hashable, Sendable, Codable {
    package enum Name: String, Hashable, Sendable, Codable, CaseIterable {
        case waitingDependency = "waiting-dependency"
        case dependencyFailed = "dependency-failed"
        case waitingLock = "waiting-lock"
        case waitingOverlap = "waiting-overlap"
        case backingOff = "backing-off"
        case noCapableFactory = "no-capable-factory"
        case noFreeStation = "no-free-station"
        case waitingFactory = "waiting-factory"
        case paused
        case halted
        case budget
        case waitingInput = "waiting-input"
        case stopping
        case gatheringEvidence = "gathering-evidence"
        case awaitingApproval = "awaiting-approval"
        case awaitingPromotion = "awaiting-promotion"
        case awaitingShip = "awaiting-ship"
        case awaitingDependencyShip = "awaiting-dependency-ship"
        case shipping
        case cancelling
        case mergeConflict = "merge-conflict"
        case targetMovesTooFast = "target-moves-too-fast"
        case pushRefused = "push-refused"
        case targetUnreachable = "target-unreachable"
    }

    package let name: Name
    /// One sentence for people.
    package let reason: String
    package let endsWhen: String
    package let since: Instant
}

extension FleetReading {
    /// Everybody whose word counts now.
    package var people: People { People(state, settings, at: now) }

    /// Derives the condition of a job: the one function behind every screen and every list.
    ///
    /// Who asks for many jobs hands over the `factoryViews`, which are the same for each, and
    /// what was found out about people.
    package func condition(
        of job: Job,
        among views: [FactoryView]? = nil,
        _ shortages: Shortages? = nil
    ) -> Condition? {
        switch job.stage {
        case .queued: conditionInQueue(of: job, views, shortages)
        case .assigned, .building: conditionOfRun(of: job)
        case .review: conditionInReview(of: job, shortages)
        case .testing: conditionInTesting(of: job)
        case .shipped, .failed, .deadLetter: nil
        }
    }

    private func conditionOfRun(of job: Job) -> Condition? {
        if let request = job.cancelRequest {
            return Self.ended(.stopping, request, until: "its factory reports, or its lease ends")
        }
        if let question = job.dialogue?.open {
            return Condition(
                name: .waitingInput,
                reason: "it asks: \(question.question)",
                endsWhen: "giga answer \(job.id) --text TEXT",
                since: question.askedAt
            )
        }
        return job.pause.map {
            Self.held(.stopping, "it", $0, until: "its factory reports, or its lease ends")
        } ?? givingWay(job)
    }

    private func pausedCondition(of job: Job) -> Condition? {
        if let hold = job.pause {
            return Self.held(.paused, "it", hold, until: "giga resume \(job.id)")
        }
        let product = job.terms.product
        return state.pausedProducts[product].map {
            Self.held(
                .paused,
                "the product \(product)",
                $0,
                until: "giga resume --product \(product)"
            )
        }
    }

    private static func held(
        _ name: Condition.Name,
        _ what: String,
        _ hold: Hold,
        until endsWhen: String
    ) -> Condition {
        Condition(
            name: name,
            reason: "\(hold.by) paused \(what): \(hold.reason)",
            endsWhen: endsWhen,
            since: hold.since
        )
    }

    /// A person ended the job, and something of it still runs.
    private static func ended(
        _ name: Condition.Name,
        _ request: Job.CancelRequest,
        until endsWhen: String
    ) -> Condition {
        let did = request.cause == .rejected ? "rejected" : "cancelled"
        return Condition(
            name: name,
            reason: "\(request.by) \(did) it: \(request.reason)",
            endsWhen: endsWhen,
            since: request.at
        )
    }

    private func conditionInQueue(
        of job: Job,
        _ views: [FactoryView]?,
        _ shortages: Shortages?
    ) -> Condition? {
        if let paused = pausedCondition(of: job) { return paused }
        if let waiting = conditionOfDependencies(of: job) { return waiting }
        if let halt = state.halt, halt.covers(Sight.requirementClass(of: job).demand) {
            return Condition(
                name: .halted,
                reason: "\(halt.by) halted the fleet: \(halt.reason)",
                endsWhen: "giga resume --reason TEXT",
                since: halt.at
            )
        }
        if let until = job.backoffUntil, until > now {
            return Condition(
                name: .backingOff,
                reason: "after \(job.lastFailure?.cause.rawValue ?? "a failure")",
                endsWhen: "\(until.since(now)) from now",
                since: job.stageSince
            )
        }
        if let standing = Sight.job(job).standing {
            return Condition(
                name: .budget,
                reason: standing.reason,
                endsWhen: "a person raises it",
                since: job.stageSince
            )
        }
        return turnCondition(of: job) ?? placementCondition(of: job, views, shortages)
    }

    private func conditionOfDependencies(of job: Job) -> Condition? {
        for (place, dependency) in job.dependencies.enumerated() {
            guard let other = state.jobs[dependency], !state.isMet(place, of: job) else { continue }
            let hasFailed = other.stage == .failed || other.stage == .deadLetter
            let step =
                state.testingIsEnough(at: place, of: job) ? "passes its gates" : "ships"
            return Condition(
                name: hasFailed ? .dependencyFailed : .waitingDependency,
                reason: "\(dependency) is in \(other.stage.rawValue)",
                endsWhen: hasFailed ? "giga requeue \(dependency)" : "\(dependency) \(step)",
                since: job.stageSince
            )
        }
        return nil
    }

    /// What stands in the way of a review, of a job that is to have one.
    private func shortage(of job: Job, _ shortages: Shortages?) -> Shortage? {
        let question = state.reviewQuestion(of: job)
        return shortages.map { $0.shortage(question) } ?? people.shortage(question)
    }

    /// A job that could start is told beforehand when its review could not end.
    private func placementCondition(
        of job: Job,
        _ views: [FactoryView]?,
        _ shortages: Shortages?
    ) -> Condition {
        let condition =
            waitingForFactory(job)
            ?? withPreemption(placementAlone(of: job, views ?? factoryViews()), of: job)
        guard let shortage = shortage(of: job, shortages) else { return condition }
        return Condition(
            name: condition.name,
            reason: "\(condition.reason); its review policy cannot be fulfilled: "
                + shortage.reason,
            endsWhen: "\(condition.endsWhen), and \(shortage.ending(of: job))",
            since: condition.since
        )
    }

    private func placementAlone(of job: Job, _ views: [FactoryView]) -> Condition {
        let miss = Router.explainMiss(Sight.job(job), factories: views)
        // The record names only the nearest few, so each factory is asked by itself.
        let isCapable = views.contains { view in
            Router.explainMiss(Sight.job(job), factories: [view]).nearest.isEmpty
        }
        guard !isCapable else {
            return Condition(
                name: .noFreeStation,
                reason: miss.reason ?? "every capable station is busy",
                endsWhen: "a station frees",
                since: job.stageSince
            )
        }
        let misses = miss.nearest.map { "\($0.factory) \($0.missing.joined(separator: " and "))" }
        let detail = misses.isEmpty ? "" : ": " + misses.joined(separator: "; ")
        return Condition(
            name: .noCapableFactory,
            reason: (miss.reason ?? "no factory can do it") + detail,
            endsWhen: "a factory with all that it needs registers",
            since: job.stageSince
        )
    }

    private func conditionInReview(of job: Job, _ shortages: Shortages?) -> Condition {
        guard job.isJudged else {
            if let stopping = conditionOfRun(of: job) { return stopping }
            return Condition(
                name: .gatheringEvidence,
                reason: "scope, secrets and verify are being checked",
                endsWhen: "its factory reports the evidence",
                since: job.stageSince
            )
        }
        let why = job.evidence.compactMap(\.needsReview).first
        let hold =
            job.pause.map { "; \($0.by) paused it (\($0.reason)): it ships after a resume" } ?? ""
        if case .reviewers(let reviewers, let quorum) = job.terms.reviewPolicy {
            let given = job.review?.approvals(of: job.candidate?.commit) ?? []
            let names = given.isEmpty ? "none" : given.map(\.owner).joined(separator: ", ")
            if let shortage = shortage(of: job, shortages) {
                return Condition(
                    name: .awaitingApproval,
                    reason: "its review policy cannot be fulfilled: \(shortage.reason);"
                        + " so far \(names)",
                    endsWhen: shortage.ending(of: job),
                    since: job.stageSince
                )
            }
            return Condition(
                name: .awaitingApproval,
                reason: "\(quorum) of \(reviewers.joined(separator: ", ")) must approve;"
                    + " so far \(names)" + (why.map { "; \($0)" } ?? "") + hold,
                endsWhen: "giga approve \(job.id)",
                since: job.stageSince
            )
        }
        return Condition(
            name: .awaitingPromotion,
            reason: (why ?? "no verify is known for it") + ", so a person decides" + hold,
            endsWhen: "giga promote \(job.id)",
            since: job.stageSince
        )
    }

    private func conditionInTesting(of job: Job) -> Condition {
        if let hold = job.pause {
            return Self.held(.paused, "it", hold, until: "giga resume \(job.id)")
        }
        if let request = job.cancelRequest {
            return Self.ended(
                .cancelling,
                request,
                until: "the target was seen without the change"
            )
        }
        if let lease = job.lease {
            return Condition(
                name: .shipping,
                reason: "\(lease.factory) ships it to \(job.terms.target)",
                endsWhen: "the ship run reports",
                since: lease.granted
            )
        }
        if let block = job.shipBlock { return Self.condition(of: job, block) }
        if let ground = state.unshippedGround(of: job) {
            return Condition(
                name: .awaitingDependencyShip,
                reason: "it began on the commit of \(ground.id), which is in"
                    + " \(ground.stage.rawValue)",
                endsWhen: "\(ground.id) ships",
                since: job.stageSince
            )
        }
        if let request = job.shipRequest { return conditionOfShip(of: job, request) }
        return Condition(
            name: .awaitingShip,
            reason: "every machine is satisfied; a person may ship it",
            endsWhen: "giga ship \(job.id)",
            since: job.stageSince
        )
    }

    private static func condition(of job: Job, _ block: Job.ShipBlock) -> Condition {
        let target = job.terms.target
        let said = job.shipRefusal?.detail.first.map { ": \($0)" } ?? ""
        let (name, reason, endsWhen): (Condition.Name, String, String) =
            switch block {
            case .mergeConflict:
                (.mergeConflict, "it no longer merges into \(target)", "giga requeue \(job.id)")
            case .targetMovesTooFast:
                (
                    .targetMovesTooFast,
                    "\(target) had moved again in the last of \(job.shipRounds) rounds",
                    "giga ship \(job.id)"
                )
            case .pushRefused:
                (
                    .pushRefused,
                    "the push to \(target) was refused in the last of \(job.shipRounds) rounds\(said)",
                    "its owner lets it through, then giga ship \(job.id)"
                )
            case .targetUnreachable:
                (
                    .targetUnreachable,
                    (job.shipRefusal?.cause == .unseen
                        ? "nobody can tell whether it has landed"
                        : "the origin was out of reach")
                        + " in the last of \(job.shipRounds) rounds\(said)",
                    "it answers again, then giga ship \(job.id)"
                )
            }
        return Condition(name: name, reason: reason, endsWhen: endsWhen, since: job.stageSince)
    }

    private func conditionOfShip(of job: Job, _ request: Job.ShipRequest) -> Condition {
        var reason = "\(request.by) asked for it; it waits for a factory that may push"
        var endsWhen = "a factory with push:\(job.terms.repo) claims it"
        if let halt = state.halt, halt.level == .all {
            reason = "\(halt.by) halted the fleet, ships too: \(halt.reason)"
            endsWhen = "giga resume --reason TEXT"
        } else if let lock = job.terms.lock, let holder = holder(of: lock, for: job) {
            reason = "\(request.by) asked for it; \(holder) holds the lock \(lock)"
            endsWhen = "\(holder)'s lease ends"
        } else if job.shipRounds > 0, let refusal = job.shipRefusal {
            reason =
                "round \(job.shipRounds) of \(Job.shipRoundsAllowed) failed: "
                + (refusal.detail.first ?? refusal.cause.rawValue)
            endsWhen = "the next round ships it"
        }
        return Condition(name: .shipping, reason: reason, endsWhen: endsWhen, since: request.at)
    }
}
