import FleetModel
import Testing

@testable import Routing

/// The roster decides by numbers that it works out beforehand.
///
/// Whatever has happened to it, its record says to the last word what the plainest router says of
/// the same factories.
@Suite struct RosterTests {
    /// Factories and jobs that differ in everything a decision may rest on.
    private struct Fleet {
        var table = ClassTable()
        var roster = Roster()
        var rarity = Rarity()
        var views: [FactoryID: FactoryView] = [:]
        var takesShip: Set<FactoryID> = []
        var numbers: [FactoryID: Int] = [:]
        var jobs: [(JobView, ClassID)] = []

        mutating func set(_ view: FactoryView, _ isShipClaim: Bool) {
            forget(view.id)
            rarity.add(view.facts)
            views[view.id] = view
            if isShipClaim { takesShip.insert(view.id) }
            numbers[view.id] = roster.set(
                view,
                shape: table.intern(view.shape),
                takesShip: isShipClaim
            )
        }

        /// Lets one that is there go on with what another is doing.
        mutating func change(like other: FactoryView, using random: inout SeededRandom) {
            let known = views.keys.sorted()
            guard let id = known.randomElement(using: &random), let number = numbers[id] else {
                return
            }
            var view = views[id] ?? other
            view.condition = other.condition
            for place in view.stations.indices {
                view.stations[place].free = Int.random(
                    in: 0...view.stations[place].total,
                    using: &random
                )
            }
            let isShipClaim = random.chance(50)
            if isShipClaim { takesShip.insert(id) } else { takesShip.remove(id) }
            views[id] = view
            // Who states the same once more has only changed, too.
            if random.chance(30) {
                let again = roster.set(
                    view,
                    shape: table.intern(view.shape),
                    takesShip: isShipClaim
                )
                #expect(again == number)
            } else {
                roster.change(number, to: view.condition, takesShip: isShipClaim) {
                    view.stations[$0].free
                }
            }
        }

        /// One more that states what another does.
        mutating func addTwin(using random: inout SeededRandom) {
            guard var view = views.values.min(by: { $0.id < $1.id }) else { return }
            view.id = FactoryID("twin-\(Int.random(in: 0..<9, using: &random))")
            view.isClaiming = random.chance(80)
            set(view, random.chance(50))
        }

        mutating func forget(_ id: FactoryID) {
            if let before = views[id] { rarity.remove(before.facts) }
            views[id] = nil
            takesShip.remove(id)
        }

        /// As they would be asked about such work one by one.
        func asked(_ job: JobView, rareByFleet: Bool) -> [FactoryView] {
            views.values.map { view in
                var view = view
                if rareByFleet { view.rareCapabilities = rarity.rare(in: view.facts) }
                if job.requirementClass.demand == .none, !takesShip.contains(view.id) {
                    view.isClaiming = false
                }
                return view
            }
        }
    }

    private static func factory(
        _ round: Int,
        using random: inout SeededRandom
    ) throws -> FactoryView {
        var factory = try RandomFleet.factory(
            Int.random(in: 0..<60, using: &random),
            using: &random
        )
        factory.isClaiming = random.chance(60)
        factory.healthPPM = Int.random(in: 0...2, using: &random) * 500_000
        factory.lastProducts = Set(random.some(of: ["web", "main", "app"], percent: 30))
        factory.warmRepositories = Set(random.some(of: ["shop", "other"], percent: 30))
        // Names of its own; with the fleet's in their place they must not matter.
        factory.rareCapabilities = random.some(of: ["gpu", "has:docker"], percent: 20)
        return factory
    }

    private static func job(_ number: UInt64, using random: inout SeededRandom) throws -> JobView {
        var job = try RandomFleet.job(number, using: &random)
        let wishes: [Preference] = [
            .engine("shell"), .engine("codex"), .factory("f3"), .factory("f7"),
            .factory("nowhere"), .fact(try Requirement(parsing: "gpu")),
            .fact(try Requirement(parsing: "not:has:docker")),
        ]
        job.prefers = random.some(of: wishes, percent: 25).shuffled(using: &random)
        if random.chance(10) { job.budgetLeft.tokens = Int64.random(in: 0...1, using: &random) }
        return job
    }

