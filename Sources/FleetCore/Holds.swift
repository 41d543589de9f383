import FleetModel
import FleetRules
import Routing

/// Fleet-wide holds.
extension Fleet {
    mutating func halt(
        _ level: Halt.Level,
        reason: String,
        stops: Bool,
        by person: Principal
    ) {
        let halt = Halt(level: level, reason: reason, by: person, at: now, stops: stops)
        emit(.fleetHalted(halt), by: person)
        guard stops else { return }
        for id in presence.leases.keys.sorted() where state.jobs[id].map(halt.stopsRun) == true {
            order(.stop, toHolderOf: id, reason: reason)
        }
    }

    mutating func resume(reason: String, by person: Principal) throws(Refusal) {
        guard state.halt != nil else {
            throw Refusal(
                .conflict,
                "fleet.not-halted",
                what: "The fleet is not halted",
                why: "there is nothing to resume",
                hint: "giga jobs"
            )
        }
        emit(.fleetResumed(Reason(reason)), by: person)
    }

    /// Nothing more of the product starts; what runs goes on, and what waits to ship ships.
    mutating func pauseProduct(
        _ name: String,
        reason: String,
        by person: Principal
    ) throws(Refusal) {
        guard Naming.isName(name), name != Event.fleetProduct else {
            throw Refusal(
                .invalid,
                "product.bad-name",
                what: "\(name) is no product that can be paused",
                why: name == Event.fleetProduct
                    ? "fleet stands for the whole fleet" : "a name is \(Naming.rule)",
                hint: name == Event.fleetProduct
                    ? "giga halt --reason TEXT" : "giga pause --product main"
            )
        }
        guard state.pausedProducts[name] == nil else { return }
        let hold = Hold(by: person, reason: reason, since: now)
        emit(.productPaused(hold), product: name, by: person)
        reindexQueue(of: name)
    }

    mutating func resumeProduct(
        _ name: String,
        reason: String,
        by person: Principal
    ) throws(Refusal) {
        guard state.pausedProducts[name] != nil else {
            throw Refusal(
                .conflict,
                "product.not-paused",
                what: "The product \(name) is not paused",
                why: "nobody holds its queue",
                hint: "giga jobs"
            )
        }
        emit(.productResumed(Reason(reason)), product: name, by: person)
        reindexQueue(of: name)
    }

    private mutating func reindexQueue(of product: String) {
        let held = state.jobs.values.filter {
            $0.stage == .queued && $0.terms.product == product
        }
        for id in held.map(\.id).sorted() { reindex(id) }
    }

    func refuseHeldShips() throws(Refusal) {
        guard let halt = state.halt, halt.level == .all else { return }
        throw Refusal(
            .held,
            "fleet.halted",
            what: "Nothing ships while the fleet is halted",
            why: "\(halt.by) halted it: \(halt.reason)",
            hint: "giga resume --reason TEXT"
        )
    }
}

extension Halt {
    /// Whether the level holds what asks for such a station: `dev` spares reviewers and ships,
    /// `review` spares ships, and `all` spares nothing.
    func covers(_ demand: EngineDemand) -> Bool {
        switch demand {
        case .none: level == .all
        case .engineClass("reviewer"): level >= .review
        default: true
        }
    }

    /// Whether the run that the job's lease stands for is to stop.
    func stopsRun(of job: Job) -> Bool {
        guard stops, let lease = job.lease else { return false }
        return lease.kind == .ship ? covers(.none) : covers(Sight.requirementClass(of: job).demand)
    }
}
