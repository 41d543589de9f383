import FleetModel

/// What an explicit wish, a warm checkout and a familiar product each give to affinity.
private enum AffinityShare {
    static let preferredFactory = 500_000
    static let warmRepository = 300_000
    static let lastProduct = 200_000
}

/// The terms of a score, each from plain numbers: most of them are worked out long before a job is
/// placed, when a class meets a kind of factory or when a factory is heard of.
extension RoutingTerms {
    static func capabilityFit(wishes: Int, spared: Int) -> Int { (wishes + spared) / 2 }

    /// Share of what the job would like and this factory has; a wish for a factory is affinity.
    static func wishes(_ prefers: [Preference], _ facts: FactSet, engine: String?) -> Int {
        var asked = 0
        var met = 0
        for preference in prefers {
            switch preference {
            case .factory: continue
            case .engine(let name):
                asked += 1
                if name == engine { met += 1 }
            case .fact(let requirement):
                asked += 1
                if requirement.check(against: facts).isMet { met += 1 }
            }
        }
        return asked == 0 ? Share.whole : Share.of(met, in: asked)
    }

    /// One minus the share of the factory's rare capabilities that the job has no use for.
    static func spared(
        _ wanted: RequirementClass,
        _ prefers: [Preference],
        rare: [String]
    ) -> Int {
        let idle = rare.filter { name in
            !needs(wanted, name) && !wishes(prefers, name)
        }
        return Share.whole - Share.of(idle.count, in: rare.count)
    }

    private static func needs(_ wanted: RequirementClass, _ name: String) -> Bool {
        wanted.requirements.contains { $0.name == name && !$0.isNegated }
    }

    private static func wishes(_ prefers: [Preference], _ name: String) -> Bool {
        prefers.contains { preference in
            guard case .fact(let wish) = preference else { return false }
            return wish.name == name && !wish.isNegated
        }
    }

    @inline(__always)
    static func affinity(isPreferred: Bool, isWarm: Bool, didProduct: Bool) -> Int {
        var sum = 0
        if isPreferred { sum += AffinityShare.preferredFactory }
        if isWarm { sum += AffinityShare.warmRepository }
        if didProduct { sum += AffinityShare.lastProduct }
        return sum
    }

    /// Of a load in parts per million.
    static func load(_ total: Int) -> Int {
        Share.whole * Share.whole / (Share.whole + total)
    }

    static func health(_ healthPPM: Int, isLate: Bool) -> Int {
        let health = min(max(0, healthPPM), Share.whole)
        return isLate ? health / 2 : health
    }

    /// How far the expected cost stays below what is left; half when nobody knows the cost.
    ///
    /// Work without a ceiling, or without a station, has all of it.
    @inline(__always)
    static func costFit(left: Int64?, expected: Int64?) -> Int {
        guard let left else { return Share.whole }
        guard let expected else { return Share.whole / 2 }
        return Share.whole - Share.of(expected, in: left)
    }

    /// `assignments` are the recent ones of all `rivals` eligible factories together.
    @inline(__always)
    static func starvation(_ recent: Int, assignments: Int, rivals: Int) -> Int {
        let share = Share.of(recent, in: assignments)
        return max(0, share - Share.whole / rivals)
    }
}