    @Test(arguments: RoutingPropertyTests.seeds)
    func `a placement from the roster is the plainest router's`(seed: UInt64) throws {
        var random = SeededRandom(seed)
        var fleet = Fleet()
        let weights =
            random.chance(50)
            ? RoutingWeights.standard
            : RoutingWeights(capabilityFit: 1, load: 900_000, starvation: 400_000)
        var placed = 0
        for round in 0..<70 {
            // Some factories change, some leave, and classes turn up before and after them.
            let factory = try Self.factory(round, using: &random)
            if round.isMultiple(of: 9) {
                fleet.forget(factory.id)
                fleet.roster.remove(factory.id)
            } else if random.chance(40) {
                fleet.change(like: factory, using: &random)
            } else if random.chance(30) {
                fleet.addTwin(using: &random)
            } else {
                fleet.set(factory, random.chance(50))
            }
            if round.isMultiple(of: 5) {
                let job = try Self.job(UInt64(round) + 1, using: &random)
                fleet.jobs.append((job, fleet.table.intern(job.requirementClass)))
            }
            #expect(fleet.roster.count == fleet.views.count)
            for (job, id) in fleet.jobs where random.chance(25) {
                let rareByFleet = random.chance(70)
                let seen = fleet.roster.place(
                    job,
                    of: id,
                    in: fleet.table,
                    rarity: rareByFleet ? fleet.rarity : nil,
                    weights: weights,
                    seed: seed
                )
                let wanted = ReferenceRouter.place(
                    job,
                    among: fleet.asked(job, rareByFleet: rareByFleet),
                    weights: weights,
                    seed: seed
                )
                #expect(try seen?.record.explanation() == wanted, "round \(round), \(job)")
                #expect(seen?.factory == wanted?.factory && seen?.engine == wanted?.engine)
                #expect(seen?.score == wanted?.score)
                if let wanted {
                    placed += 1
                    guard random.chance(10) else { continue }
                    #expect(try DecisionReplay(wanted).differences == [])
                }
            }
        }
        #expect(placed > 20)
    }

    @Test func `factories that come and go under ever other names leave none of them behind`()
        throws
    {
        var random = SeededRandom(11)
        var fleet = Fleet()
        let job = JobView(
            id: JobID(1),
            requirementClass: RequirementClass(requirements: [], demand: .none, repository: nil),
            product: "web",
            priority: .medium,
            submittedAt: .epoch
        )
        let id = fleet.table.intern(job.requirementClass)
        for round in 0..<200 {
            var factory = try Self.factory(round, using: &random)
            factory.id = FactoryID("f-" + String(repeating: "x", count: round % 40) + "-\(round)")
            (factory.isClaiming, factory.isDraining) = (true, false)
            fleet.set(factory, true)
            let seen = fleet.roster.place(job, of: id, in: fleet.table, seed: 1)
            let wanted = ReferenceRouter.place(
                job,
                among: fleet.asked(job, rareByFleet: false),
                weights: .standard,
                seed: 1
            )
            #expect(try seen?.record.explanation() == wanted, "round \(round)")
            #expect(seen?.factory != nil)
            if round.isMultiple(of: 10) { continue }
            fleet.forget(factory.id)
            fleet.roster.remove(factory.id)
        }
        // Most of 200 names are gone.
        #expect(fleet.roster.nameBytes.count < 4_000)
    }

    @Test(arguments: RoutingPropertyTests.seeds)
    func `what is on offer is what some claim could take`(seed: UInt64) throws {
        var random = SeededRandom(seed)
        var fleet = Fleet()
        for round in 0..<40 {
            let job = try Self.job(UInt64(round) + 1, using: &random)
            fleet.jobs.append((job, fleet.table.intern(job.requirementClass)))
            let factory = try Self.factory(round, using: &random)
            if random.chance(40) {
                fleet.change(like: factory, using: &random)
            } else {
                fleet.set(factory, random.chance(50))
            }
            guard round.isMultiple(of: 8) else { continue }
            let offered = fleet.roster.classesOnOffer(in: fleet.table)
            for (job, id) in fleet.jobs {
                let isOpen = fleet.asked(job, rareByFleet: false).contains { view in
                    if case .eligible = PlainEligibility(of: job, at: view) { true } else { false }
                }
                #expect(offered.contains(id) == isOpen)
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
            roster.set(view, shape: table.intern(view.shape), takesShip: takesShip)
        }
        let job = JobView(id: JobID(1), requirementClass: wanted)
        let placed = roster.place(job, of: id, in: table, seed: 1)
        let ship = try #require(placed)
        #expect(ship.factory == FactoryID("a") && ship.engine == nil)
        let rejected = try ship.record.explanation().rejected
        #expect(rejected.map(\.factory) == [FactoryID("b")])
        #expect(rejected.map(\.reason) == ["asks for none"])
    }
}
