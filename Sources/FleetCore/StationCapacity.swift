import FleetModel
import Routing

/// What the factories that can be asked have in all, by shape, and how much critical work holds.
struct StationCapacity: Sendable {
    /// One factory, as far as it counts.
    struct Member: Hashable, Sendable {
        let shape: ShapeID
        let stations: [Station]
    }

    private struct Pool: Sendable {
        var factories = 0
        var stations: [StationKind: Int] = [:]
    }

    /// The station that critical work holds; a ship run holds none.
    private struct Holding: Hashable, Sendable {
        let factory: FactoryID
        let engine: String?
    }

    private var members: [FactoryID: Member] = [:]
    private var pools: [ShapeID: Pool] = [:]
    private var holdings: [JobID: Holding] = [:]
    private var held: [FactoryID: [String?: Int]] = [:]
    private var heldByShape: [ShapeID: [String?: Int]] = [:]
    private var known: (classes: ClassSet, interned: Int)?

    /// Notes a factory that can be asked, or nil when it cannot.
    ///
    /// Says whether other work can be done now.
    mutating func set(_ factory: FactoryID, _ member: Member?) -> Bool {
        guard members[factory] != member else { return false }
        let before = servers
        count(factory, by: -1)
        members[factory] = member
        count(factory, by: 1)
        guard before != servers else { return false }
        known = nil
        return true
    }

    /// Notes whether a job's lease is one of critical work.
    mutating func note(_ job: Job) {
        let lease = job.terms.priority == .critical ? job.lease : nil
        let now = lease.map { Holding(factory: $0.factory, engine: $0.station) }
        let before = holdings[job.id]
        guard before != now else { return }
        holdings[job.id] = now
        if let before { hold(before, by: -1) }
        if let now { hold(now, by: 1) }
    }

    /// Classes of work for stations that some factory can do.
    mutating func servable(in table: ClassTable) -> ClassSet {
        if let known, known.interned == table.count { return known.classes }
        var all = ClassSet()
        for shape in pools.keys { all.formUnion(table.served(by: shape)) }
        var classes = ClassSet()
        all.forEach { if table[$0].demand != .none { classes.insert($0) } }
        known = (classes, table.count)
        return classes
    }

    /// Stations that could do work of the class, and how many of them critical work holds.
    ///
    /// Each factory counts as one for ship runs: it takes one at a time.
    func stations(for class: ClassID, in table: ClassTable) -> (all: Int, critical: Int) {
        let demand = table[`class`].demand
        var (all, critical) = (0, 0)
        for shape in table.servers(of: `class`) {
            guard let pool = pools[shape] else { continue }
            if demand == .none {
                all += pool.factories
                critical += heldByShape[shape]?[nil] ?? 0
                continue
            }
            for (kind, count) in pool.stations where demand.fits(kind) {
                all += count
                critical += heldByShape[shape]?[kind.engine] ?? 0
            }
        }
        return (all, critical)
    }

    private var servers: Set<ShapeID> { Set(pools.keys) }

    private mutating func count(_ factory: FactoryID, by change: Int) {
        guard let member = members[factory] else { return }
        var pool = pools[member.shape] ?? Pool()
        pool.factories += change
        for station in member.stations {
            let kind = StationKind(engine: station.engine, classes: station.classes)
            pool.stations[kind, default: 0] += change * max(station.count, 0)
        }
        pools[member.shape] = pool.factories > 0 ? pool : nil
        for (engine, number) in held[factory] ?? [:] {
            heldByShape[member.shape, default: [:]][engine, default: 0] += change * number
        }
    }

    private mutating func hold(_ holding: Holding, by change: Int) {
        held[holding.factory, default: [:]][holding.engine, default: 0] += change
        guard let shape = members[holding.factory]?.shape else { return }
        heldByShape[shape, default: [:]][holding.engine, default: 0] += change
    }
}
