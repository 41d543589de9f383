package import FleetModel

/// The answer for one job.
package struct Placement: Hashable, Sendable {
    /// Nil when the job stays in the queue.
    package let factory: FactoryID?
    /// Whose station it takes; nil for ship runs too.
    package let engine: String?
    package let explanation: Explanation
}

/// Chooses a factory for a job out of a list of them: filter, score, rank.
///
/// A fleet that lives keeps a `Roster`. These are for a list at hand, and rank by such a roster.
package enum Router {
    /// Places one job among the factories that were asked about.
    ///
    /// The order of `candidates` does not matter; each factory appears in it once.
    package static func place(
        _ job: JobView,
        candidates factories: [FactoryView],
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
        var list = FactoryList(job, factories)
        let assignment = list.roster.place(
            job,
            of: list.requirementClass,
            in: list.table,
            weights: weights,
            seed: seed,
            precedence: precedence
        )
        guard let assignment else {
            explanation.note(rejections(of: job, by: factories))
            explanation.reason = summary(job, factories)
            explanation.nearest = nearestMisses(job, factories)
            return Placement(factory: nil, engine: nil, explanation: explanation)
        }
        do { explanation = try assignment.record.explanation() } catch {
            preconditionFailure("a record is read as it was written: \(error)")
        }
        return Placement(
            factory: assignment.factory,
            engine: assignment.engine,
            explanation: explanation
        )
    }

    /// The best few of those factories, as if they were some of the `inputs.rivals`.
    static func rank(
        _ job: JobView,
        _ factories: [FactoryView],
        _ weights: RoutingWeights,
        _ seed: UInt64,
        _ inputs: DecisionInputs
    ) -> [Candidate] {
        var list = FactoryList(job, factories)
        let request = list.roster.number(
            ofRequest: job,
            of: list.requirementClass,
            in: list.table
        )
        _ = list.roster.gather(request, in: list.table, nil)
        let ground = PlacementGround(
            request: request,
            requirementClass: list.requirementClass,
            assignments: inputs.assignments,
            rivals: inputs.rivals
        )
        let terms = PlacementTerms(weights: weights, seed: seed, precedence: nil)
        list.roster.rank(job, ground, terms)
        return list.roster.best.map { scored in
            Candidate(
                factory: list.roster.names[Int(scored.member)].id,
                engine: list.roster.engine(of: scored),
                score: scored.score,
                terms: scored.terms,
                costClass: scored.costClass,
                load: scored.load,
                lot: scored.lot
            )
        }
    }

    /// What decided between the first two.
    static func tieBreak(of ranking: [Candidate]) -> TieBreak {
        guard ranking.count > 1 else { return .none }
        return TieBreak(ranking[0], over: ranking[1])
    }

    static func rejections(of job: JobView, by factories: [FactoryView]) -> [Rejection] {
        factories.compactMap { factory in
            guard case .rejected(let reason) = Eligibility(of: job, at: factory) else { return nil }
            return Rejection(factory: factory.id, reason: reason)
        }.sorted { $0.factory < $1.factory }
    }
}

/// A roster of factories that were given as a list, and the one class that is asked about.
private struct FactoryList {
    var roster = Roster()
    var table = ClassTable()
    let requirementClass: ClassID

    init(_ job: JobView, _ factories: [FactoryView]) {
        requirementClass = table.intern(job.requirementClass)
        for view in factories {
            roster.set(view, shape: table.intern(view.shape), takesShip: view.isClaiming)
        }
    }
}

extension Explanation {
    /// Names up to twenty rejections, counts more by reason, the commonest first.
    fileprivate mutating func note(_ rejections: [Rejection]) {
        guard rejections.count > Self.rejectionsNamed else {
            rejected = rejections
            return
        }
        var counts: [String: Int] = [:]
        for rejection in rejections { counts[rejection.reason, default: 0] += 1 }
        rejectedByReason = ReasonCount.inOrder(
            counts.map { ReasonCount(reason: $0.key, count: $0.value) }
        )
    }
}
