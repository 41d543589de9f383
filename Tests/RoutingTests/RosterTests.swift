import FleetModel
import Routing
import Testing

/// The roster is a shorter way to the same record: whoever could have a job by the full list of
/// factories is a candidate, and whoever could not is counted with the reason that he would get.
@Suite struct RosterTests {
    @Test(arguments: RoutingPropertyTests.seeds)
    func `a placement from the roster is the one from the full list`(seed: UInt64) throws {
        var random = SeededRandom(seed)
        var table = ClassTable()
        var roster = Roster()
        var fleet: [FactoryID: FactoryView] = [:]
        var jobs: [(JobView, ClassID)] = []
        for round in 0..<60 {
            // Some factories change, some leave, and classes turn up before and after them.
            var factory = try RandomFleet.factory(
                Int.random(in: 0..<40, using: &random),
                using: &random
            )
            if round.isMultiple(of: 9) {
                fleet[factory.id] = nil
                roster.set(factory.id, nil)
            } else {
                factory.isLate = false
                fleet[factory.id] = factory
                roster.set(factory.id, (table.intern(factory.shape), factory, true))
            }
            if round.isMultiple(of: 5) {
                let job = try RandomFleet.job(UInt64(round), using: &random)
                jobs.append((job, table.intern(job.requirementClass)))
            }
            for (job, id) in jobs {
                let candidates = roster.open(to: id, in: table).compactMap { fleet[$0] }
                let passedOver = roster.passedOver(for: id, in: table)
                #expect(passedOver.reduce(0) { $0 + $1.count } + candidates.count == fleet.count)
                // With fewer each is named, and the full list is what is placed from.
                guard fleet.count - candidates.count > Explanation.rejectionsNamed else { continue }
                let short = Router.place(
                    job,
                    candidates: candidates,
                    passedOver: passedOver,
                    seed: seed
                )
                let full = Router.place(job, candidates: Array(fleet.values), seed: seed)
                #expect(short.factory == full.factory)
                // Why nobody got it is said of all factories, elsewhere.
                if full.factory != nil { #expect(short.explanation == full.explanation) }
            }
        }
    }

    @Test func `a ship run goes to whoever's claim takes one`() throws {
        var table = ClassTable()
        var roster = Roster()
        let wanted = RequirementClass(requirements: [], demand: .none)
        let id = table.intern(wanted)
        for (name, takesShip) in [("a", true), ("b", false)] {
            let view = FactoryView(id: FactoryID(name), facts: FactSet(), stations: [])
            roster.set(view.id, (table.intern(view.shape), view, takesShip))
        }
        #expect(roster.open(to: id, in: table) == [FactoryID("a")])
        let reasons = roster.passedOver(for: id, in: table)
        #expect(reasons.map(\.reason) == ["asks for none"] && reasons.map(\.count) == [1])
    }
}
