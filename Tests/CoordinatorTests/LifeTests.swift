import FleetModel
import FleetProtocol
import FleetTesting
import HTTPServing
import Testing

@testable import Coordinator

/// The way of a job over a real socket.
struct LifeTests {

    @Test func `A job goes from submission to testing, and every step can be looked at`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        let id = try rig.submit()
        let waiting = try rig.value(WhyReply.self, rig.ask(.get, "/fleet/jobs/\(id)/decision"))
        #expect(waiting.placed == false)
        #expect(waiting.condition == "no-capable-factory")

        let token = try rig.enlist()
        let run = try #require(try rig.claim("c-1", token: token).first)
        #expect(run.lease.job == id && run.prompt.contains("Do it well."))
        #expect(try rig.report(run, [.started(RunStarted())], token: token).status == 200)
        #expect(try detail(rig, id).summary.stage == .building)

        let log = "/fleet/runs/\(run.lease.run)/log?fence=\(run.lease.fence)&offset="
        let chunk = try rig.ask(.post, log + "0", token: token, Array("hello\n".utf8))
        #expect(try rig.value(LogReply.self, chunk).acknowledged == 6)
        #expect(try rig.ask(.get, "/fleet/runs/\(run.lease.run)/log?offset=2").text == "llo\n")
        #expect(
            try rig.ask(.post, log + "9", token: token, [1]).problem?.code
                == "log.gap"
        )

        #expect(try rig.ask(.get, "/fleet/jobs/\(id)/diff").problem?.code == "job.no-diff")
        let artifact = "/fleet/runs/\(run.lease.run)/artifacts/diff?fence=\(run.lease.fence)"
        let diff = Array("--- a\n+++ b\n".utf8)
        #expect(try rig.ask(.put, artifact, token: token, diff).status == 204)
        let items: [RunReportItem] =
            [.finished(RunFinished(candidate: .example()))]
            + Evidence.all().map { .evidence($0) } + [.evidenceComplete]
        let receipt = try rig.value(Receipt.self, rig.report(run, items, token: token))
        #expect(receipt.stage == nil || receipt.stage == .testing)

        let ended = try detail(rig, id)
        #expect(ended.summary.stage == .testing)
        #expect(ended.evidence.count == 3)
        #expect(try rig.ask(.get, "/fleet/jobs/\(id)/diff").body == diff)
        let why = try rig.value(WhyReply.self, rig.ask(.get, "/fleet/jobs/\(id)/decision"))
        #expect(why.placed && why.factory == "f")

        let lines = try rig.ask(.get, "/fleet/jobs/\(id)/events").body.split(separator: 10)
        let kinds = try lines.map { try EventCodec.event(of: $0).kind }
        #expect(kinds.first == .jobSubmitted && kinds.contains(.jobPassed))
        #expect(kinds.count == ended.events)
    }

    @Test func `A submission is told which open jobs may change the same files`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        let scoped = "---\nrepo: shop\nallowed-scope: [a/b/]\n---\nDo it well."
        let first = try rig.submit(scoped)
        let headers: HTTPHeaders = ["Content-Type": "text/markdown"]
        let response = try rig.ask(.post, "/fleet/jobs", Array(scoped.utf8), headers: headers)
        let reply = try rig.value(SubmitReply.self, response)
        #expect(
            reply.jobs.map(\.notes) == [
                [
                    "job-2 may change the same files as \(first), so they run one at a time: "
                        + "a/b/ overlaps a/b/ of \(first)"
                ]
            ]
        )
        let listed = try rig.ask(.get, "/fleet/jobs?condition=waiting-overlap")
        #expect(listed.status == 200, "nobody waits yet: \(listed.text)")
    }

    @Test func `A stale fence is refused with an error of its own`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        let id = try rig.submit()
        let token = try rig.enlist()
        let run = try #require(try rig.claim("c-1", token: token).first)
        #expect(try rig.ask(.post, "/fleet/jobs/\(id)/requeue").status == 200)
        let stale = try rig.report(run, [.started(RunStarted())], token: token)
        #expect(stale.status == 409 && stale.problem?.code == "lease.stale")
        let next = try #require(try rig.claim("c-2", token: token).first)
        #expect(next.lease.fence > run.lease.fence)
        for path in ["log?offset=0&fence=", "artifacts/diff?fence="] {
            let old = "/fleet/runs/\(run.lease.run)/\(path)\(run.lease.fence)"
            let method: HTTPMethod = path.hasPrefix("log") ? .post : .put
            let refused = try rig.ask(method, old, token: token, [65])
            #expect(refused.status == 409 && refused.problem?.code == "lease.stale")
        }
        #expect(rig.folder.names(in: "runs") == [])
    }

    @Test func `A factory may not report another factory's run`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        try rig.submit()
        let (token, other) = (try rig.enlist("f"), try rig.enlist("g"))
        let run = try #require(try rig.claim("c-1", token: token).first)
        let response = try rig.report(run, [.started(RunStarted())], token: other)
        #expect(!response.isSuccess)
        let log = "/fleet/runs/\(run.lease.run)/log?fence=\(run.lease.fence)&offset=0"
        #expect(try rig.ask(.post, log, token: other, [65]).status == 409)
        let claim = ClaimRequest(
            id: "c-2",
            factory: "f",
            boot: "boot-1",
            free: [],
            takesShip: false,
            waitMilliseconds: 0
        )
        let foreign = try rig.send(.post, "/fleet/leases/claim", token: other, claim)
        #expect(foreign.problem?.code == "auth.other-factory")
    }

    @Test func `What was acknowledged is there after a restart`() throws {
        let first = try ServerRig()
        try first.furnish()
        let id = try first.submit()
        first.server.stop()
        let second = try ServerRig(disk: first.disk)
        #expect(try detail(second, id).summary.stage == .queued)
        #expect(try second.submit() != id)
    }

    private func detail(_ rig: ServerRig, _ id: JobID) throws -> JobDetail {
        try rig.value(JobDetail.self, rig.ask(.get, "/fleet/jobs/\(id)"))
    }
}
