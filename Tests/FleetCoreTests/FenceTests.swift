import FleetCore
import FleetModel
import FleetTesting
import Testing

@Suite struct FenceTests {
    @Test func `fences rise with every grant, ship runs included`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example())
        fleet.build(JobID(1), on: "mac")
        fleet.register("mac", boot: "boot-2")
        fleet.ship(JobID(1), on: "mac")
        let fences = fleet.events.compactMap { event -> UInt64? in
            if case .leaseGranted(let lease) = event.body { lease.fence } else { nil }
        }
        #expect(fences == [1, 2, 3])
    }

    @Test func `a report under an older fence is refused and changes nothing`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.register("pc")
        fleet.submit(.example())
        let zombie = fleet.build(JobID(1), on: "mac")
        fleet.register("mac", boot: "boot-2")
        fleet.build(JobID(1), on: "pc")
        let before = fleet.state
        let refusal = fleet.refusal(of: zombie, .finished(RunFinished(candidate: .example())))
        #expect(refusal?.code == "lease.stale")
        #expect(refusal?.kind == .staleFence)
        #expect(refusal?.why.contains("fence 1 was followed by 2") == true)
        #expect(fleet.state == before)
    }

    @Test func `a report with the right fence from another factory is refused`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.register("pc")
        fleet.submit(.example())
        let run = fleet.build(JobID(1), on: "mac")
        let report = RunReport.of(run, [.failed(.engineFailed)])
        #expect(fleet.refusal(of: .report(report, by: "pc"))?.code == "lease.stale")
    }

    @Test func `a report that names no run or an unknown job is refused`() {
        var fleet = TestFleet()
        for (name, code) in [("nonsense", "run.unknown"), ("job-9.1", "job.unknown")] {
            let report = RunReport(run: name, fence: 1, items: [.evidenceComplete])
            #expect(fleet.refusal(of: .report(report, by: "mac"))?.code == code)
        }
    }

    @Test func `every report may be repeated without harm`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example())
        let run = fleet.grant(JobID(1), to: "mac")
        let steps: [[RunReportItem]] = [
            [.started(RunStarted())], [.finished(RunFinished(candidate: .example()))],
            Evidence.all().map(RunReportItem.evidence), [.evidenceComplete],
        ]
        var heard: [[RunReportItem]] = []
        for step in steps {
            fleet.run(.report(.of(run, step), by: "mac"))
            heard.append(step)
            let events = fleet.events
            for earlier in heard { fleet.run(.report(.of(run, earlier), by: "mac")) }
            #expect(fleet.events == events, "after \(step)")
        }
        #expect(fleet.stage(JobID(1)) == .testing)
    }

    @Test func `a repeated report of a failure is no second failure`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example())
        let run = fleet.build(JobID(1), on: "mac")
        fleet.report(run, .failed(.timeout))
        fleet.report(run, .failed(.timeout))
        #expect(fleet.job(JobID(1)).retriesUsed == 1)
        #expect(fleet.stage(JobID(1)) == .queued)
    }

    @Test func `a late report of a lease that was taken away is stale, not repeated`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example())
        let run = fleet.finish(JobID(1), on: "mac")
        fleet.run(.requeue(JobID(1), reason: "again", by: .alice))
        #expect(fleet.refusal(of: run, .evidenceComplete)?.code == "lease.stale")
    }

    @Test func `a worker that stopped for a cancel may say so twice`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example())
        let run = fleet.build(JobID(1), on: "mac")
        fleet.run(.cancel(JobID(1), reason: "no", by: .alice))
        for _ in 0..<2 { fleet.report(run, .stopped(.cancelled, reason: "told to")) }
        #expect(fleet.stage(JobID(1)) == .failed)
        #expect(fleet.job(JobID(1)).runs.last?.outcome == "cancelled")
        #expect(fleet.job(JobID(1)).runs.last?.endedAt == fleet.now)
    }

    @Test func `a report counts whole or not at all`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example())
        let run = fleet.grant(JobID(1), to: "mac")
        let events = fleet.events
        let refusal = fleet.refusal(of: run, .started(RunStarted()), .evidenceComplete)
        #expect(refusal?.code == "run.out-of-turn")
        #expect(fleet.stage(JobID(1)) == .assigned)
        #expect(fleet.events == events)
        #expect(fleet.replayed() == fleet.state)
    }

    @Test func `evidence of another commit is refused`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example())
        let run = fleet.finish(JobID(1), on: "mac")
        let other = RunReportItem.evidence(.example(.verify, commit: "commit-2"))
        #expect(fleet.refusal(of: run, other)?.code == "evidence.other-commit")
    }

    @Test(arguments: Evidence.Gate.allCases)
    func `nothing is judged while a gate is missing`(gate: Evidence.Gate) {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example())
        let run = fleet.finish(JobID(1), on: "mac")
        for item in Evidence.all() where item.gate != gate { fleet.report(run, .evidence(item)) }
        #expect(fleet.refusal(of: run, .evidenceComplete)?.code == "evidence.missing")
        fleet.report(run, .evidence(.example(gate, .skipped)))
        let refusal = fleet.refusal(of: run, .evidenceComplete)
        #expect((refusal == nil) == (gate == .verify), "only verify may be skipped")
    }
}
