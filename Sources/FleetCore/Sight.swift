package import FleetModel
package import Routing

/// How the router sees jobs and factories; one reading for placements and for explanations.
package enum Sight {
    /// The class by which a job queues: for its next attempt, or for its ship run.
    package static func requirementClass(of job: Job) -> RequirementClass {
        let demand: EngineDemand =
            job.terms.engine.map { .engine($0) } ?? .engineClass(job.terms.engineClass)
        let own = RequirementClass(
            requirements: job.terms.capabilities,
            demand: demand,
            repository: job.terms.repo
        )
        guard job.stage == .testing else { return own }
        do { return try own.shipping(to: job.terms.repo) } catch {
            preconditionFailure("a registered repository's name makes a requirement: \(error)")
        }
    }

    /// `wanted` is the class that it waits in, where that is known.
    package static func job(
        _ job: Job,
        in wanted: RequirementClass? = nil,
        blockage: Blockage? = nil
    ) -> JobView {
        JobView(
            id: job.id,
            requirementClass: wanted ?? requirementClass(of: job),
            prefers: job.terms.prefers + checkpointWish(of: job),
            product: job.terms.product,
            priority: job.terms.priority,
            submittedAt: job.submittedAt,
            budgetLeft: job.budgetLeft,
            blockage: blockage
        )
    }

    /// A conversation can be taken up again only where it was left, and a commit that could not be
    /// pushed, or must not be, is nowhere else either.
    private static func checkpointWish(of job: Job) -> [Preference] {
        guard let checkpoint = job.checkpoint,
            checkpoint.session != nil || checkpoint.commit != nil
        else { return [] }
        return [.factory(checkpoint.factory.name)]
    }

    /// What a factory has, as it registered it, and how much of that its claim says is free.
    ///
    /// An engine that the claim leaves out is not offered; numbers that cannot be are cut to fit.
    static func stations(
        of factory: Factory,
        stating stated: StatedFactory,
        claim: Claim?,
        busy: [String: Int]
    ) -> [StationGroup] {
        zip(factory.stations, stated.kinds).map { station, kind in
            StationGroup(
                kind: kind,
                total: max(station.count, 0),
                free: free(station, claim: claim, busy: busy)
            )
        }
    }

    /// How many of them the claim says are free; without one, those that no live lease takes.
    static func free(_ station: Station, claim: Claim?, busy: [String: Int]) -> Int {
        let total = max(station.count, 0)
        let free =
            if let claim {
                claim.free.first { $0.engine == station.engine }?.count ?? 0
            } else {
                total - busy[station.engine, default: 0]
            }
        return min(max(free, 0), total)
    }

    /// What is true of a factory only for a while.
    static func condition(
        of factory: Factory,
        seen: Presence.Seen?,
        isLate: Bool
    ) -> FactoryCondition {
        FactoryCondition(
            isClaiming: !isLate && seen?.claim != nil,
            isDraining: factory.drainingBy != nil,
            isLate: isLate,
            loadPPM: Int(seen?.load ?? 0),
            healthPPM: FactoryView.health(
                recentCrashes: seen?.recentCrashes ?? 0,
                recentVerifyFailures: seen?.recentVerifyFailures ?? 0
            ),
            lastProducts: Set(seen?.lastProduct.map { [$0] } ?? []),
            recentAssignments: seen?.recentStationTime ?? 0
        )
    }

    /// A factory at one moment; `busy` are the stations taken by live leases, by engine.
    package static func factory(
        _ factory: Factory,
        stating stated: StatedFactory,
        seen: Presence.Seen?,
        busy: [String: Int],
        isLate: Bool,
        rare: [String]
    ) -> FactoryView {
        let claim = isLate ? nil : seen?.claim
        let groups = stations(of: factory, stating: stated, claim: claim, busy: busy)
        var view = FactoryView(
            id: factory.id,
            facts: stated.facts,
            stations: groups,
            warmRepositories: stated.warmRepositories,
            rareCapabilities: rare
        )
        view.condition = condition(of: factory, seen: seen, isLate: isLate)
        return view
    }
}

/// What a factory says of itself, worked out once: it changes only when the factory says it anew.
package struct StatedFactory: Sendable {
    package let facts: FactSet
    /// Those that may be rare (`Rarity`).
    let capabilities: [String]
    /// One for each of its stations, in their order.
    let kinds: [StationKind]
    let warmRepositories: Set<String>

    package init(_ factory: Factory) {
        facts = FactSet(factory.facts)
        capabilities = Rarity.names(in: facts)
        kinds = factory.stations.map { StationKind(engine: $0.engine, classes: $0.classes) }
        warmRepositories = Set(
            factory.facts.filter { $0.family == "repo" }.map { String($0.name.dropFirst(5)) }
        )
    }
}

extension Job {
    /// What is left of each ceiling after the runs so far; nil where there is none.
    var budgetLeft: Budget {
        guard let budget = terms.budget else { return Budget() }
        var wall: Int64 = 0
        var tokens: Int64 = 0
        for run in runs where run.kind == .attempt {
            if let start = run.startedAt, let end = run.endedAt {
                wall += end.since(start).milliseconds
            }
            tokens += Int64((run.usage?.inputTokens ?? 0) + (run.usage?.outputTokens ?? 0))
        }
        return Budget(
            microUSD: budget.microUSD.map { $0 - spendMicroUSD },
            tokens: budget.tokens.map { $0 - tokens },
            wall: budget.wall.map { Timespan(milliseconds: $0.milliseconds - wall) }
        )
    }
}
