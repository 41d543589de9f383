private import FleetModel

/// What an explicit wish, a warm checkout and a familiar product each give to affinity.
private enum AffinityShare {
    static let preferredFactory = 500_000
    static let warmRepository = 300_000
    static let lastProduct = 200_000
}

extension RoutingTerms {
    /// The terms of one eligible factory at `station`, an index that is nil for a ship run.
    ///
    /// `assignments` are the recent ones of all `rivals` eligible factories together.
    init(
        _ job: JobView,
        _ factory: FactoryView,
        station: Int?,
        assignments: Int,
        rivals: Int
    ) {
        let group = station.map { factory.stations[$0] }
        capabilityFit =
            (Self.wishes(job, factory, engine: group?.kind.engine) + Self.spared(job, factory)) / 2
        affinity = Self.affinity(job, factory)
        load = Share.whole * Share.whole / (Share.whole + factory.totalLoadPPM)
        let health = min(max(0, factory.healthPPM), Share.whole)
        self.health = factory.isLate ? health / 2 : health
        cost = Self.costFit(job, group)
        let share = Share.of(factory.recentAssignments, in: assignments)
        starvation = max(0, share - Share.whole / rivals)
    }

    /// Share of what the job would like and this factory has; a wish for a factory is affinity.
    private static func wishes(_ job: JobView, _ factory: FactoryView, engine: String?) -> Int {
        var asked = 0
        var met = 0
        for preference in job.prefers {
            switch preference {
            case .factory: continue
            case .engine(let name):
                asked += 1
                if name == engine { met += 1 }
            case .fact(let requirement):
                asked += 1
                if requirement.check(against: factory.facts).isMet { met += 1 }
            }
        }
        return asked == 0 ? Share.whole : Share.of(met, in: asked)
    }

    /// One minus the share of the factory's rare capabilities that the job has no use for.
    private static func spared(_ job: JobView, _ factory: FactoryView) -> Int {
        let rare = factory.rareCapabilities
        let idle = rare.filter { name in
            !needs(job, name) && !wishes(job, name)
        }
        return Share.whole - Share.of(idle.count, in: rare.count)
    }

    private static func needs(_ job: JobView, _ name: String) -> Bool {
        job.requirementClass.requirements.contains { $0.name == name && !$0.isNegated }
    }

    private static func wishes(_ job: JobView, _ name: String) -> Bool {
        job.prefers.contains { preference in
            guard case .fact(let wish) = preference else { return false }
            return wish.name == name && !wish.isNegated
        }
    }

    private static func affinity(_ job: JobView, _ factory: FactoryView) -> Int {
        var sum = 0
        if job.prefers.contains(.factory(factory.id.name)) { sum += AffinityShare.preferredFactory }
        if let repository = job.requirementClass.repository,
            factory.warmRepositories.contains(repository)
                || factory.facts.contains(named: "repo:\(repository)")
        {
            sum += AffinityShare.warmRepository
        }
        if factory.lastProducts.contains(job.product) { sum += AffinityShare.lastProduct }
        return sum
    }

    /// How far the expected cost stays below what is left; half when nobody knows the cost.
    private static func costFit(_ job: JobView, _ station: StationGroup?) -> Int {
        guard let left = job.budgetLeft.microUSD, let station else { return Share.whole }
        guard let expected = station.expectedMicroUSD else { return Share.whole / 2 }
        return Share.whole - Share.of(expected, in: left)
    }
}
