import FleetModel
import Routing

/// What the waiting claims offer, alike ones together: many factories offer the same.
struct WaitingOffers: Sendable {
    struct Offer: Hashable, Sendable {
        let shape: ShapeID
        /// Those with a free station.
        let stations: [StationKind]
        let takesShip: Bool
    }

    private var offers: [FactoryID: Offer] = [:]
    private var counts: [Offer: Int] = [:]
    /// Which classes some offer could take, as long as nothing changes.
    private var open: (classes: ClassSet, interned: Int)?
    /// How often the open classes were worked out: the cost so far.
    private(set) var passes = 0

    var isEmpty: Bool { counts.isEmpty }

    /// Notes what a factory offers now; nil when no claim of it waits or may be answered.
    mutating func set(_ factory: FactoryID, _ offer: Offer?) {
        let before = offers[factory]
        guard before != offer else { return }
        offers[factory] = offer
        if let before {
            let rest = counts[before, default: 1] - 1
            counts[before] = rest > 0 ? rest : nil
            if rest == 0 { open = nil }
        }
        if let offer {
            counts[offer, default: 0] += 1
            if counts[offer] == 1 { open = nil }
        }
    }

    /// The classes that some waiting claim could take now.
    ///
    /// - Complexity: nothing per factory or job; one pass over the different offers after a change.
    mutating func classes(in table: ClassTable) -> ClassSet {
        if let open, open.interned == table.count { return open.classes }
        passes += 1
        var classes = ClassSet()
        var attempts = ClassSet()
        for id in table.all where table[id].demand != .none { attempts.insert(id) }
        for offer in counts.keys {
            let stations = offer.stations.map { StationGroup(kind: $0, total: 1, free: 1) }
            let own = table.claimable(by: offer.shape, stations: stations)
            classes.formUnion(offer.takesShip ? own : own.intersection(attempts))
        }
        open = (classes, table.count)
        return classes
    }
}
