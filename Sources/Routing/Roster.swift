package import FleetModel

/// Every factory as the router sees it, and what becomes of each demand there, counted by shape.
///
/// A placement looks at the factories that can have the job now; the others it knows by their
/// numbers. So it costs nothing per factory that is busy, and nothing per one that cannot serve.
package struct Roster: Sendable {
    /// What a factory whose shape serves a class says to the class's demand.
    private enum Answer: Hashable {
        case open
        case busy(stations: Int)
        case asksForNone
        case draining
    }

    private struct Member: Sendable {
        let shape: ShapeID
        let view: FactoryView
        let takesShip: Bool
        /// By the number of the demand.
        var answers: [Answer] = []
    }

    /// The factories of one shape.
    private struct Pool: Sendable {
        var count = 0
        /// By the number of the demand: who could take such work now, and how many of the rest.
        var open: [Set<FactoryID>] = []
        var others: [[Answer: Int]] = []
    }

    private var members: [FactoryID: Member] = [:]
    private var pools: [Pool] = []
    private var demands: [EngineDemand] = []
    private var numberOfDemand: [EngineDemand: Int] = [:]
    /// By class: what the factories lack whose shape does not serve it, as long as none comes.
    private var missed: [Int: (version: Int, counts: [String: Int])] = [:]
    private var version = 0

    package init() {}

    package var count: Int { members.count }

    /// Every factory, in no order.
    package var views: [FactoryView] { members.values.map(\.view) }

    package func view(of id: FactoryID) -> FactoryView? { members[id]?.view }

    /// Whether its claim takes ship runs.
    package func takesShip(_ id: FactoryID) -> Bool { members[id]?.takesShip ?? false }

    /// Takes up a factory as it is now; nil where there is none any more.
    package mutating func set(
        _ id: FactoryID,
        _ state: (shape: ShapeID, view: FactoryView, takesShip: Bool)?
    ) {
        let before = members[id]
        count(id, by: -1)
        members[id] = state.map { Member(shape: $0.shape, view: $0.view, takesShip: $0.takesShip) }
        if before?.shape != state?.shape { version += 1 }
        guard var member = members[id] else { return }
        while pools.count <= member.shape.index { pools.append(Pool()) }
        member.answers = demands.map { Self.answer(of: member, to: $0) }
        members[id] = member
        count(id, by: 1)
    }

    /// The factories that could take work of the class now, in no order.
    package mutating func open(to id: ClassID, in table: ClassTable) -> [FactoryID] {
        let demand = number(of: table[id].demand)
        var found: [FactoryID] = []
        for shape in table.servers(of: id) where shape.index < pools.count {
            let pool = pools[shape.index]
            if pool.count > 0 { found += pool.open[demand] }
        }
        return found
    }

    /// How many factories cannot have a job of the class now, by reason.
    package mutating func passedOver(for id: ClassID, in table: ClassTable) -> [ReasonCount] {
        let demand = number(of: table[id].demand)
        var counts: [Answer: Int] = [:]
        for shape in table.servers(of: id) where shape.index < pools.count {
            let pool = pools[shape.index]
            if pool.count == 0 { continue }
            for (answer, count) in pool.others[demand] { counts[answer, default: 0] += count }
        }
        var reasons = missing(for: id, in: table)
        for (answer, count) in counts {
            reasons[Self.reason(answer, to: table[id].demand), default: 0] += count
        }
        return reasons.map { ReasonCount(reason: $0.key, count: $0.value) }
    }

    /// What the shapes lack that do not serve the class: it changes only as factories come and go.
    private mutating func missing(for id: ClassID, in table: ClassTable) -> [String: Int] {
        if let known = missed[id.index], known.version == version { return known.counts }
        var counts: [String: Int] = [:]
        for index in pools.indices where pools[index].count > 0 {
            let shape = ShapeID(index: index)
            if table.served(by: shape).contains(id) { continue }
            guard let reason = Eligibility.missing(for: table[id], at: table[shape]).first else {
                preconditionFailure("a shape that lacks nothing serves")
            }
            counts[reason, default: 0] += pools[index].count
        }
        missed[id.index] = (version, counts)
        return counts
    }

    private mutating func number(of demand: EngineDemand) -> Int {
        if let known = numberOfDemand[demand] { return known }
        let number = demands.count
        numberOfDemand[demand] = number
        for id in members.keys { count(id, by: -1) }
        demands.append(demand)
        for (id, var member) in members {
            member.answers.append(Self.answer(of: member, to: demand))
            members[id] = member
            count(id, by: 1)
        }
        return number
    }

    private mutating func count(_ id: FactoryID, by change: Int) {
        guard let member = members[id] else { return }
        let index = member.shape.index
        pools[index].count += change
        while pools[index].open.count < demands.count {
            pools[index].open.append([])
            pools[index].others.append([:])
        }
        for (number, answer) in member.answers.enumerated() {
            if answer == .open {
                if change > 0 {
                    pools[index].open[number].insert(id)
                } else {
                    pools[index].open[number].remove(id)
                }
            } else {
                let rest = pools[index].others[number][answer, default: 0] + change
                pools[index].others[number][answer] = rest > 0 ? rest : nil
            }
        }
    }

    /// As `Eligibility` says it of one factory that lacks nothing.
    private static func answer(of member: Member, to demand: EngineDemand) -> Answer {
        if member.view.isDraining { return .draining }
        if demand == .none {
            return member.view.isClaiming && member.takesShip ? .open : .asksForNone
        }
        var (free, all) = (0, 0)
        for group in member.view.stations where demand.fits(group.kind) {
            free += group.free
            all += group.total
        }
        if free == 0 { return .busy(stations: all) }
        return member.view.isClaiming ? .open : .asksForNone
    }

    private static func reason(_ answer: Answer, to demand: EngineDemand) -> String {
        switch answer {
        case .open, .asksForNone: Eligibility.asksForNone
        case .busy(let stations): Eligibility.busy(stations, demand)
        case .draining: Eligibility.isDraining
        }
    }
}
