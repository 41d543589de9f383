import FleetModel
import Testing

@testable import Routing

@Suite struct DecisionReplayTests {
    private let job = JobView(
        id: JobID(7),
        requirementClass: RequirementClass(
            requirements: [Requirement].parsed("os:linux", "node>=20"),
            demand: .engineClass("script"),
            repository: "shop"
        ),
        prefers: [.engine("shell"), .factory("b")],
        budgetLeft: Budget(microUSD: 2_000_000)
    )

    /// Seven factories that differ in each thing that a term looks at.
    private var factories: [FactoryView] {
        (0..<7).map { number in
            FactoryView(
                id: FactoryID(["a", "b", "c", "d", "e", "f", "g"][number]),
                facts: FactSet(
                    [Fact].parsed("os:linux", "node=2\(number).1.0", "gpu", "cores=\(number + 2)")
                        + (number == 3 ? [Fact].parsed("repo:shop") : [])
                ),
                stations: [
                    StationGroup(
                        kind: StationKind(engine: "shell", classes: ["script"]),
                        total: 4,
                        free: 1 + number % 3,
                        expectedMicroUSD: Int64(number) * 100_000
                    )
                ],
                isLate: number == 5,
                loadPPM: number * 70_000,
                healthPPM: 1_000_000 - number * 90_000,
                costClass: number % 2,
                warmRepositories: number == 2 ? ["shop", "other"] : ["other"],
                lastProducts: number == 1 ? ["main"] : ["elsewhere"],
                recentAssignments: number,
                rareCapabilities: number == 4 ? ["gpu"] : []
            )
        }
    }

    private var record: Explanation {
        Router.place(job, candidates: factories, seed: 42).explanation
    }

    @Test func `a record computed again agrees with itself`() throws {
        let replay = try DecisionReplay(record)
        #expect(replay.differences == [])
        #expect(replay.ranking == record.candidates)
        #expect(record.candidates.count == 5 && record.inputs?.rivals == 7)
    }

    @Test func `only what the terms look at is kept`() {
        for candidate in record.candidates {
            let names = candidate.inputs?.facts.facts.map(\.name) ?? []
            #expect(Set(names).isSubset(of: ["os:linux", "node", "repo:shop"]))
        }
    }

    /// Each recorded input of the winner, altered, and a term that must come out differently.
    static let alterations: [(String, @Sendable (inout CandidateInputs) -> Void)] = [
        ("load", { $0.loadPPM += 500_000 }),
        ("load", { $0.stations[0].free = 0 }),
        ("health", { $0.healthPPM /= 3 }),
        ("health", { $0.isLate.toggle() }),
        ("costClass", { $0.costClass += 1 }),
        ("affinity", { $0.isWarm.toggle() }),
        ("affinity", { $0.didProduct.toggle() }),
        ("starvation", { $0.recentAssignments += 20 }),
        ("capabilityFit", { $0.rareCapabilities = ["gpu", "xcode"] }),
        ("cost", { $0.stations[0].expectedMicroUSD = 1_900_000 }),
        ("eligible", { $0.facts = FactSet() }),
    ]

    @Test(arguments: alterations.indices)
    func `an altered input is named by its term`(index: Int) throws {
        let (term, alter) = Self.alterations[index]
        var altered = record
        var inputs = try #require(altered.candidates[0].inputs)
        alter(&inputs)
        altered.candidates[0] = altered.candidates[0].with(inputs)
        let found = try DecisionReplay(altered).differences
        let winner = try #require(altered.factory)
        if index == 1 {
            // Without a free station it could not have had the job at all.
            #expect(found.contains { $0.factory == winner && $0.term == "eligible" })
        } else {
            #expect(found.contains { $0.factory == winner && $0.term == term }, "\(found)")
        }
    }

