import FleetModel
import FleetRules

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
        for id in presence.leases.keys.sorted() {
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
