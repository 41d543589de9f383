import FleetCore
import FleetModel
import FleetTesting
import Testing

/// What a submission is told of open jobs that may change the same files.
@Suite struct OverlapNotesTests {
    private let first = JobID(1)

    private func fleet(
        _ one: [Glob] = .globs("src/pay/**"),
        _ two: [Glob] = .globs("src/pay/api/*.swift")
    ) -> TestFleet {
        var fleet = TestFleet()
        fleet.submit(
            .example("a") { $0.allowedScope = one },
            .example("b") { $0.allowedScope = two }
        )
        return fleet
    }

    private func notes(_ fleet: inout TestFleet, _ scope: [Glob]?, deps: [String] = []) -> [String]
    {
        let job = Submission.example("new") { manifest in
            manifest.allowedScope = scope
            manifest.deps = deps.map { Dependency(name: $0) }
        }
        guard case .submitted(let jobs) = fleet.run(.submit([job], by: .alice)).answer else {
            return ["another answer"]
        }
        return jobs[0].notes
    }

    @Test func `whoever submits a job is told of open jobs that may change the same files`() {
        var fleet = fleet(.globs("src/pay/**"), .globs("src/web/**"))
        #expect(
            notes(&fleet, .globs("docs/a.md", "src/pay/a.swift")) == [
                "job-3 may change the same files as job-1, so they run one at a time: "
                    + "src/pay/a.swift overlaps src/pay/** of job-1"
            ]
        )
    }

    @Test func `at most five are named, and the others counted`() {
        var fleet = fleet()
        for _ in 3...8 { _ = notes(&fleet, .globs("src/pay/**")) }
        let note = notes(&fleet, .globs("src/pay/**")).first ?? ""
        #expect(note.contains("as job-1, job-2, job-3, job-4, job-5 and 3 more, so"))
    }

    @Test func `nobody is told of wide scopes, of ended jobs, or of what the job depends on`() {
        var fleet = fleet(.globs("src/pay/**"), .globs("src/**"))
        #expect(notes(&fleet, .globs("**")).isEmpty)
        #expect(notes(&fleet, nil).isEmpty)
        #expect(notes(&fleet, .globs("src/web/a.swift")).isEmpty, "src/** is wide")
        #expect(notes(&fleet, .globs("src/pay/**"), deps: ["job-1"]).isEmpty)
        fleet.run(.cancel(first, reason: "no", by: .alice))
        fleet.run(.cancel(JobID(6), reason: "no", by: .alice))
        #expect(notes(&fleet, .globs("src/pay/**")).isEmpty)
    }

    @Test func `what was submitted before is not told of itself`() {
        var fleet = TestFleet()
        let job = Submission.example("a", key: "k") { $0.allowedScope = .globs("src/pay/**") }
        for _ in 1...2 {
            guard case .submitted(let jobs) = fleet.run(.submit([job, job], by: .alice)).answer
            else { preconditionFailure("a submission answers with its jobs") }
            #expect(jobs.allSatisfy { $0.notes.isEmpty })
        }
    }
}
