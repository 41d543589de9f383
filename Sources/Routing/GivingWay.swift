package import FleetModel

/// A run that holds a station, as far as it could be asked for it.
package struct StationHolder: Hashable, Sendable {
    package let job: JobID
    package let factory: FactoryID
    package let engine: String
    package let priority: Priority
    package let startedAt: Instant

    package init(
        job: JobID,
        factory: FactoryID,
        engine: String,
        priority: Priority,
        startedAt: Instant
    ) {
        self.job = job
        self.factory = factory
        self.engine = engine
        self.priority = priority
        self.startedAt = startedAt
    }
}

extension Router {
    /// The low run that gives its station up to a critical job, which could have no other now.
    ///
    /// Of several the one that has worked least, so that least is interrupted. In `factories` a
    /// station is free when no lease holds it: a factory that has not claimed yet is about to.
    package static func givesWay(
        to job: JobView,
        among holders: [StationHolder],
        at factories: [FactoryView]
    ) -> StationHolder? {
        let demand = job.requirementClass.demand
        guard job.priority == .critical, job.standing == nil, demand != .none else { return nil }
        var stations: [FactoryID: Set<String>] = [:]
        for factory in factories where couldTake(job, factory) {
            let fitting = factory.stations.filter { demand.fits($0.kind) }
            if fitting.contains(where: { $0.free > 0 }) { return nil }
            stations[factory.id] = Set(fitting.map(\.kind.engine))
        }
        return holders.filter { holder in
            holder.priority == .low && stations[holder.factory]?.contains(holder.engine) == true
        }.max { ($0.startedAt, $0.job) < ($1.startedAt, $1.job) }
    }

    private static func couldTake(_ job: JobView, _ factory: FactoryView) -> Bool {
        !factory.isLate && !factory.isDraining
            && Eligibility.missing(for: job, at: factory).isEmpty
    }
}
