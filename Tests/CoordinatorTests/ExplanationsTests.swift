import Coordinator
import FleetCore
import FleetModel
import HTTPServing
import Routing
import Testing

/// A store may hold records of every build that wrote to it.
@Suite struct ExplanationsTests {
    private func placed() throws -> Explanation {
        let shell = StationKind(engine: "shell", classes: ["script"])
        let views = try ["os:linux", "os:windows"].enumerated().map { number, fact in
            FactoryView(
                id: FactoryID("f\(number)"),
                facts: try FactSet(parsing: [fact]),
                stations: [StationGroup(kind: shell, total: 2, free: 1)]
            )
        }
        let job = JobView(
            id: JobID(12),
            requirementClass: RequirementClass(
                requirements: [try Requirement(parsing: "os:linux")],
                demand: .engine("shell")
            )
        )
        var table = ClassTable()
        var roster = Roster()
        for view in views {
            roster.set(view, shape: table.intern(view.shape), takesShip: false)
        }
        let id = table.intern(job.requirementClass)
        let assignment = roster.place(job, of: id, in: table, seed: 9)
        let coded = Explanations.coded(try #require(assignment).record)
        #expect(coded.hash == Digest(sha256: coded.bytes).hex)
        let explanation = try Explanations.read(coded.bytes)
        #expect(explanation == Router.place(job, candidates: views, seed: 9).explanation)
        return explanation
    }

    @Test func `a record that an older build stored as JSON is read`() throws {
        let explanation = try placed()
        let stored = try SortedJSONEncoder.bytes(explanation)
        #expect(try Explanations.read(stored) == explanation)
    }

    @Test(arguments: [[], [0x7B], [1], [1, 2, 3], [9, 9], Array("no record".utf8)])
    func `what is no record is an error`(bytes: [UInt8]) {
        #expect(throws: (any Error).self) { try Explanations.read(bytes) }
    }
}
