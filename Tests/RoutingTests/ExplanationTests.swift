import FleetModel
import FoundationEssentials
import Routing
import Testing

@Suite struct ExplanationTests {
    private func explanation() throws -> Explanation {
        let shell = StationKind(engine: "shell", classes: ["script"])
        let one = FactoryView(
            id: FactoryID("one"),
            facts: try FactSet(parsing: ["os:linux"]),
            stations: [StationGroup(kind: shell, total: 1, free: 1)]
        )
        let two = FactoryView(id: FactoryID("two"), facts: FactSet(), stations: [])
        let job = JobView(
            id: JobID(12),
            requirementClass: RequirementClass(
                requirements: [try Requirement(parsing: "os:linux")],
                demand: .engine("shell")
            )
        )
        return Router.place(job, candidates: [two, one], seed: 9).explanation
    }

    @Test func `an explanation survives being stored`() throws {
        let written = try explanation()
        let read = try JSONDecoder().decode(
            Explanation.self,
            from: JSONEncoder().encode(written)
        )
        #expect(read == written)
    }

    @Test func `scripts find the names that they were promised`() throws {
        struct Promised: Decodable {
            struct Rejected: Decodable { let factory, reason: String }
            struct Candidate: Decodable { let factory: String }
            let placed: Bool
            let factory: String
            let score: Int
            let terms, weights: [String: Int]
            let candidates: [Candidate]
            let rejected: [Rejected]
        }
        let bytes = try JSONEncoder().encode(try explanation())
        let seen = try JSONDecoder().decode(Promised.self, from: bytes)
        let names = ["affinity", "capabilityFit", "cost", "health", "load", "starvation"]
        #expect(seen.placed && seen.factory == "one" && seen.score == 750_000)
        #expect(seen.terms.keys.sorted() == names && seen.weights.keys.sorted() == names)
        #expect(seen.candidates.map(\.factory) == ["one"])
        #expect(seen.rejected.map(\.reason) == ["needs os:linux, has none"])
    }

    @Test func `the weights are those of the specification`() {
        let weights = RoutingWeights.standard
        let seen = [
            weights.capabilityFit, weights.affinity, weights.load, weights.health, weights.cost,
            weights.starvation,
        ]
        #expect(seen == [300_000, 250_000, 200_000, 150_000, 100_000, 100_000])
    }
}
