import FleetModel

@testable import Routing

/// The router as plainly as it can be put.
///
/// Every factory is asked, every term computed from its view, everything sorted. What the product
/// does with numbers and arrays must come out the same.
enum ReferenceRouter {
    /// What the record of a placement must say; nil when nobody can have the job.
    static func place(
        _ job: JobView,
        among factories: [FactoryView],
        weights: RoutingWeights = .standard,
        seed: UInt64,
        precedence: Precedence? = nil
    ) -> Explanation? {
        guard job.standing == nil else { return nil }
        var explanation = Explanation(weights: weights, seed: seed)
        var eligible: [(factory: FactoryView, station: Int?)] = []
        var rejected: [Rejection] = []
        for factory in factories {
            switch PlainEligibility(of: job, at: factory) {
            case .eligible(let station): eligible.append((factory, station))
            case .rejected(let reason):
                rejected.append(Rejection(factory: factory.id, reason: reason))
            }
        }
        let assignments = eligible.reduce(0) { $0 + $1.factory.recentAssignments }
        let ranking = eligible.map { factory, station in
            candidate(
                job,
                factory,
                station,
                PlainTerms(
                    job,
                    factory,
                    station: station,
                    assignments: assignments,
                    rivals: eligible.count
                ),
                weights,
                seed
            )
        }.sorted(by: ranksBefore)
        guard let winner = ranking.first,
            let home = factories.first(where: { $0.id == winner.factory })
        else { return nil }
        note(rejected, in: &explanation)
        explanation.placed = true
        explanation.factory = winner.factory
        explanation.engine = winner.engine
        explanation.score = winner.score
        explanation.terms = winner.terms
        explanation.candidates = Array(ranking.prefix(5))
        explanation.tieBreak = tieBreak(of: ranking)
        explanation.matched = job.requirementClass.requirements.map { requirement in
            let match = requirement.check(against: home.facts)
            return MatchedRequirement(requirement: requirement, fact: match.fact)
        }
        explanation.inputs = DecisionInputs(
            job: job.id,
            product: job.product,
            requirements: job.requirementClass.requirements,
            demand: job.requirementClass.demand,
            repository: job.requirementClass.repository,
            prefers: job.prefers,
            microUSDLeft: job.budgetLeft.microUSD,
            assignments: assignments,
            rivals: eligible.count
        )
        explanation.precedence = precedence
        return explanation
    }

    private static func candidate(
        _ job: JobView,
        _ factory: FactoryView,
        _ station: Int?,
        _ terms: PlainTerms,
        _ weights: RoutingWeights,
        _ seed: UInt64
    ) -> Routing.Candidate {
        let total = factory.stations.reduce(0) { $0 + $1.total }
        let busy = factory.stations.reduce(0) { $0 + $1.total - $1.free }
        let gained =
            weights.capabilityFit * terms.capabilityFit + weights.affinity * terms.affinity
            + weights.load * terms.load + weights.health * terms.health + weights.cost * terms.cost
        return Routing.Candidate(
            factory: factory.id,
            engine: station.map { factory.stations[$0].kind.engine },
            score: (gained - weights.starvation * terms.starvation) / 1_000_000,
            terms: RoutingTerms(
                capabilityFit: terms.capabilityFit,
                affinity: terms.affinity,
                load: terms.load,
                health: terms.health,
                cost: terms.cost,
                starvation: terms.starvation
            ),
            costClass: factory.costClass,
            load: PlainTerms.share(busy, of: total) + max(0, factory.loadPPM),
            lot: SeededHash.of(seed: seed, job: job.id, factory: factory.id),
            inputs: CandidateInputs(
                facts: facts(of: factory, for: job),
                stations: factory.stations,
                isLate: factory.isLate,
                loadPPM: factory.loadPPM,
                healthPPM: factory.healthPPM,
                costClass: factory.costClass,
                isWarm: job.requirementClass.repository.map(factory.warmRepositories.contains)
                    ?? false,
                didProduct: factory.lastProducts.contains(job.product),
                recentAssignments: factory.recentAssignments,
                rareCapabilities: factory.rareCapabilities
            )
        )
    }

    private static func ranksBefore(_ one: Routing.Candidate, _ other: Routing.Candidate) -> Bool {
        if one.score != other.score { return one.score > other.score }
        if one.costClass != other.costClass { return one.costClass < other.costClass }
        if one.load != other.load { return one.load < other.load }
        return (one.lot, one.factory) < (other.lot, other.factory)
    }

    private static func tieBreak(of ranking: [Routing.Candidate]) -> TieBreak {
        guard ranking.count > 1, ranking[0].score == ranking[1].score else { return .none }
        if ranking[0].costClass != ranking[1].costClass { return .costClass }
        return ranking[0].load != ranking[1].load ? .load : .seededHash
    }

    /// Names up to twenty rejections, counts more by reason, the commonest first.
    private static func note(_ rejections: [Rejection], in explanation: inout Explanation) {
        guard rejections.count > 20 else {
            explanation.rejected = rejections.sorted { $0.factory < $1.factory }
            return
        }
        var counts: [String: Int] = [:]
        for rejection in rejections { counts[rejection.reason, default: 0] += 1 }
        explanation.rejectedByReason = counts.map { ReasonCount(reason: $0.key, count: $0.value) }
            .sorted { ($1.count, $0.reason) < ($0.count, $1.reason) }
    }

    private static func facts(of factory: FactoryView, for job: JobView) -> FactSet {
        var names = job.requirementClass.requirements.map(\.name)
        for case .fact(let wish) in job.prefers { names.append(wish.name) }
        if let repository = job.requirementClass.repository { names.append("repo:\(repository)") }
        return factory.facts.filter { fact in
            // A requirement of another system is explained by the one that is there.
            names.contains(fact.name) || fact.name.hasPrefix("os:")
                || fact.name.hasPrefix("arch:")
        }
    }
}