    @Test func `an altered result is named, whichever`() throws {
        var altered = record
        altered.terms?.affinity += 1
        #expect(try DecisionReplay(altered).differences.map(\.term) == ["affinity"])
        altered = record
        altered.tieBreak = .load
        #expect(try DecisionReplay(altered).differences.map(\.term) == ["tieBreak"])
        altered = record
        altered.candidates.swapAt(0, 1)
        #expect(try DecisionReplay(altered).differences.contains { $0.term == "ranking" })
        altered = record
        altered.seed += 1
        let terms = try DecisionReplay(altered).differences.map(\.term)
        #expect(!terms.isEmpty && terms.allSatisfy { $0 == "seededHash" })
        altered = record
        altered.weights.load += 100_000
        #expect(try DecisionReplay(altered).differences.allSatisfy { $0.term != "load" })
        #expect(try DecisionReplay(altered).differences.contains { $0.term == "score" })
    }

    @Test func `other weights give another ranking of the same factories`() throws {
        var weights = RoutingWeights.standard
        (weights.capabilityFit, weights.affinity, weights.load) = (0, 0, 0)
        (weights.cost, weights.starvation) = (0, 0)
        let replay = try DecisionReplay(record, weights: weights)
        let healthiest = record.candidates.max { left, right in
            (left.terms.health, right.factory) < (right.terms.health, left.factory)
        }
        #expect(replay.ranking.first?.factory == healthiest?.factory)
        #expect(Set(replay.ranking.map(\.factory)) == Set(record.candidates.map(\.factory)))
    }

    @Test func `a weight is found and set by its term's name`() {
        var weights = RoutingWeights.standard
        for (term, value) in record.terms?.named ?? [] {
            weights[term: term] = value + 1
            #expect(weights[term: term] == value + 1)
        }
        let before = weights
        weights[term: "speed"] = 7
        #expect(weights == before && weights[term: "speed"] == nil)
    }

    @Test func `a job of no repository and a factory that is gone from the record are fine`() throws
    {
        let simple = JobView(
            id: JobID(8),
            requirementClass: RequirementClass(requirements: [], demand: .engineClass("script"))
        )
        var record = Router.place(simple, candidates: factories, seed: 9).explanation
        #expect(try DecisionReplay(record).differences == [])
        record.candidates[1].inputs?.stations = []
        let found = try DecisionReplay(record).differences
        #expect(Set(found.map(\.term)) == ["eligible", "ranking"])
        for place in record.candidates.indices { record.candidates[place].inputs?.stations = [] }
        record.factory = nil
        let none = try DecisionReplay(record)
        #expect(none.ranking.isEmpty && none.differences.count == record.candidates.count + 1)
        record.candidates[0].inputs = nil
        #expect(throws: DecisionReplay.Fault.noInputs) { try DecisionReplay(record) }
    }

    @Test func `what was not placed, and what is older, is said to be so`() throws {
        let unplaced = Router.place(job, candidates: [], seed: 1).explanation
        #expect(throws: DecisionReplay.Fault.notPlaced) { try DecisionReplay(unplaced) }
        var old = record
        old.inputs = nil
        #expect(throws: DecisionReplay.Fault.noInputs) { try DecisionReplay(old) }
    }

    @Test func `a ship run's record agrees, too`() throws {
        let ship = JobView(
            id: JobID(7),
            requirementClass: try job.requirementClass.shipping(to: "shop")
        )
        let pushers = factories.map { factory in
            var factory = factory
            factory.facts = FactSet(factory.facts.facts + [Fact].parsed("push:shop"))
            return factory
        }
        let record = Router.place(ship, candidates: pushers, seed: 3).explanation
        #expect(record.placed && record.engine == nil)
        #expect(try DecisionReplay(record).differences == [])
    }
}

extension [Requirement] {
    fileprivate static func parsed(_ texts: String...) -> [Requirement] {
        texts.compactMap { try? Requirement(parsing: $0) }
    }
}

extension [Fact] {
    fileprivate static func parsed(_ texts: String...) -> [Fact] {
        texts.compactMap { try? Fact(parsing: $0) }
    }
}

extension Routing.Candidate {
    fileprivate func with(_ inputs: CandidateInputs) -> Routing.Candidate {
        var copy = self
        copy.inputs = inputs
        return copy
    }
}
