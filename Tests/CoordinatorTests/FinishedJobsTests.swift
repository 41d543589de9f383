import FleetCore
import FleetModel
import FleetPorts
import FleetProtocol
import FleetTesting
import HTTPServing
import Stores
import Testing

@testable import Coordinator

/// Finished jobs have left memory; every call goes on answering for them.
struct FinishedJobsTests {
    private let rig: ServerRig
    private let token: String

    init() throws {
        rig = try ServerRig()
        try rig.furnish()
        token = try rig.enlist()
    }

    /// Submits a job of a key and cancels it.
    private func failed(_ key: String, product: String = "main") throws -> JobID {
        let id = try submit(key, product: product)
        #expect(try rig.ask(.post, "/fleet/jobs/\(id)/cancel").status == 200)
        return id
    }

    private func submit(_ key: String, product: String = "main", deps: String = "") throws -> JobID
    {
        let text = """
            ---
            repo: shop
            product: \(product)
            idempotency-key: \(key)
            \(deps)
            ---
            # Job \(key)

            Do it well.
            """
        let headers: HTTPHeaders = ["Content-Type": "text/markdown"]
        let reply = try rig.ask(.post, "/fleet/jobs", Array(text.utf8), headers: headers)
        return try #require(try rig.value(SubmitReply.self, reply).jobs.first).id
    }

    private func shipped(_ key: String) throws -> (id: JobID, last: GrantedRun) {
        let id = try submit(key)
        let run = try #require(try rig.claim("a-\(key)", token: token).first)
        let items: [RunReportItem] =
            [.started(RunStarted()), .finished(RunFinished(candidate: .example()))]
            + Evidence.all().map { .evidence($0) } + [.evidenceComplete]
        #expect(try rig.report(run, items, token: token).status == 200)
        _ = try rig.ask(.post, "/fleet/jobs/\(id)/ship")
        let ship = try #require(try rig.claim("s-\(key)", token: token).first)
        #expect(try rig.report(ship, [.merged("merge-\(key)")], token: token).status == 200)
        return (id, ship)
    }

    private func memory(of rig: ServerRig) throws -> [JobID] {
        try rig.waitForRows()
        return rig.server.reading.state.jobs.keys.sorted()
    }

    private func list(_ query: String = "") throws -> JobList {
        try rig.value(JobList.self, rig.ask(.get, "/fleet/jobs?\(query)"))
    }

    @Test func `A finished job is shown, explained and told as before`() throws {
        let (id, run) = try shipped("a")
        #expect(try memory(of: rig) == [])
        let detail = try rig.value(JobDetail.self, rig.ask(.get, "/fleet/jobs/\(id)"))
        #expect(detail.summary.stage == .shipped && detail.shipped?.commit == "merge-a")
        let why = try rig.value(WhyReply.self, rig.ask(.get, "/fleet/jobs/\(id)/decision"))
        #expect(why.placed && why.factory == "f")
        let lines = try rig.ask(.get, "/fleet/jobs/\(id)/events").body.split(separator: 10)
        #expect(lines.count == detail.events)
        let problem = try rig.ask(.get, "/fleet/jobs/\(id)/diff").problem
        #expect(problem?.code == "job.no-diff")
        #expect(try rig.ask(.get, "/fleet/jobs/job-99").problem?.code == "job.unknown")
        let log = "/fleet/runs/\(run.lease.run)/log?offset=0&fence=\(run.lease.fence)"
        #expect(try rig.ask(.post, log, token: token, Array("last\n".utf8)).status == 200)
        #expect(try memory(of: rig) == [])
    }

    @Test func `Refusals about a finished job name its stage`() throws {
        let (id, run) = try shipped("a")
        let cancel = try rig.ask(.post, "/fleet/jobs/\(id)/cancel")
        #expect(cancel.status == 409 && cancel.problem?.code == "stage.illegal")
        #expect(cancel.problem?.detail.contains("shipped") == true)
        let late = try rig.report(run, [.started(RunStarted())], token: token)
        #expect(late.status == 409 && late.problem?.code == "lease.stale")
        #expect(try rig.report(run, [.merged("merge-a")], token: token).status == 200)
        #expect(try memory(of: rig) == [])
    }

    @Test func `A list has open and finished jobs once each, with true totals`() throws {
        let jobs = try (1...9).map { number in
            let product = number % 2 == 0 ? "side" : "main"
            return try number % 3 == 0
                ? submit("k\(number)", product: product) : failed("k\(number)", product: product)
        }
        // Once with rows that lie behind, and once without.
        try checkLists(of: jobs)
        #expect(try memory(of: rig) == [jobs[2], jobs[5], jobs[8]])
        try checkLists(of: jobs)
    }

    private func checkLists(of jobs: [JobID]) throws {
        #expect(try list().jobs.map(\.id) == jobs && list().total == 9)
        let pages = [try list("limit=4"), try list("limit=4&after=\(jobs[3])")]
        #expect(pages.map { $0.jobs.map(\.id) } == [Array(jobs[0...3]), Array(jobs[4...7])])
        #expect(pages.map(\.total) == [9, 9])
        #expect(pages.map(\.next) == [jobs[3].description, jobs[7].description])
        #expect(try list("limit=4&after=\(jobs[7])").next == nil)
        let failures = try list("stage=failed&product=side&limit=2")
        #expect(failures.jobs.map(\.id) == [jobs[1], jobs[3]] && failures.total == 3)
        #expect(failures.next == jobs[3].description)
        #expect(failures.jobs.first?.reason?.hasPrefix("cancelled") == true)
        let queued = try list("stage=queued&product=side")
        #expect(queued.jobs.map(\.id) == [jobs[5]] && queued.total == 1)
        #expect(try list("stage=shipped").total == 0)
        #expect(try list("product=none").jobs.isEmpty)
        let status = try rig.value(FleetStatus.self, rig.ask(.get, "/fleet/stats"))
        #expect(status.stages["failed"] == 6 && status.stages["queued"] == 3)
    }

    @Test func `A requeue brings a finished job back, its key still stands for it`() throws {
        let id = try failed("k")
        #expect(try memory(of: rig) == [])
        #expect(try submit("k") == id)
        #expect(try rig.ask(.post, "/fleet/jobs/\(id)/requeue").status == 200)
        #expect(try memory(of: rig) == [id])
        #expect(try list("stage=failed").total == 0)
        #expect(try list("stage=queued").jobs.map(\.id) == [id])
        let run = try #require(try rig.claim("c", token: token).first)
        #expect(run.lease.job == id && run.lease.attempt == 1)
    }

    @Test func `A restart loads what is open and what that depends on`() throws {
        let gone = try failed("gone")
        let (needed, _) = try shipped("needed")
        let open = try submit("open", deps: "deps: [needed]")
        #expect(try memory(of: rig) == [needed, open])
        rig.server.stop()

        let second = try ServerRig(disk: rig.disk)
        #expect(try memory(of: second) == [needed, open])
        let list = try second.value(JobList.self, second.ask(.get, "/fleet/jobs"))
        #expect(list.jobs.map(\.id) == [gone, needed, open] && list.total == 3)
        let run = try #require(try second.claim("c", token: token).first)
        #expect(run.lease.job == open && run.mustContain == ["merge-needed", "merge-needed"])
        second.server.stop()
        let store = MemoryStore(on: rig.disk)
        #expect(try Replay.check(store, against: store.load()).differences == [])
    }
}
