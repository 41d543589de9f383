package import FleetModel

/// The volatile part of state: renewals, load, waiting claims.
///
/// Neither events nor replayed.
package struct Presence: Sendable {
    /// What is known of a factory: one reference, for it is asked for and handed around all the time.
    ///
    /// By key path, which the compiler sees through in this room; elsewhere it is seldom read.
    @dynamicMemberLookup
    package struct Seen: Hashable, Sendable {
        private var record: Boxed<Record>

        package init(boot: String, lastHeartbeat: Instant) {
            record = Boxed(wrappedValue: Record(boot: boot, lastHeartbeat: lastHeartbeat))
        }

        package subscript<Value>(dynamicMember path: KeyPath<Record, Value>) -> Value {
            _read { yield record.wrappedValue[keyPath: path] }
        }

        package subscript<Value>(dynamicMember path: WritableKeyPath<Record, Value>) -> Value {
            _read { yield record.wrappedValue[keyPath: path] }
            _modify { yield &record.wrappedValue[keyPath: path] }
        }

        package struct Record: Hashable, Sendable {
            package var boot: String
            /// Boot ids that a later one replaced: whoever still sends them is a leftover.
            package var formerBoots: Set<String> = []
            package var lastHeartbeat: Instant
            /// Parts per million.
            package var load: Int64 = 0
            /// Why it claims nothing now, by its own word.
            package var claimsNothing: String?
            package var claim: Claim?
            /// The last claim that was answered with leases, to be repeated when it is asked again.
            package var answered: ClaimAnswer?
            /// How many runs it was granted lately, and the station time that these took or are expected
            /// to take, in milliseconds; both fade together.
            package var recentAssignments = 0
            package var recentStationTime = 0
            package var recentCrashes = 0
            package var recentVerifyFailures = 0
            package var lastProduct: String?
            /// Jobs that could start elsewhere and wait for a station here.
            package var awaitedBy: [JobID: FactoryWait] = [:]
        }
    }

    package struct LiveLease: Hashable, Sendable {
        package var fence: UInt64
        package var expires: Instant
        package var grantedAt: Instant
        /// The first of the latest heartbeats in a row that did not list it.
        package var unlistedSince: Instant?
    }

    package private(set) var factories: [FactoryID: Seen] = [:]
    package private(set) var leases: [JobID: LiveLease] = [:]
    /// The last turn of the writer; a gap means a stall or a suspended machine.
    package var lastTurn: Instant?
    /// Something that no event tells may have changed who could take critical work.
    var isStirred = true

    /// All factories' recent assignments together.
    private(set) var recentAssignments = 0
    /// Whose deadline may be another now.
    private(set) var touchedLeases: Set<JobID> = []
    private(set) var touchedFactories: Set<FactoryID> = []
    /// Leases that changed since the shell last asked.
    private var unpublished: Set<JobID> = []

    mutating func set(_ id: FactoryID, _ seen: Seen?) {
        let before = factories[id]?.recentAssignments ?? 0
        recentAssignments += (seen?.recentAssignments ?? 0) - before
        factories[id] = seen
        touchedFactories.insert(id)
    }

    /// Changes what is known of a factory, if anything is.
    mutating func change(_ id: FactoryID, _ edit: (inout Seen) -> Void) {
        guard let place = factories.index(forKey: id) else { return }
        let before = factories.values[place].recentAssignments
        edit(&factories.values[place])
        recentAssignments += factories.values[place].recentAssignments - before
        touchedFactories.insert(id)
    }

    /// What is known of the factory's claim or standing may be another now.
    mutating func touch(_ id: FactoryID) { touchedFactories.insert(id) }

    mutating func set(_ id: JobID, _ live: LiveLease?) {
        leases[id] = live
        unpublished.insert(id)
        touchedLeases.insert(id)
    }

    /// Changes a live lease, if there is one.
    mutating func change(_ id: JobID, _ edit: (inout LiveLease) -> Void) {
        guard var live = leases[id] else { return }
        edit(&live)
        set(id, live)
    }

    /// The lease's job may have started, which ends one of its limits.
    mutating func touch(_ id: JobID) { touchedLeases.insert(id) }

    var hasTouched: Bool { !touchedLeases.isEmpty || !touchedFactories.isEmpty }

    mutating func takeTouched() -> (leases: Set<JobID>, factories: Set<FactoryID>) {
        defer { (touchedLeases, touchedFactories) = ([], []) }
        return (touchedLeases, touchedFactories)
    }

    /// Live leases that changed since the last call; nil where one ended.
    mutating func takeUnpublished() -> [JobID: LiveLease?] {
        defer { unpublished = [] }
        var changes: [JobID: LiveLease?] = [:]
        for id in unpublished { changes.updateValue(leases[id], forKey: id) }
        return changes
    }
}
