import FleetModel
import FleetProtocol
import FleetTesting
import HTTPServing
import Testing

@testable import Coordinator

/// `GET /metrics` over a real socket.
struct MetricsRouteTests {
    private func samples(_ rig: ServerRig) throws -> [Substring: Substring] {
        let response = try rig.ask(.get, "/metrics")
        #expect(response.status == 200)
        #expect(response.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
        let lines = response.text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        return Dictionary(
            lines.map { line in
                let blank = line.lastIndex(of: " ") ?? line.endIndex
                return (line[..<blank], line[blank...].dropFirst())
            },
            uniquingKeysWith: { first, _ in
                Issue.record("\(first) is there twice")
                return first
            }
        )
    }

    @Test func `who has no right to read learns nothing`() throws {
        let rig = try ServerRig()
        #expect(try rig.ask(.get, "/metrics", token: "wrong").status == 401)
        #expect(try rig.ask(.get, "/metrics", token: nil).status == 200)
        #expect(try rig.ask(.post, "/metrics").status == 405)
        #expect(try rig.ask(.get, "/metrics?name=x").problem?.code == "request.unknown-parameter")
    }

    @Test func `refusals and streams are requests too, and each is counted once`() throws {
        let rig = try ServerRig()
        for _ in 0..<3 { _ = try rig.ask(.get, "/fleet/jobs/job-9") }
        _ = try rig.ask(.post, "/fleet/halt", token: "wrong")
        let figures = try samples(rig)
        #expect(figures["giga_http_requests_total{call=\"readJob\",code=\"4xx\"}"] == "3")
        #expect(figures["giga_http_requests_total{call=\"haltFleet\",code=\"4xx\"}"] == "1")
        #expect(figures["giga_http_request_duration_seconds_count{call=\"readJob\"}"] == "3")
        #expect(
            figures["giga_http_requests_total{call=\"readMetrics\",code=\"2xx\"}"] == nil,
            "the answer that is being written is not given yet"
        )
        let next = try samples(rig)
        #expect(next["giga_http_requests_total{call=\"readMetrics\",code=\"2xx\"}"] == "1")
    }

    @Test func `a life of a job is in the figures as soon as it is answered`() throws {
        let rig = try ServerRig()
        try rig.furnish()
        try rig.submit()
        try rig.submit()
        #expect(try samples(rig)["giga_jobs{stage=\"queued\"}"] == "2")
        let token = try rig.enlist()
        let run = try #require(try rig.claim("c-1", token: token).first)
        #expect(try rig.report(run, [.started(RunStarted())], token: token).status == 200)
        let building = try samples(rig)
        #expect(building["giga_jobs{stage=\"building\"}"] == "1")
        #expect(building["giga_leases{kind=\"attempt\"}"] == "1")
        #expect(building["giga_stations{state=\"busy\"}"] == "1")
        #expect(building["giga_factories{state=\"present\"}"] == "1")
        #expect(building["giga_job_assign_latency_seconds_count"] == "1")
        let ends = "giga_run_duration_seconds_count{kind=\"attempt\",outcome=\"ended\"}"
        #expect(building[ends[...]] == nil)

        let candidate = Candidate.example()
        let items: [RunReportItem] =
            [.finished(RunFinished(candidate: candidate, spendMicroUSD: 1_250_000))]
            + Evidence.all().map { .evidence($0) } + [.evidenceComplete]
        #expect(try rig.report(run, items, token: token).status == 200)
        let ended = try samples(rig)
        #expect(ended["giga_spend_usd_total"] == "1.25")
        #expect(ended["giga_gate_verdicts_total{gate=\"verify\",verdict=\"passed\"}"] == "1")
        #expect(ended["giga_gate_verdicts_total{gate=\"verify\",verdict=\"failed\"}"] == "0")
        #expect(ended[ends[...]] == "1")
        #expect(ended["giga_jobs_submitted_total"] == "2")
        #expect(ended["giga_build_info{version=\"0.0.1\"}"] == "1")
        let status = try rig.value(FleetStatus.self, rig.ask(.get, "/fleet/stats"))
        for (stage, count) in status.stages {
            #expect(ended["giga_jobs{stage=\"\(stage)\"}"] == "\(count)")
        }
        let commits = Int(ended["giga_commit_duration_seconds_count"] ?? "") ?? 0
        #expect(commits > 5 && ended["giga_commit_events_count"] == "\(commits)")
        #expect(ended["giga_commit_events_sum"] == "\(status.position)")
    }
}
