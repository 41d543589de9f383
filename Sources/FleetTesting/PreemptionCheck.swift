import FleetModel

/// What must hold at the moment at which a job is asked to give way.
extension HistoryCheck {
    mutating func check(_ asked: Preemption, of id: JobID, _ job: Known) {
        let critical = asked.critical
        guard job.stage == .building, job.terms.priority == .low, !job.isPaused, !job.isCancelled,
            job.preemption == nil, let own = job.held?.lease, own.kind == .attempt
        else {
            let what = "\(job.terms.priority.rawValue) and in \(job.stage.rawValue)"
            return fail(.gaveWay, "\(id) was asked to give way, and is \(what)")
        }
        guard let other = jobs[critical], other.stage == .queued, other.held == nil,
            other.terms.priority == .critical, !other.isPaused, halt == nil,
            !pausedProducts.contains(other.terms.product)
        else { return fail(.gaveWay, "\(id) was asked to give way to \(critical), which is held") }
        if leased.contains(where: { jobs[$0]?.preemption?.critical == critical }) {
            fail(.gaveWay, "\(id) is the second to give way to \(critical)")
        }
        guard let home = factories[own.factory], home.couldTake(other.terms) else {
            return fail(.gaveWay, "\(id) was asked for a station that is none for \(critical)")
        }
        let held = leased.compactMap { $0 == id ? own : jobs[$0]?.held?.lease }
        for factory in factories.values.sorted(by: { $0.id < $1.id })
        where factory.couldTake(other.terms) {
            let stations = factory.stations.reduce(0) { $0 + $1.count }
            let busy = held.count { $0.kind == .attempt && $0.factory == factory.id }
            if busy < stations {
                fail(.gaveWay, "\(id) was asked to give way, and \(factory.id) had a free station")
            }
        }
    }
}

extension Factory {
    /// It takes work, and has all that the job names.
    fileprivate func couldTake(_ terms: JobTerms) -> Bool {
        standing == .present && drainingBy == nil
            && terms.capabilities.allSatisfy { need in facts.contains { $0.name == need.name } }
    }
}
