package import FleetModel

/// The answer for one job.
package struct Placement: Hashable, Sendable {
    /// Nil when the job stays in the queue.
    package let factory: FactoryID?
    /// Whose station it takes; nil for ship runs too.
    package let engine: String?
    package let explanation: Explanation
}

/// Chooses a factory for a job: filter, score, rank; the same inputs give the same answer anywhere.
package enum Router {
    /// Places one job among the factories that were asked about.
    ///
    /// The order of `candidates` does not matter; each factory appears in it once. `passedOver`
    /// counts the factories that are not among them because they cannot have it (`Roster`).
    ///
    /// - Complexity: linear in `candidates`, apart from sorting rejections by name for the record.
    package static func place(
        _ job: JobView,
        candidates factories: [FactoryView],
        passedOver: [ReasonCount] = [],
        weights: RoutingWeights = .standard,
        seed: UInt64,
        precedence: Precedence? = nil
    ) -> Placement {
        var explanation = Explanation(weights: weights, seed: seed)
        if let standing = job.standing {
            explanation.condition = standing.condition
            explanation.reason = standing.reason
            return Placement(factory: nil, engine: nil, explanation: explanation)
        }
        var eligible: [(factory: FactoryView, station: Int?)] = []
        var rejected: [Rejection] = []
        for factory in factories {
            switch Eligibility(of: job, at: factory) {
            case .eligible(let station): eligible.append((factory, station))
            case .rejected(let reason):
                rejected.append(Rejection(factory: factory.id, reason: reason))
            }
        }
        explanation.note(rejected, beside: passedOver)
        let inputs = DecisionInputs(
            job,
            assignments: eligible.reduce(0) { $0 + $1.factory.recentAssignments },
            rivals: eligible.count
        )
        var ranking = rank(job, eligible, weights, seed, inputs)
        guard let winner = ranking.first,
            let home = eligible.first(where: { $0.factory.id == winner.factory })
        else {
            explanation.reason = summary(job, factories)
            explanation.nearest = nearestMisses(job, factories)
            return Placement(factory: nil, engine: nil, explanation: explanation)
        }
        for place in ranking.indices {
            let name = ranking[place].factory
            ranking[place].inputs = eligible.first { $0.factory.id == name }
                .map { CandidateInputs($0.factory, for: job) }
        }
        explanation.inputs = inputs
        explanation.precedence = precedence
        explanation.note(ranking[0], of: ranking, matched: matches(job, home.factory))
        return Placement(factory: winner.factory, engine: winner.engine, explanation: explanation)
    }

    /// The best few of the eligible factories; `inputs` knows of all that were eligible.
    static func rank(
        _ job: JobView,
        _ eligible: [(factory: FactoryView, station: Int?)],
        _ weights: RoutingWeights,
        _ seed: UInt64,
        _ inputs: DecisionInputs
    ) -> [Candidate] {
        var best = BestFew(limit: Explanation.candidatesKept)
        for (factory, station) in eligible {
            let terms = RoutingTerms(
                job,
                factory,
                station: station,
                assignments: inputs.assignments,
                rivals: inputs.rivals
            )
            best.offer(
                Candidate(
                    factory: factory.id,
                    engine: station.map { factory.stations[$0].kind.engine },
                    score: weights.score(terms),
                    terms: terms,
                    costClass: factory.costClass,
                    load: factory.totalLoadPPM,
                    lot: SeededHash.of(seed: seed, job: job.id, factory: factory.id)
                )
            )
        }
        return best.ranking
    }

    /// What decided between the first two.
    static func tieBreak(of ranking: [Candidate]) -> TieBreak {
        guard ranking.count > 1 else { return .none }
        return ranking[0].tieBreak(over: ranking[1])
    }

    private static func matches(_ job: JobView, _ factory: FactoryView) -> [MatchedRequirement] {
        job.requirementClass.requirements.map { requirement in
            let match = requirement.check(against: factory.facts)
            return MatchedRequirement(requirement: requirement, fact: match.fact)
        }
    }
}

/// The best few of many without sorting them all.
private struct BestFew {
    let limit: Int
    private(set) var ranking: [Candidate] = []

    init(limit: Int) { self.limit = limit }

    mutating func offer(_ candidate: Candidate) {
        let place = ranking.firstIndex { candidate.ranksBefore($0) } ?? ranking.count
        guard place < limit else { return }
        ranking.insert(candidate, at: place)
        if ranking.count > limit { ranking.removeLast() }
    }
}

extension Candidate {
    /// Higher score, then the tie-breaks; names decide only if two lots collide.
    fileprivate func ranksBefore(_ other: Candidate) -> Bool {
        if score != other.score { return score > other.score }
        if costClass != other.costClass { return costClass < other.costClass }
        if load != other.load { return load < other.load }
        return (lot, factory) < (other.lot, other.factory)
    }

    fileprivate func tieBreak(over other: Candidate) -> TieBreak {
        if score != other.score { return .none }
        if costClass != other.costClass { return .costClass }
        return load != other.load ? .load : .seededHash
    }
}

extension Explanation {
    fileprivate mutating func note(
        _ winner: Candidate,
        of ranking: [Candidate],
        matched: [MatchedRequirement]
    ) {
        placed = true
        factory = winner.factory
        engine = winner.engine
        score = winner.score
        terms = winner.terms
        candidates = ranking
        tieBreak = Router.tieBreak(of: ranking)
        self.matched = matched
    }

    /// Names up to twenty rejections, counts more by reason, the commonest first.
    fileprivate mutating func note(_ rejections: [Rejection], beside others: [ReasonCount]) {
        guard !others.isEmpty || rejections.count > Self.rejectionsNamed else {
            rejected = rejections.sorted { $0.factory < $1.factory }
            return
        }
        var counts: [String: Int] = [:]
        for other in others { counts[other.reason, default: 0] += other.count }
        for rejection in rejections { counts[rejection.reason, default: 0] += 1 }
        rejectedByReason = counts.map { ReasonCount(reason: $0.key, count: $0.value) }
            .sorted { ($1.count, $0.reason) < ($0.count, $1.reason) }
    }
}
