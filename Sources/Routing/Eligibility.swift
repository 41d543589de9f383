package import FleetModel

/// A requirement and the fact that met it.
package struct MatchedRequirement: Hashable, Sendable, Codable {
    package let requirement: Requirement
    /// Nil when a `not:` was met because nothing of the kind is there.
    package let fact: Fact?
}

/// What a factory that lacks nothing for some work says to it now.
enum Availability: Hashable, Sendable {
    case open
    case asksForNone
    case draining
    case busy(stations: Int)

    /// `stations` are those that fit; nil for work that takes none.
    init(isDraining: Bool, isClaiming: Bool, stations: (free: Int, all: Int)?) {
        if isDraining {
            self = .draining
        } else if let stations, stations.free == 0 {
            self = .busy(stations: stations.all)
        } else {
            self = isClaiming ? .open : .asksForNone
        }
    }

    /// Why it cannot have work of that demand.
    func reason(_ demand: EngineDemand) -> String {
        switch self {
        case .open, .asksForNone: "asks for none"
        case .draining: "is draining"
        case .busy(let stations): "all \(stations) stations for \(demand) are busy"
        }
    }
}

/// Whether one factory may have one job: filtered, never relaxed.
enum Eligibility: Hashable {
    case eligible
    case rejected(reason: String)

    init(of job: JobView, at factory: FactoryView) {
        if let reason = Self.missing(for: job, at: factory).first {
            self = .rejected(reason: reason)
            return
        }
        let demand = job.requirementClass.demand
        let fitting = factory.stations.filter { demand.fits($0.kind) }
        let stations = (
            free: fitting.reduce(0) { $0 + $1.free }, all: fitting.reduce(0) { $0 + $1.total }
        )
        let now = Availability(
            isDraining: factory.isDraining,
            isClaiming: factory.isClaiming,
            stations: demand == .none ? nil : stations
        )
        self = now == .open ? .eligible : .rejected(reason: now.reason(demand))
    }

    /// What the factory will not have, however long the job waits: in the order of the class.
    static func missing(for job: JobView, at factory: FactoryView) -> [String] {
        missing(for: job.requirementClass, factory.facts) { demand in
            factory.stations.contains { demand.fits($0.kind) }
        }
    }

    /// The same of every factory of a shape.
    static func missing(for wanted: RequirementClass, at shape: FactoryShape) -> [String] {
        missing(for: wanted, shape.facts) { shape.stations.contains(where: $0.fits) }
    }

    private static func missing(
        for wanted: RequirementClass,
        _ facts: FactSet,
        _ hasStation: (EngineDemand) -> Bool
    ) -> [String] {
        var reasons: [String] = []
        for requirement in wanted.requirements {
            if case .missed(let reason) = requirement.check(against: facts) {
                reasons.append(reason)
            }
        }
        if wanted.demand != .none, !hasStation(wanted.demand) {
            reasons.append("has no station for \(wanted.demand)")
        }
        return reasons
    }
}
