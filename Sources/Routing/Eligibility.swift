package import FleetModel

/// A requirement and the fact that met it.
package struct MatchedRequirement: Hashable, Sendable, Codable {
    package let requirement: Requirement
    /// Nil when a `not:` was met because nothing of the kind is there.
    package let fact: Fact?
}

/// Whether one factory may have one job: filtered, never relaxed.
enum Eligibility: Hashable {
    /// At the station group of that index; nil for work that takes no station.
    case eligible(station: Int?)
    case rejected(reason: String)

    init(of job: JobView, at factory: FactoryView) {
        if let reason = Self.missing(for: job, at: factory).first {
            self = .rejected(reason: reason)
        } else if factory.isDraining {
            self = .rejected(reason: "is draining")
        } else {
            self = Self.station(for: job, at: factory)
        }
    }

    /// What the factory will not have, however long the job waits: in the order of the class.
    static func missing(for job: JobView, at factory: FactoryView) -> [String] {
        var reasons: [String] = []
        for requirement in job.requirementClass.requirements {
            if case .missed(let reason) = requirement.check(against: factory.facts) {
                reasons.append(reason)
            }
        }
        let demand = job.requirementClass.demand
        if demand != .none, !factory.stations.contains(where: { demand.fits($0.kind) }) {
            reasons.append("has no station for \(demand)")
        }
        return reasons
    }

    private static func station(for job: JobView, at factory: FactoryView) -> Eligibility {
        let demand = job.requirementClass.demand
        guard demand != .none else {
            return factory.isClaiming ? .eligible(station: nil) : .rejected(reason: "asks for none")
        }
        let fitting = factory.stations.indices.filter { demand.fits(factory.stations[$0].kind) }
        let free = fitting.filter { factory.stations[$0].free > 0 }
        let preferred = job.prefers.compactMap { preference -> String? in
            if case .engine(let name) = preference { name } else { nil }
        }
        let best = free.min { left, right in
            standing(factory.stations[left], preferred)
                < standing(factory.stations[right], preferred)
        }
        guard let best else {
            let total = fitting.reduce(0) { $0 + factory.stations[$1].total }
            return .rejected(reason: "all \(total) stations for \(demand) are busy")
        }
        return factory.isClaiming ? .eligible(station: best) : .rejected(reason: "asks for none")
    }

    /// Among the engines of one factory: preferred ones in the job's order, then cheaper, then name.
    private static func standing(
        _ station: StationGroup,
        _ preferred: [String]
    ) -> (Int, Int64, String) {
        (
            preferred.firstIndex(of: station.kind.engine) ?? preferred.count,
            station.expectedMicroUSD ?? .max,
            station.kind.engine
        )
    }
}
