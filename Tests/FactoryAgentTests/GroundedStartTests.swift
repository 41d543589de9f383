import FactoryAgent
import FleetModel
import Testing

/// Attempts that begin on commits which have not shipped.
@Suite(.serialized) struct GroundedStartTests {
    /// job-1, whose commit waits on its branch at the origin.
    private func proven(_ script: String) throws -> (shop: Workshop, ground: Groundwork) {
        let shop = try Workshop()
        shop.give(shop.grant(script, verify: "true"))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-1.1"))
        let commit = try #require(shop.candidate(of: "job-1.1")).commit
        return (shop, Groundwork(job: JobID(1), commit: commit))
    }

    @Test func `a commit that nobody pushed fails the attempt, and the words say so`() throws {
        let shop = try Workshop()
        let ground = Groundwork(job: JobID(7), commit: String(repeating: "f", count: 40))
        shop.give(shop.grant("echo two > src/two", job: 2, groundwork: [ground]))
        try shop.open()
        #expect(shop.coordinator.waitsForEnd(of: "job-2.1"))
        let failure = try #require(shop.failure(of: "job-2.1"))
        #expect(failure.cause == .engineFailed)
        #expect(failure.tail.first?.contains("of job-7, from which it starts") == true)
    }

    @Test func `a start that does not merge is a conflict, and no engine runs`() throws {
        let (shop, ground) = try proven("echo one > src/one")
        _ = try shop.commit(["src/one": "theirs\n"], "somebody else's")
        shop.give(shop.grant("touch src/ran", job: 2, groundwork: [ground]))
        #expect(shop.coordinator.waitsForEnd(of: "job-2.1"))
        let failure = try #require(shop.failure(of: "job-2.1"))
        #expect(failure.cause == .mergeConflict)
        #expect(failure.tail.contains { $0.contains("src/one") })
    }

    @Test func `it begins on the very commit where the target did not move`() throws {
        let (shop, ground) = try proven("echo one > src/one")
        let script = "cat src/one > src/two"
        shop.give(shop.grant(script, job: 2, verify: "test -f src/two", groundwork: [ground]))
        #expect(shop.coordinator.waitsForEnd(of: "job-2.1"))
        let candidate = try #require(shop.candidate(of: "job-2.1"))
        #expect(candidate.base == ground.commit)
        #expect(try shop.git("show \(candidate.commit):src/two") == "one")
        #expect(shop.evidence(.scope, of: "job-2.1")?.summary.hasPrefix("1 path") == true)
    }

    @Test func `on a target that moved it begins on a merge of both`() throws {
        let (shop, ground) = try proven("echo one > src/one")
        let moved = try shop.commit(["src/other": "other\n"], "somebody else's")
        let script = "cat src/one src/other > src/two"
        shop.give(shop.grant(script, job: 2, verify: "test -f src/two", groundwork: [ground]))
        #expect(shop.coordinator.waitsForEnd(of: "job-2.1"))
        let candidate = try #require(shop.candidate(of: "job-2.1"))
        #expect(try shop.git("show \(candidate.commit):src/two") == "one\nother")
        let parents = try shop.git("rev-parse \(candidate.base)^1 \(candidate.base)^2")
        #expect(parents == "\(moved)\n\(ground.commit)")
    }
}
