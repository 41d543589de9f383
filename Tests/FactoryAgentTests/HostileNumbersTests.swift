import FleetModel
import Testing

@testable import FactoryAgent

/// What a stolen factory or an engine may say, and what is made of it.
@Suite struct HostileNumbersTests {
    private let lease = Lease(
        job: JobID(12),
        kind: .attempt,
        fence: 7,
        attempt: 3,
        factory: FactoryID("north"),
        boot: "boot",
        station: nil,
        granted: .epoch,
        term: .seconds(60)
    )

    @Test(arguments: [
        "main", "release", "giga/abcdefghij/job-12", "giga/abcdefghij/job-12/",
        "giga/other/job-12/1",
        "giga/abcdefghij/job-1/1", "giga/abcdefghij/job-12/3", "giga/abcdefghij/job-12/+1",
        "giga/abcdefghij/job-12/01", "giga/abcdefghij/job-12/1/x",
    ])
    func `a checkpoint on no earlier branch of this job is nobody's to take away`(branch: String) {
        #expect(!WorkInProgress.isOurs(branch, "abcdefghij", lease))
    }

    @Test func `the branches of earlier attempts are`() {
        #expect(WorkInProgress.isOurs("giga/abcdefghij/job-12/1", "abcdefghij", lease))
        #expect(WorkInProgress.isOurs("giga/abcdefghij/job-12/2", "abcdefghij", lease))
    }

    @Test func `sums of an engine's own numbers end at the largest number`() {
        #expect([Int64.max, 1].saturatingSum == .max)
        #expect([Int64.min, -1].saturatingSum == .min)
        #expect([1, 2, 3].saturatingSum == 6)
    }
}
