import FleetModel
import FleetProtocol
import Testing

@testable import GigaCommands

struct JobGraphTests {
    private func job(_ number: UInt64, _ deps: [UInt64] = [], title: String? = nil) -> JobSummary {
        JobSummary(
            id: JobID(number),
            title: title ?? "Job \(number)",
            stage: deps.isEmpty ? .shipped : .queued,
            condition: deps.isEmpty ? nil : "waiting-dependency",
            product: "main",
            repo: "shop",
            profile: "developer@1",
            capabilities: [],
            attempt: 0,
            priority: .medium,
            submittedAt: "",
            costMicroUSD: 0,
            owner: "alice",
            dependencies: deps.map { JobID($0) }
        )
    }

    /// A diamond, a pair, and one that stands alone.
    private var jobs: [JobSummary] {
        [job(1), job(2, [1]), job(3, [1]), job(4, [2, 3]), job(5), job(6, [5]), job(7)]
    }

    @Test func `what comes first stands at the left, and nothing stands twice with its own`() {
        let lines = JobGraph(jobs, around: []).lines
        #expect(
            lines == [
                "job-1  shipped  Job 1",
                "├─ job-2  queued: waiting-dependency  Job 2",
                "│  └─ job-4  queued: waiting-dependency  Job 4",
                "└─ job-3  queued: waiting-dependency  Job 3",
                "   └─ job-4  (above)",
                "job-5  shipped  Job 5",
                "└─ job-6  queued: waiting-dependency  Job 6",
            ]
        )
    }

    @Test func `around a job is everything that is joined to it, and nothing else`() {
        let ids = JobGraph(jobs, around: [JobID(4)]).document.jobs.map(\.id.number)
        #expect(ids == [1, 2, 3, 4])
        #expect(JobGraph(jobs, around: [JobID(7)]).lines == ["job-7  shipped  Job 7"])
        #expect(JobGraph([job(7)], around: []).isEmpty)
    }

    @Test func `Graphviz gets every job and every arrow, whatever a title says`() {
        let graph = JobGraph([job(1, title: "a \"b\" \\ c\nd"), job(2, [1])], around: [])
        #expect(
            graph.dot == [
                "digraph jobs {", "  rankdir=LR;", "  node [shape=box];",
                #"  "job-1" [label="job-1\na \"b\" \\ c d\nshipped"];"#,
                #"  "job-2" [label="job-2\nJob 2\nqueued"];"#, #"  "job-1" -> "job-2";"#, "}",
            ]
        )
    }

    @Test(arguments: [(0, "0s"), (59, "59s"), (60, "1m"), (3661, "1h 1m"), (90_000, "1d 1h")])
    func `an age has the units that matter`(seconds: Int64, text: String) {
        #expect(InboxCommand.age(seconds) == text)
    }

    @Test func `the inbox says first whether the fleet is halted, then what needs a person`() {
        let halt = Halt(
            level: .all,
            reason: "audit",
            by: .person("alice"),
            at: .epoch,
            stops: false
        )
        let row = Inbox.Row(
            id: "job-3",
            title: "Fix",
            product: "main",
            need: "ship",
            reason: "a person may ship it",
            command: "giga ship job-3",
            since: "",
            ageSeconds: 61
        )
        let inbox = Inbox(needs: [row], total: 1, running: 2, queued: 0, shipped: 4, halt: halt)
        #expect(
            InboxCommand.lines(inbox) == [
                "halted at level all by alice: audit", "  giga resume --reason TEXT", "",
                "1 thing needs you", "", "1m  job-3  Fix", "  ship: a person may ship it",
                "  giga ship job-3", "", "2 running, 0 queued, 4 shipped so far",
            ]
        )
    }
}
