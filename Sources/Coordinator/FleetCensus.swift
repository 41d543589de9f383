import FleetCore
import FleetModel

/// Leases, factories and stations as they are now, counted as they change.
struct FleetCensus: Sendable {
    /// How a factory counts: one that drains is present, but takes nothing more.
    enum FactoryState: String, Hashable, Sendable, CaseIterable {
        case present, draining, late, offline
    }

    /// What is shown: its size does not grow with jobs or factories.
    struct Figures: Hashable, Sendable {
        var leases: [Lease.Kind: Int] = [:]
        var factories: [FactoryState: Int] = [:]
        /// Stations that leases hold, and those of present factories that none holds.
        var busyStations = 0
        var freeStations = 0
    }

    private struct Row: Sendable {
        var state: FactoryState?
        var stations = 0
        var busy = 0

        var free: Int { state == .present ? max(0, stations - busy) : 0 }
        var isEmpty: Bool { state == nil && busy == 0 }
    }

    private(set) var figures = Figures()
    private var rows: [FactoryID: Row] = [:]

    init(_ state: FleetState) {
        for id in state.factories.keys { take(id, state.factories[id]) }
        for job in state.jobs.values where job.lease != nil { count(job.lease, 1) }
    }

    /// A lease is held, or is no longer.
    mutating func count(_ lease: Lease?, _ change: Int) {
        guard let lease else { return }
        figures.leases[lease.kind, default: 0] += change
        guard lease.station != nil else { return }
        alter(lease.factory) { $0.busy += change }
    }

    /// A factory as it is now; nil when it was removed.
    mutating func take(_ id: FactoryID, _ factory: Factory?) {
        alter(id) { row in
            row.state = factory.map(Self.state(of:))
            row.stations = factory?.stations.reduce(0) { $0 + max(0, $1.count) } ?? 0
        }
    }

    private static func state(of factory: Factory) -> FactoryState {
        switch factory.standing {
        case .present: factory.drainingBy == nil ? .present : .draining
        case .late: .late
        case .offline: .offline
        }
    }

    private mutating func alter(_ id: FactoryID, _ edit: (inout Row) -> Void) {
        var row = rows[id] ?? Row()
        add(row, -1)
        edit(&row)
        add(row, 1)
        rows[id] = row.isEmpty ? nil : row
    }

    private mutating func add(_ row: Row, _ sign: Int) {
        if let state = row.state { figures.factories[state, default: 0] += sign }
        figures.busyStations += sign * row.busy
        figures.freeStations += sign * row.free
    }
}

extension Event {
    /// Whether a factory itself is another after it: it came, went, or stands otherwise.
    var changesFactory: Bool {
        switch body {
        case .factoryRegistered, .factoryLate, .factoryOffline, .factoryReturned,
            .factoryDraining, .factoryRemoved:
            true
        default: false
        }
    }
}
