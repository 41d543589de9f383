import FleetModel

@testable import Routing

/// What an explicit wish, a warm checkout and a familiar product each give to affinity.
private enum PlainShare {
    static let preferredFactory = 500_000
    static let warmRepository = 300_000
    static let lastProduct = 200_000
}

/// The terms of one factory, each computed from the views alone.
struct PlainTerms {
    var capabilityFit, affinity, load, health, cost, starvation: Int

    /// Those of one eligible factory at `station`, an index that is nil for a ship run.
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
        let total = factory.stations.reduce(0) { $0 + $1.total }
        let busy = factory.stations.reduce(0) { $0 + $1.total - $1.free }
        let totalLoad = Self.share(busy, of: total) + max(0, factory.loadPPM)
        load = 1_000_000 * 1_000_000 / (1_000_000 + totalLoad)
        let health = min(max(0, factory.healthPPM), 1_000_000)
        self.health = factory.isLate ? health / 2 : health
        cost = Self.costFit(job, group)
        let share = Self.share(factory.recentAssignments, of: assignments)
        starvation = max(0, share - 1_000_000 / rivals)
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
        return asked == 0 ? 1_000_000 : share(met, of: asked)
    }

    /// One minus the share of the factory's rare capabilities that the job has no use for.
    private static func spared(_ job: JobView, _ factory: FactoryView) -> Int {
        let rare = factory.rareCapabilities
        let idle = rare.filter { name in
            !needs(job, name) && !wishes(job, name)
        }
        return 1_000_000 - share(idle.count, of: rare.count)
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
        if job.prefers.contains(.factory(factory.id.name)) { sum += PlainShare.preferredFactory }
        if let repository = job.requirementClass.repository,
            factory.warmRepositories.contains(repository)
                || factory.facts.contains(named: "repo:\(repository)")
        {
            sum += PlainShare.warmRepository
        }
        if factory.lastProducts.contains(job.product) { sum += PlainShare.lastProduct }
        return sum
    }

    /// How far the expected cost stays below what is left; half when nobody knows the cost.
    private static func costFit(_ job: JobView, _ station: StationGroup?) -> Int {
        guard let left = job.budgetLeft.microUSD, let station else { return 1_000_000 }
        guard let expected = station.expectedMicroUSD else { return 1_000_000 / 2 }
        return 1_000_000 - share(expected, of: left)
    }

    /// In parts per million, rounded down and held within 0 and one million.
    static func share(_ part: some BinaryInteger, of whole: some BinaryInteger) -> Int {
        guard part > 0, whole > 0 else { return 0 }
        return part < whole ? Int(Int128(part) * 1_000_000 / Int128(whole)) : 1_000_000
    }
}
