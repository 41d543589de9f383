package import FleetModel
import Routing

/// Jobs that could start, and wait a moment for a much better factory (`Patience`).
///
/// No event says that a job waits. Whether a job was placed, and where, the events of grants say,
/// and a replay applies these alone; and the same commands at the same instants lead to the same
/// waits. A crash forgets them: whoever waited then may wait once more, for no longer than the
/// patience, which is less than a coordinator takes to hear from its factories again. To store an
/// event and a row of the job for each wait would cost more than it could save.
struct WaitingRoom: Sendable {
    /// Where each product's latest attempt was granted.
    var lastFactory: [String: FactoryID] = [:]
    private var waiting: [JobID: FactoryID] = [:]
    private var awaited: [FactoryID: Set<JobID>] = [:]
    private var byProduct: [String: Int] = [:]
    /// Those that wait, and those that waited since they were queued: a job waits once.
    private var hadTheirWait: Set<JobID> = []

    func hasWaited(_ job: JobID) -> Bool { hadTheirWait.contains(job) }
    func jobs(awaiting factory: FactoryID) -> Set<JobID> { awaited[factory] ?? [] }

    /// Whether some job of the product could start now, and waits.
    func holds(_ product: String) -> Bool { byProduct[product] != nil }

    mutating func begin(_ job: Job, for factory: FactoryID) {
        hadTheirWait.insert(job.id)
        waiting[job.id] = factory
        awaited[factory, default: []].insert(job.id)
        byProduct[job.terms.product, default: 0] += 1
    }

    /// The factory that the job waited for until now.
    mutating func end(_ job: Job) -> FactoryID? {
        guard let factory = waiting.removeValue(forKey: job.id) else { return nil }
        awaited[factory]?.remove(job.id)
        if awaited[factory]?.isEmpty == true { awaited[factory] = nil }
        let left = byProduct[job.terms.product, default: 1] - 1
        byProduct[job.terms.product] = left > 0 ? left : nil
        return factory
    }

    mutating func forget(_ job: JobID) { hadTheirWait.remove(job) }
}

/// One job's wait for a factory, as its condition tells it.
package struct FactoryWait: Hashable, Sendable {
    package let since: Instant
    package let until: Instant
    /// Where it could have started.
    package let instead: FactoryID
    /// How much more the factory is worth, in parts per million of a score.
    package let gain: Int
}

extension Fleet {
    /// Whether the job waits for a much better factory, instead of going where it could go now.
    ///
    /// - Complexity: nothing without patience; else a look at the factories that the job asks for
    ///   by name and at its product's last one, whatever the size of the fleet.
    mutating func waits(
        _ job: Job,
        _ view: JobView,
        of id: ClassID,
        insteadOf assignment: Assignment
    ) -> Bool {
        let patience = settings.sharing.patience
        guard patience > .zero, job.stage == .queued, job.terms.priority != .critical,
            !view.prefers.isEmpty
                || index.patience.lastFactory[view.product] != assignment.factory,
            !index.patience.hasWaited(job.id)
        else { return false }
        var best: (factory: FactoryID, score: Int)?
        for factory in worthAsking(for: view) where factory != assignment.factory {
            guard let engine = engineSoonFree(at: factory, for: id, within: patience),
                let score = index.roster.prospect(
                    of: factory,
                    engine: engine,
                    for: view,
                    of: id,
                    in: index.table,
                    rarity: index.rarity,
                    weights: settings.weights
                ),
                score - assignment.score >= Patience.muchBetter, score > best?.score ?? .min
            else { continue }
            best = (factory, score)
        }
        guard let best else { return false }
        let wait = FactoryWait(
            since: now,
            until: now.advanced(by: patience),
            instead: assignment.factory,
            gain: best.score - assignment.score
        )
        index.ready.remove(job.id)
        index.unsettled.insert(job.terms.product)
        index.patience.begin(job, for: best.factory)
        index.wakeUps.set(job.id, wait.until)
        presence.change(best.factory) { $0.awaitedBy[job.id] = wait }
        turn.seen.insert(best.factory)
        return true
    }

    /// The few that could be worth much more than any other.
    private func worthAsking(for view: JobView) -> [FactoryID] {
        var names = view.prefers.compactMap { wish -> FactoryID? in
            if case .factory(let name) = wish { FactoryID(name) } else { nil }
        }
        if let last = index.patience.lastFactory[view.product] { names.append(last) }
        return names
    }

    /// The engine of a station that fits and will probably be free within that span; nil when one
    /// is free already, nobody knows, or as many jobs wait there as there are such stations.
    private func engineSoonFree(
        at id: FactoryID,
        for requirementClass: ClassID,
        within patience: Timespan
    ) -> String? {
        guard let factory = state.factories[id], factory.standing == .present, !isOverdue(id),
            presence.factories[id]?.claimsNothing == nil, let shares = state.counters.shares
        else { return nil }
        let demand = index.table[requirementClass].demand
        let busy = busyStations(of: id)
        let fitting = factory.stations.filter { station in
            demand.fits(StationKind(engine: station.engine, classes: station.classes))
        }
        guard fitting.allSatisfy({ busy[$0.engine, default: 0] >= $0.count }) else { return nil }
        let latest = now.advanced(by: patience)
        var (ends, first): (Int, (at: Instant, engine: String)?) = (0, nil)
        for holder in leases(of: id) {
            guard let job = state.jobs[holder], let lease = job.lease,
                let engine = lease.station, fitting.contains(where: { $0.engine == engine }),
                let usual = shares.usual(of: job.terms.profile.name)
            else { continue }
            let end = lease.granted.advanced(by: usual)
            // One that takes longer than usual says nothing of its end.
            guard now <= end, end <= latest else { continue }
            ends += 1
            if let first, (first.at, first.engine) <= (end, engine) { continue }
            first = (end, engine)
        }
        return ends > index.patience.jobs(awaiting: id).count ? first?.engine : nil
    }

    /// Whoever looks at the job again has it placed by the rules for all.
    mutating func endWait(of job: Job) {
        if let factory = index.patience.end(job) {
            presence.change(factory) { $0.awaitedBy[job.id] = nil }
            turn.seen.insert(factory)
        }
        if job.isLeased || job.stage != .queued { index.patience.forget(job.id) }
    }

    /// The factory asks for work: whoever waited for it has its turn now, there or elsewhere.
    mutating func endWaits(for factory: FactoryID, offering free: [Station]) {
        for id in index.patience.jobs(awaiting: factory).sorted() {
            guard let job = state.jobs[id] else { continue }
            let demand = Sight.requirementClass(of: job).demand
            let isServed = free.contains { station in
                station.count > 0
                    && demand.fits(StationKind(engine: station.engine, classes: station.classes))
            }
            if isServed { reindex(id) }
        }
    }
}

extension FleetReading {
    /// A job that could start, and waits a moment for a much better factory.
    func waitingForFactory(_ job: Job) -> Condition? {
        let wait = awaited.lazy.compactMap { id in
            seen[id]?.awaitedBy[job.id].map { (factory: id, $0) }
        }.first
        guard let (factory, wait) = wait, wait.until > now else { return nil }
        return Condition(
            name: .waitingFactory,
            reason: "it waits for \(factory), which will probably be free soon and is"
                + " \(wait.gain) better than \(wait.instead)",
            endsWhen: "\(factory) claims, at most \(wait.until.since(now)) from now",
            since: wait.since
        )
    }
}
