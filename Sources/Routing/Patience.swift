package import FleetModel

/// When a job that could start waits a moment for a better factory (delay scheduling).
///
/// - SeeAlso: M. Zaharia et al., "Delay scheduling: a simple technique for achieving locality and
///   fairness in cluster scheduling", EuroSys 2010.
package enum Patience {
    /// How much more a factory must be worth, in parts per million of a score, to be waited for.
    ///
    /// With the standard weights an explicit wish for it is enough (125,000), and so is a warm
    /// checkout together with the product's last run (125,000); a checkout alone (75,000), or a
    /// station less that is busy, is not.
    package static let muchBetter = 100_000
}

extension Roster {
    /// What a factory would be worth for the job, were one of its stations free that fit.
    ///
    /// It is held against those that could take the job now, as if it were one of them. Nil for
    /// one that could not have the job even then.
    ///
    /// - Complexity: linear in the factories that could take the job.
    package mutating func prospect(
        of factory: FactoryID,
        engine: String,
        for job: JobView,
        of id: ClassID,
        in table: ClassTable,
        rarity: Rarity? = nil,
        weights: RoutingWeights = .standard
    ) -> Int? {
        guard let member = numberOf[factory] else { return nil }
        let own = members[member]
        guard !own.isDraining, !own.isLate, table.serves(shapes[own.layout], id) else { return nil }
        let request = number(ofRequest: job, of: id, in: table)
        let (assignments, rivals) = gather(request, in: table, rarity)
        layouts[own.layout].learn(rarity)
        let fitting = self.fit(of: request, own.layout)
        let fit = fits[Int(fitting)]
        let kinds = layouts[own.layout].key.kinds
        let place = fit.choices.first { kinds[Int(choices[$0].group)].engine == engine }
        guard let choice = place.map({ choices[$0] }) else { return nil }
        var (free, total) = (0, 0)
        for group in own.groups..<own.groups + kinds.count {
            free += groups[group].free
            total += groups[group].total
        }
        let load = FactoryView.load(
            free: min(free + 1, total),
            total: total,
            processor: own.loadPPM
        )
        let affinity = RoutingTerms.affinity(
            isPreferred: preferredMembers(of: job).contains(Int32(member)),
            isWarm: fit.hasCheckout,
            didProduct: did(numberOfProduct[job.product], job, Int32(member))
        )
        let terms = RoutingTerms(
            capabilityFit: RoutingTerms.capabilityFit(wishes: choice.wishes, spared: fit.spared),
            affinity: affinity,
            load: RoutingTerms.load(load),
            health: own.healthTerm,
            cost: cost(choice, own, job.budgetLeft.microUSD),
            starvation: RoutingTerms.starvation(
                own.recentAssignments,
                assignments: assignments + own.recentAssignments,
                rivals: rivals + 1
            )
        )
        return weights.score(terms)
    }

    private func did(_ product: Int32?, _ job: JobView, _ member: Int32) -> Bool {
        product.map { did($0, job, member) } ?? false
    }
}
