import FleetModel
import Routing
import Testing

@Suite struct RoutingPropertyTests {
    static let seeds = Array(UInt64(1)...200)

    /// What the filter promises, written a second time and on purpose without the room's own code.
    private func may(_ job: JobView, _ factory: FactoryView) -> Bool {
        let demand = job.requirementClass.demand
        let hasStation = factory.stations.contains { group in
            switch demand {
            case .engine(let name): group.free > 0 && group.kind.engine == name
            case .engineClass(let name): group.free > 0 && group.kind.classes.contains(name)
            case .none: true
            }
        }
        return (hasStation || demand == .none) && factory.isClaiming && !factory.isDraining
            && job.requirementClass.requirements.allSatisfy {
                $0.check(against: factory.facts).isMet
            }
    }

    @Test(arguments: seeds)
    func `a job is placed exactly where a factory may have it`(seed: UInt64) throws {
        var random = SeededRandom(seed)
        let fleet = try (0..<12).map { try RandomFleet.factory($0, using: &random) }
        for number in UInt64(1)...8 {
            let job = try RandomFleet.job(number, using: &random)
            let placement = Router.place(job, candidates: fleet, seed: seed)
            let allowed = fleet.filter { may(job, $0) }
            #expect((placement.factory == nil) == allowed.isEmpty)
            if let home = placement.factory { #expect(allowed.map(\.id).contains(home)) }
            #expect(placement.explanation.rejected.count == fleet.count - allowed.count)
        }
    }

    @Test(arguments: seeds)
    func `the order of factories changes nothing`(seed: UInt64) throws {
        var random = SeededRandom(seed)
        let fleet = try (0..<30).map { try RandomFleet.factory($0, using: &random) }
        let job = try RandomFleet.job(seed, using: &random)
        let placement = Router.place(job, candidates: fleet, seed: seed)
        #expect(Router.place(job, candidates: fleet, seed: seed) == placement)
        for _ in 0..<4 {
            let shuffled = fleet.shuffled(using: &random)
            #expect(Router.place(job, candidates: shuffled, seed: seed) == placement)
            #expect(
                Router.explainMiss(job, factories: shuffled)
                    == Router.explainMiss(job, factories: fleet)
            )
        }
    }

    @Test(arguments: seeds)
    func `another capability never takes a candidate away`(seed: UInt64) throws {
        var random = SeededRandom(seed)
        let before = try RandomFleet.factory(1, using: &random)
        for number in UInt64(1)...8 {
            let job = try RandomFleet.job(number, using: &random)
            guard job.requirementClass.requirements.allSatisfy(\.isMonotonic),
                Router.place(job, candidates: [before], seed: seed).factory != nil
            else { continue }
            for text in RandomFleet.facts + ["node=99", "node", "gpu.vram=1GiB", "os:plan9"] {
                var after = before
                after.facts = before.facts.inserting(try Fact(parsing: text))
                #expect(
                    Router.place(job, candidates: [after], seed: seed).factory == before.id,
                    "\(text) took \(before.facts) away from \(job.requirementClass)"
                )
            }
        }
    }

    @Test(arguments: seeds)
    func `the table's bits say what the filter says`(seed: UInt64) throws {
        var random = SeededRandom(seed)
        var table = ClassTable()
        let jobs = try (1...70).map { try RandomFleet.job($0, using: &random) }
        var fleet: [FactoryView] = []
        var classes: [ClassID] = []
        for (index, job) in jobs.enumerated() {
            classes.append(table.intern(job.requirementClass))
            if index.isMultiple(of: 7) {
                var factory = try RandomFleet.factory(index, using: &random)
                factory.isClaiming = true
                factory.isDraining = false
                fleet.append(factory)
                _ = table.intern(factory.shape)
            }
        }
        for factory in fleet {
            let shape = table.intern(factory.shape)
            var roster = Roster()
            roster.set(factory, shape: shape, takesShip: true)
            let open = roster.classesOnOffer(in: table)
            for (job, id) in zip(jobs, classes) {
                #expect(open.contains(id) == may(job, factory))
                if may(job, factory) { #expect(table.servers(of: id).contains(shape)) }
            }
        }
    }
}
