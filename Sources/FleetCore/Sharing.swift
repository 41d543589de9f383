import FleetModel
import Routing

/// Whose turn it is: fair shares by product, and critical work within its share.
extension Fleet {
    /// The job to place next, and the products that became active or idle since the last grant.
    mutating func nextInLine() -> (choice: ReadyQueue.Choice, turns: [ProductTurn])? {
        let open = claimableClasses()
        let turns = settleShares()
        let choice = index.ready.best(
            among: open,
            urgent: urgentClasses(among: open),
            terms: settings.sharing,
            at: now
        )
        return choice.map { ($0, turns) }
    }

    /// Brings the queue's virtual times up to date; looks at no product that nothing happened to.
    ///
    /// A product is active while it holds a station, or has work that a factory could do: what
    /// waits for a person, or for a factory that is not there, earns it no credit. Who is active
    /// is kept with each grant, so that it is the same after a restart.
    private mutating func settleShares() -> [ProductTurn] {
        let shares = state.counters.shares ?? FairShares()
        let servable = index.capacity.servable(in: index.table)
        var (coming, leaving): ([String], Set<String>) = ([], [])
        for product in index.unsettled {
            let isActive =
                index.attempts[product] != nil || index.ready.holds(product, among: servable)
                || index.patience.holds(product)
            if isActive == shares.isActive(product) {
                index.unsettled.remove(product)
                index.ready.set(shares.time(of: product), of: product)
            } else if isActive {
                coming.append(product)
            } else {
                leaving.insert(product)
            }
        }
        guard !coming.isEmpty || !leaving.isEmpty else { return [] }
        let beginning = shares.beginning(without: leaving)
        let turns =
            leaving.sorted().map { ProductTurn(product: $0, begins: nil) }
            + coming.sorted().map { product in
                ProductTurn(product: product, begins: max(shares.time(of: product), beginning))
            }
        for turn in turns {
            index.ready.set(turn.begins ?? shares.time(of: turn.product), of: turn.product)
        }
        return turns
    }

    /// Classes in which critical work may go before all other.
    private func urgentClasses(among open: ClassSet) -> ClassSet {
        var urgent = ClassSet()
        index.ready.critical(among: open).forEach { id in
            let stations = index.capacity.stations(for: id, in: index.table)
            if stations.critical < settings.sharing.criticalLimit(of: stations.all) {
                urgent.insert(id)
            }
        }
        return urgent
    }

    /// What the product pays for a station that the job is granted.
    func charge(for job: Job, _ turns: [ProductTurn]) -> StationCharge {
        StationCharge(
            expected: (state.counters.shares ?? FairShares()).expected(of: job.terms.profile.name),
            weight: Int64(settings.sharing.weight(of: job.terms.product)),
            turns: turns.isEmpty ? nil : turns
        )
    }

    /// Notes what a factory could be asked for, as its standing is now.
    mutating func noteCapacity(of id: FactoryID) {
        var member: StationCapacity.Member?
        if let factory = state.factories[id], let shape = index.shapes[id],
            factory.standing != .offline, factory.drainingBy == nil
        {
            member = StationCapacity.Member(shape: shape, stations: factory.stations)
        }
        if index.capacity.set(id, member) {
            index.unsettled.formUnion(index.ready.productNames)
        }
    }
}
