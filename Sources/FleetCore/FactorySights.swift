import FleetModel
package import Routing

extension FleetReading {
    /// All factories as the router sees them now.
    package func factoryViews() -> [FactoryView] {
        var busy: [FactoryID: [String: Int]] = [:]
        var rarity = Rarity()
        for id in leased {
            guard let lease = state.jobs[id]?.lease, let station = lease.station else { continue }
            busy[lease.factory, default: [:]][station, default: 0] += 1
        }
        let factories = state.factories.values.sorted { $0.id < $1.id }
            .map { ($0, stated: StatedFactory($0)) }
        for (_, stated) in factories { rarity.add(stated.facts) }
        return factories.map { factory, stated in
            let beats = settings.leases.heartbeat * 2
            let isLate =
                seen[factory.id].map { $0.lastHeartbeat.advanced(by: beats) <= now } ?? true
            return Sight.factory(
                factory,
                stating: stated,
                seen: seen[factory.id],
                busy: busy[factory.id, default: [:]],
                isLate: isLate,
                rare: rarity.rare(in: stated.facts)
            )
        }
    }
}
