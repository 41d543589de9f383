import FleetModel

@testable import Routing

/// Whether one factory may have one job, as it was said before anything was worked out beforehand.
///
/// What a factory lacks is asked of the product: that did not change.
enum PlainEligibility: Hashable {
    /// At the station group of that index; nil for work that takes no station.
    case eligible(station: Int?)
    case rejected(reason: String)

    init(of job: JobView, at factory: FactoryView) {
        if let reason = Eligibility.missing(for: job, at: factory).first {
            self = .rejected(reason: reason)
        } else if factory.isDraining {
            self = .rejected(reason: Self.isDraining)
        } else {
            self = Self.station(for: job, at: factory)
        }
    }

    static let isDraining = "is draining"
    static let asksForNone = "asks for none"
    static func busy(_ stations: Int, _ demand: EngineDemand) -> String {
        "all \(stations) stations for \(demand) are busy"
    }

    private static func station(for job: JobView, at factory: FactoryView) -> PlainEligibility {
        let demand = job.requirementClass.demand
        guard demand != .none else {
            return factory.isClaiming ? .eligible(station: nil) : .rejected(reason: asksForNone)
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
            return .rejected(reason: busy(total, demand))
        }
        return factory.isClaiming ? .eligible(station: best) : .rejected(reason: asksForNone)
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
