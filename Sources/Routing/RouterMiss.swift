private import FleetModel

extension Router {
    /// Why a job is still queued: what stands in the way, and for every factory what is missing.
    ///
    /// Unlike a placement it names every factory, however many: a person asked.
    package static func explainMiss(
        _ job: JobView,
        factories: [FactoryView],
        weights: RoutingWeights = .standard,
        seed: UInt64 = 0
    ) -> Explanation {
        var explanation = Explanation(weights: weights, seed: seed)
        explanation.rejected = rejections(of: job, by: factories)
        let standing = job.standing
        explanation.condition = standing?.condition
        explanation.reason = standing?.reason ?? summary(job, factories)
        explanation.nearest = nearestMisses(job, factories)
        return explanation
    }

    /// The factories that lack the fewest things, at most five; those that lack nothing are not in.
    static func nearestMisses(_ job: JobView, _ factories: [FactoryView]) -> [NearestMiss] {
        let misses = factories.compactMap { factory -> NearestMiss? in
            let missing = Eligibility.missing(for: job, at: factory)
            return missing.isEmpty ? nil : NearestMiss(factory: factory.id, missing: missing)
        }
        let nearest = misses.sorted { left, right in
            (left.missing.count, left.factory) < (right.missing.count, right.factory)
        }
        return Array(nearest.prefix(Explanation.candidatesKept))
    }

    /// One sentence over all factories.
    static func summary(_ job: JobView, _ factories: [FactoryView]) -> String {
        guard !factories.isEmpty else { return "no factory is registered" }
        let capable = factories.filter { Eligibility.missing(for: job, at: $0).isEmpty }
        guard !capable.isEmpty else {
            return "no factory has all that it needs (of \(factories.count))"
        }
        let open = capable.contains { factory in
            if case .eligible = Eligibility(of: job, at: factory) { true } else { false }
        }
        if open { return "waits for its turn" }
        return "each factory that could do it is busy or draining (\(capable.count))"
    }
}
