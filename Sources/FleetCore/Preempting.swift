import FleetModel
import FleetRules
import Routing

/// Critical work that finds every station taken asks a low job that builds to give way.
extension Fleet {
    /// Asks once for each critical job that waits, and only where a low job holds what it needs.
    ///
    /// - Complexity: nothing while no critical job waits, and nothing for each job that does: a
    ///   look at the classes in which they wait, and at the factories where low jobs build.
    mutating func makeWay() {
        guard !index.pressing.isEmpty, presence.isStirred || !turn.events.isEmpty else { return }
        presence.isStirred = false
        settle()
        var vain: Set<ClassID> = []
        while let (id, critical) = index.pressing.first(besides: vain) {
            guard let job = state.jobs[critical], let holder = giver(for: job, id) else {
                vain.insert(id)
                continue
            }
            let asked = state.jobs[holder]?.preempt(for: critical, at: now) ?? []
            emit(asked, on: holder, by: .coordinator)
            guard index.pressing.givers[critical] == holder,
                let reason = state.jobs[holder]?.preemption?.reason
            else { preconditionFailure("\(holder) was chosen to give way, and does not") }
            order(.pause, toHolderOf: holder, reason: reason, sparesFinished: true)
        }
    }

    private func giver(for job: Job, _ id: ClassID) -> JobID? {
        let demand = index.table[id].demand
        let shapes = Set(index.table.servers(of: id))
        func serves(_ factory: FactoryID) -> Bool {
            index.shapes[factory].map(shapes.contains) ?? false
        }
        let holders = index.pressing.yielding.filter { serves($0.key) }.values.joined()
        guard !holders.isEmpty, isWithinShare(id, demand, serves), !isHeld(job, demand) else {
            return nil
        }
        let factories = state.factories.values.filter { factory in
            serves(factory.id) && presence.factories[factory.id]?.claimsNothing == nil
        }
        return Router.givesWay(
            to: Sight.job(job),
            among: holders.compactMap { state.jobs[$0]?.asHolder },
            at: factories.map(withoutClaim)
        )?.job
    }

    /// Beyond its share of the stations critical work waits its turn, and what were freed for it
    /// could go to others.
    private func isWithinShare(
        _ id: ClassID,
        _ demand: EngineDemand,
        _ serves: (FactoryID) -> Bool
    ) -> Bool {
        let stations = index.capacity.stations(for: id, in: index.table)
        let coming = index.pressing.givers.values.count { giver in
            guard let lease = state.jobs[giver]?.lease, serves(lease.factory) else { return false }
            return state.factories[lease.factory]?.stations.contains { station in
                station.engine == lease.station
                    && demand.fits(StationKind(engine: station.engine, classes: station.classes))
            } == true
        }
        return stations.critical + coming < settings.sharing.criticalLimit(of: stations.all)
    }

    /// A halt would keep it from the station; so would the lock, or the scope, of one that is
    /// served already.
    private func isHeld(_ job: Job, _ demand: EngineDemand) -> Bool {
        if let halt = state.halt, halt.covers(demand) { return true }
        let (lock, claim) = (PlacementIndex.lockKey(of: job), state.scopeClaim(of: job))
        guard lock != nil || claim != nil else { return false }
        return index.pressing.givers.keys.contains { id in
            guard let other = state.jobs[id] else { return false }
            if let lock, PlacementIndex.lockKey(of: other) == lock { return true }
            return claim.flatMap { state.scopeClaim(of: other).flatMap($0.overlap) } != nil
        }
    }

    /// A claim that waits may be older than the last change: what is free the leases say, and who
    /// is late the events, so that the history shows why somebody was asked.
    private func withoutClaim(_ factory: Factory) -> FactoryView {
        var seen = presence.factories[factory.id]
        seen?.claim = nil
        return Sight.factory(
            factory,
            stating: stated(by: factory),
            seen: seen,
            busy: busyStations(of: factory.id),
            isLate: factory.standing != .present,
            rare: []
        )
    }
}

extension Job {
    /// The station that its run holds; nil when nothing of it runs at one.
    fileprivate var asHolder: StationHolder? {
        guard let lease, let engine = lease.station, let startedAt = runs.last?.startedAt else {
            return nil
        }
        return StationHolder(
            job: id,
            factory: lease.factory,
            engine: engine,
            priority: terms.priority,
            startedAt: startedAt
        )
    }
}

extension FleetReading {
    /// A run that was asked to make room for critical work, until its worker reports.
    func givingWay(_ job: Job) -> Condition? {
        guard job.givesWayTo != nil, let preemption = job.preemption else { return nil }
        return Condition(
            name: .stopping,
            reason: preemption.reason,
            endsWhen: "its factory reports, or its lease ends",
            since: preemption.since
        )
    }

    /// What else there is to say of a queued job: what it gave way to, or who gives way to it.
    func withPreemption(_ condition: Condition, of job: Job) -> Condition {
        var more: String?
        if let preemption = job.preemption {
            let kept = job.checkpoint == nil ? "begins anew" : "goes on from its checkpoint"
            more = "it gave way to \(preemption.critical), which is critical, and \(kept)"
        } else if job.terms.priority == .critical {
            let givers = givingWay.lazy.compactMap { state.jobs[$0] }
            more = givers.first { $0.givesWayTo == job.id }.map { giver in
                "\(giver.id), which is low, gives way to it on \(giver.lease?.factory.name ?? "")"
            }
        }
        guard let more else { return condition }
        return Condition(
            name: condition.name,
            reason: "\(condition.reason); \(more)",
            endsWhen: condition.endsWhen,
            since: condition.since
        )
    }
}
