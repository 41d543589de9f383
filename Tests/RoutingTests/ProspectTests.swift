import FleetModel
import Testing

@testable import Routing

@Suite struct ProspectTests {
    private func prospect(
        of factory: FactoryID,
        _ engine: String,
        for job: JobView,
        among views: [FactoryView]
    ) -> Int? {
        var (table, roster) = (ClassTable(), Roster())
        let id = table.intern(job.requirementClass)
        for view in views {
            roster.set(view, shape: table.intern(view.shape), takesShip: view.isClaiming)
        }
        return roster.prospect(of: factory, engine: engine, for: job, of: id, in: table)
    }

    @Test(arguments: UInt64(1)...300)
    func `a busy factory is worth what it is worth once a station is free`(seed: UInt64) throws {
        var random = SeededRandom(seed)
        var views = try (1...4).map { try RandomFleet.factory($0, using: &random) }
        let job = try RandomFleet.job(seed, using: &random)
        let demand = job.requirementClass.demand
        let place = Int.random(in: 0..<4, using: &random)
        let fitting = views[place].stations.indices.filter { index in
            demand.fits(views[place].stations[index].kind)
        }
        for index in fitting { views[place].stations[index].free = 0 }
        let factory = views[place]
        for index in fitting {
            let engine = factory.stations[index].kind.engine
            let seen = prospect(of: factory.id, engine, for: job, among: views)
            var freed = views
            freed[place].stations[index].free = 1
            freed[place].isClaiming = true
            let placement = Router.place(job, candidates: freed, seed: seed)
            let candidate = placement.explanation.candidates.first { $0.factory == factory.id }
            // Whoever is late is asked, and not waited for.
            #expect(seen == (factory.isLate ? nil : candidate?.score))
        }
    }

    @Test func `who is not there, or has no such engine, is worth nothing`() throws {
        var random = SeededRandom(1)
        let job = JobView(
            id: JobID(1),
            requirementClass: RequirementClass(
                requirements: [],
                demand: .engineClass("script"),
                repository: nil
            )
        )
        var view = try RandomFleet.factory(1, using: &random)
        view.stations = [StationGroup(kind: RandomFleet.kinds[0], total: 1, free: 0)]
        (view.isDraining, view.isLate) = (false, false)
        #expect(prospect(of: view.id, "shell", for: job, among: [view]) != nil)
        #expect(prospect(of: view.id, "codex", for: job, among: [view]) == nil)
        #expect(prospect(of: FactoryID("other"), "shell", for: job, among: [view]) == nil)
    }
}
