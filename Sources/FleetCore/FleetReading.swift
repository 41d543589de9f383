package import FleetModel
import FleetRules

/// Everything that a condition rests on, as the read model holds it.
package struct FleetReading: Sendable {
    package var state: FleetState
    package private(set) var seen: [FactoryID: Presence.Seen]
    package var settings: FleetSettings
    package var now: Instant
    /// Jobs with a lease: whoever judges one job by the others looks at these, never at all.
    private(set) var leased: Set<JobID>
    /// Those among them that give way; few, and not for long.
    private(set) var givingWay: Set<JobID>
    private(set) var scopes = ScopeBook()
    /// Factories that some job waits for; few, and not for long.
    private(set) var awaited: Set<FactoryID>

    package init(
        state: FleetState,
        seen: [FactoryID: Presence.Seen],
        settings: FleetSettings,
        now: Instant
    ) {
        self.state = state
        self.seen = seen
        self.settings = settings
        self.now = now
        leased = Set(state.jobs.values.lazy.filter { $0.isLeased }.map(\.id))
        givingWay = leased.filter { state.jobs[$0]?.givesWayTo != nil }
        awaited = Set(seen.lazy.filter { !$0.value.awaitedBy.isEmpty }.map(\.key))
        for job in state.jobs.values { noteScope(of: job) }
    }

    private mutating func noteScope(of job: Job) {
        let claim = job.mayHoldScope ? state.scopeClaim(of: job) : nil
        scopes.note(job.id, claim, holds: true)
    }

    /// Takes note of what a factory said last, and of who waits for it; nil when it has gone.
    package mutating func note(_ seen: Presence.Seen?, of id: FactoryID) {
        self.seen[id] = seen
        if seen?.awaitedBy.isEmpty ?? true { awaited.remove(id) } else { awaited.insert(id) }
    }

    /// Takes note that these jobs of `state` changed, came or went.
    package mutating func note(_ changed: some Sequence<JobID>) {
        for id in changed {
            if state.jobs[id]?.isLeased != true { leased.remove(id) } else { leased.insert(id) }
            let isGiving = state.jobs[id]?.givesWayTo != nil
            if isGiving { givingWay.insert(id) } else { givingWay.remove(id) }
            if let job = state.jobs[id] { noteScope(of: job) }
        }
    }
}
