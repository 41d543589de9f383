package import FleetModel

/// A kind of station: its engine, and the abstract classes that the engine belongs to.
package struct StationKind: Hashable, Sendable, Codable {
    package let engine: String
    /// Sorted.
    package let classes: [String]

    package init(engine: String, classes: [String]) {
        self.engine = engine
        self.classes = Set(classes).sorted()
    }
}

/// All stations of one kind in one factory.
package struct StationGroup: Hashable, Sendable, Codable {
    package let kind: StationKind
    package var total: Int
    package var free: Int
    /// What this engine probably costs for the job at hand; nil when nobody knows.
    package var expectedMicroUSD: Int64?

    package init(kind: StationKind, total: Int, free: Int, expectedMicroUSD: Int64? = nil) {
        precondition(0 <= free && free <= total, "\(kind.engine): more stations free than there")
        self.kind = kind
        self.total = total
        self.free = free
        self.expectedMicroUSD = expectedMicroUSD
    }
}

/// What decides which requirement classes a factory can ever serve; many factories share one.
package struct FactoryShape: Hashable, Sendable {
    package let facts: FactSet
    /// Sorted by engine.
    package let stations: [StationKind]

    package init(facts: FactSet, stations: some Sequence<StationKind>) {
        self.facts = facts
        self.stations = Set(stations).sorted { left, right in
            (left.engine, left.classes.joined(separator: " "))
                < (right.engine, right.classes.joined(separator: " "))
        }
    }
}

/// What changes about a factory from one moment to the next, but for its free stations.
package struct FactoryCondition: Hashable, Sendable {
    /// A claim of it waits at the coordinator; without one nothing can be handed to it.
    package var isClaiming: Bool
    /// Finishes what it has and takes nothing new.
    package var isDraining: Bool
    /// Its last heartbeat is overdue.
    package var isLate: Bool
    /// Normalised processor load in parts per million; above one million when overloaded.
    package var loadPPM: Int
    /// `FactoryView.health`, or a number from elsewhere, in parts per million.
    package var healthPPM: Int
    /// 0 is cheapest.
    package var costClass: Int
    /// Products of its latest runs.
    package var lastProducts: Set<String>
    /// What it got of the fleet's recent assignments, by the station time that these took or are
    /// expected to take, in milliseconds; only its share of all counts.
    package var recentAssignments: Int

    package init(
        isClaiming: Bool = true,
        isDraining: Bool = false,
        isLate: Bool = false,
        loadPPM: Int = 0,
        healthPPM: Int = 1_000_000,
        costClass: Int = 0,
        lastProducts: Set<String> = [],
        recentAssignments: Int = 0
    ) {
        self.isClaiming = isClaiming
        self.isDraining = isDraining
        self.isLate = isLate
        self.loadPPM = loadPPM
        self.healthPPM = healthPPM
        self.costClass = costClass
        self.lastProducts = lastProducts
        self.recentAssignments = recentAssignments
    }
}

/// One factory as the router sees it at one moment.
@dynamicMemberLookup
package struct FactoryView: Hashable, Sendable {
    package var id: FactoryID
    package var facts: FactSet
    package var stations: [StationGroup]
    package var warmRepositories: Set<String>
    package var condition: FactoryCondition
    /// Names of its facts that few others have (`Rarity`).
    package var rareCapabilities: [String]

    package init(
        id: FactoryID,
        facts: FactSet,
        stations: [StationGroup],
        isClaiming: Bool = true,
        isDraining: Bool = false,
        isLate: Bool = false,
        loadPPM: Int = 0,
        healthPPM: Int = 1_000_000,
        costClass: Int = 0,
        warmRepositories: Set<String> = [],
        lastProducts: Set<String> = [],
        recentAssignments: Int = 0,
        rareCapabilities: [String] = []
    ) {
        self.id = id
        self.facts = facts
        self.stations = stations
        self.warmRepositories = warmRepositories
        condition = FactoryCondition(
            isClaiming: isClaiming,
            isDraining: isDraining,
            isLate: isLate,
            loadPPM: loadPPM,
            healthPPM: healthPPM,
            costClass: costClass,
            lastProducts: lastProducts,
            recentAssignments: recentAssignments
        )
        self.rareCapabilities = rareCapabilities
    }

    package subscript<Value>(
        dynamicMember path: WritableKeyPath<FactoryCondition, Value>
    ) -> Value {
        get { condition[keyPath: path] }
        set { condition[keyPath: path] = newValue }
    }

    package var shape: FactoryShape { FactoryShape(facts: facts, stations: stations.map(\.kind)) }

    /// Busy stations per station plus processor load, in parts per million.
    static func load(free: Int, total: Int, processor: Int) -> Int {
        Share.of(total - free, in: total) + max(0, processor)
    }

    /// Health after recent trouble: a crash halves it, a failed verify counts half as much.
    package static func health(recentCrashes: Int, recentVerifyFailures: Int) -> Int {
        2 * Share.whole / (2 + 2 * recentCrashes + recentVerifyFailures)
    }
}
