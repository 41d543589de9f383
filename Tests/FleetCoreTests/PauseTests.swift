import FleetCore
import FleetModel
import FleetTesting
import Testing

/// Pausing jobs and products, and letting them go on.
@Suite struct PauseTests {
    private let id = JobID(1)

    private func arranged(_ edit: (inout Manifest) -> Void = { _ in }) -> TestFleet {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example(edit: edit))
        return fleet
    }

    private func kept(session: String? = "s-1") -> Checkpoint {
        Checkpoint(factory: "other", engine: "shell", session: session, commit: "wip", base: "base")
    }

    @Test func `a paused job is not placed, and goes on where it stood`() {
        var fleet = arranged()
        fleet.run(.pause(id, reason: "wait for the design", by: .alice))
        #expect(fleet.claim("mac").isEmpty)
        #expect(fleet.condition(of: id)?.name == .paused)
        #expect(fleet.condition(of: id)?.reason.contains("wait for the design") == true)
        fleet.run(.resumeJob(id, reason: "it is here", by: .alice))
        #expect(fleet.stage(id) == .assigned, "the waiting claim takes it at once")
    }

    @Test func `pausing twice is one pause, and a second resume is refused`() {
        var fleet = arranged()
        #expect(fleet.run(.pause(id, reason: "a", by: .alice)).events.count == 1)
        #expect(fleet.run(.pause(id, reason: "b", by: .alice)).events.isEmpty)
        fleet.run(.resumeJob(id, reason: "", by: .alice))
        let refusal = fleet.refusal(of: .resumeJob(id, reason: "", by: .alice))
        #expect(refusal?.code == "job.not-paused")
    }

    @Test func `a running job is asked to stop, and its work in progress comes back`() throws {
        var fleet = arranged()
        let run = fleet.build(id, on: "mac")
        fleet.run(.pause(id, reason: "lunch", by: .alice))
        let order = try #require(fleet.orders.last)
        #expect(order.kind == .pause && order.job == id && order.fence == run.lease.fence)
        #expect(fleet.stage(id) == .building, "until the worker has stopped")
        #expect(fleet.condition(of: id)?.name == .stopping)
        let held = HeldLease(job: id, fence: run.lease.fence)
        #expect(fleet.beat("mac", held: [held])?.orders.map(\.kind) == [.pause], "repeated")
        fleet.report(run, .checkpointed(kept()), .stopped(.preempted, reason: "paused"))
        #expect(fleet.stage(id) == .queued)
        #expect(fleet.condition(of: id)?.name == .paused)
        #expect(fleet.job(id).retriesUsed == 0)
        #expect(fleet.claim("mac").isEmpty)
        fleet.run(.resumeJob(id, reason: "", by: .alice))
        let next = try #require(fleet.takeAnswers().flatMap(\.leases).last)
        #expect(next.checkpoint?.commit == "wip")
        #expect(next.checkpoint?.factory == "mac", "whoever reported it, whatever it says")
        #expect(
            fleet.kinds(of: id).suffix(7) == [
                .jobPauseRequested, .runCheckpointed, .leaseReleased, .jobPaused, .jobResumed,
                .leaseGranted, .jobAssigned,
            ]
        )
    }

    @Test(arguments: [true, nil])
    func `kept work without a session is placed where its commit surely is`(isFinished: Bool?) {
        for other in ["abc", "xyz"] {
            var fleet = arranged()
            let run = fleet.build(id, on: "mac")
            fleet.run(.pause(id, reason: "lunch", by: .alice))
            var work = kept(session: nil)
            work.isFinished = isFinished
            fleet.report(run, .checkpointed(work), .stopped(.preempted, reason: "paused"))
            fleet.register(FactoryID(other))
            fleet.beatNow("mac")
            fleet.claim(FactoryID(other))
            fleet.claim("mac")
            fleet.takeAnswers()
            fleet.run(.resumeJob(id, reason: "", by: .alice))
            #expect(fleet.takeAnswers().filter { !$0.isEmpty }.map(\.factory.name) == ["mac"])
        }
    }

    @Test(arguments: [true, false])
    func `a worker that is lost while it should stop leaves a paused job`(isExpiry: Bool) {
        var fleet = arranged()
        fleet.build(id, on: "mac")
        fleet.run(.pause(id, reason: "lunch", by: .alice))
        if isExpiry {
            for _ in 0..<12 { fleet.tick(after: .seconds(15)) }
        } else {
            fleet.register("mac", boot: "boot-2")
        }
        #expect(fleet.stage(id) == .queued)
        #expect(fleet.condition(of: id)?.name == .paused)
        #expect(fleet.kinds(of: id).last == .jobPaused)
        fleet.register("mac", boot: "boot-3")
        #expect(fleet.claim("mac").isEmpty)
        #expect(fleet.replayed() == fleet.state)
    }

    @Test func `a failure that comes first is retried only after the pause`() {
        var fleet = arranged { $0.retry = RetryPolicy(max: 1, backoff: .zero, on: [.timeout]) }
        let run = fleet.build(id, on: "mac")
        fleet.run(.pause(id, reason: "lunch", by: .alice))
        fleet.report(run, .failed(.timeout))
        fleet.tick(after: .seconds(9))
        fleet.beatNow("mac")
        #expect(fleet.condition(of: id)?.name == .paused)
        #expect(fleet.claim("mac").isEmpty)
        #expect(fleet.job(id).retriesUsed == 1)
    }

    @Test func `a job that passes before it stops ships only after a resume, and then by itself`()
        throws
    {
        var fleet = arranged { $0.reviewPolicy = .auto }
        let run = fleet.finish(id, on: "mac")
        fleet.run(.pause(id, reason: "not yet", by: .alice))
        fleet.judge(run)
        #expect(fleet.stage(id) == .testing)
        let condition = try #require(fleet.condition(of: id))
        #expect(condition.name == .paused)
        #expect(condition.reason.contains("not yet"))
        #expect(condition.endsWhen == "giga resume \(id)")
        #expect(fleet.claim("mac").isEmpty)
        #expect(fleet.run(.pause(id, reason: "again", by: .alice)).events.isEmpty)
        let refusal = fleet.refusal(of: .ship(id, by: .alice))
        #expect(refusal?.code == "job.paused")
        #expect(refusal?.hint == "giga resume \(id)")
        fleet.run(.resumeJob(id, reason: "now", by: .alice))
        #expect(fleet.kinds(of: id).suffix(3).contains(.shipRequested))
        #expect(fleet.job(id).lease?.kind == .ship, "the waiting claim takes it at once")
        #expect(fleet.replayed() == fleet.state)
    }

    @Test func `a manual job that passes before it stops waits for its ship when it is let go`() {
        var fleet = arranged()
        let run = fleet.finish(id, on: "mac")
        fleet.run(.pause(id, reason: "not yet", by: .alice))
        fleet.judge(run)
        #expect(fleet.condition(of: id)?.name == .paused)
        fleet.run(.resumeJob(id, reason: "now", by: .alice))
        #expect(fleet.condition(of: id)?.name == .awaitingShip)
        fleet.run(.ship(id, by: .alice))
        #expect(fleet.job(id).lease?.kind == .ship || fleet.condition(of: id)?.name == .shipping)
    }

    @Test func `reviewers and promoters say yes to a paused job, and it ships when it is let go`() {
        var fleet = TestFleet(repository: .unproven)
        fleet.register("mac")
        fleet.issue("bob")
        fleet.submit(.example { $0.reviewPolicy = .auto })
        fleet.submit(.example("b") { $0.reviewPolicy = .reviewers(["bob"], quorum: 1) })
        for id in [JobID(1), JobID(2)] {
            let run = fleet.finish(id, on: "mac")
            fleet.run(.pause(id, reason: "not yet", by: .alice))
            fleet.judge(run, verify: .skipped)
            #expect(fleet.stage(id) == .review)
            #expect(fleet.condition(of: id)?.reason.contains("not yet") == true)
        }
        fleet.run(.promote(JobID(1), by: .alice))
        fleet.run(.approving(JobID(2), by: .person("bob")))
        for id in [JobID(1), JobID(2)] {
            #expect(fleet.stage(id) == .testing)
            #expect(fleet.condition(of: id)?.name == .paused)
            #expect(fleet.job(id).shipRequest == nil)
            fleet.run(.resumeJob(id, reason: "now", by: .alice))
            #expect(fleet.job(id).shipRequest != nil)
        }
    }

    @Test func `a paused job that passed goes back to the queue as what it is, paused`() {
        var fleet = arranged { $0.reviewPolicy = .auto }
        let run = fleet.finish(id, on: "mac")
        fleet.run(.pause(id, reason: "not yet", by: .alice))
        fleet.judge(run)
        fleet.run(.requeue(id, reason: "from the start", by: .alice))
        #expect(fleet.stage(id) == .queued)
        #expect(fleet.condition(of: id)?.name == .paused)
        #expect(fleet.replayed() == fleet.state)
    }

    @Test func `a pause while the gates run keeps the finished work for the next attempt`() throws {
        var fleet = arranged { $0.reviewPolicy = .auto }
        let run = fleet.finish(id, on: "mac")
        fleet.report(run, .evidence(.example(.scope)))
        fleet.run(.pause(id, reason: "lunch", by: .alice))
        #expect(fleet.condition(of: id)?.name == .stopping)
        var done = kept()
        done.isFinished = true
        fleet.report(run, .checkpointed(done), .stopped(.preempted, reason: "paused"))
        #expect(fleet.stage(id) == .queued)
        #expect(fleet.condition(of: id)?.name == .paused)
        #expect(fleet.job(id).retriesUsed == 0)
        #expect(fleet.job(id).candidate == nil && fleet.job(id).evidence.isEmpty)
        fleet.run(.resumeJob(id, reason: "", by: .alice))
        fleet.claim("mac")
        let next = try #require(fleet.takeAnswers().flatMap(\.leases).last)
        #expect(next.checkpoint?.commit == "wip")
        #expect(next.checkpoint?.isFinished == true)
        #expect(fleet.replayed() == fleet.state)
    }

    @Test func `a pause that was withdrawn in time leaves no trace in the queue`() {
        var fleet = arranged()
        let run = fleet.build(id, on: "mac")
        fleet.run(.pause(id, reason: "lunch", by: .alice))
        fleet.run(.resumeJob(id, reason: "no lunch", by: .alice))
        fleet.report(run, .stopped(.preempted, reason: "paused"))
        #expect(fleet.condition(of: id)?.name == .noFreeStation)
        #expect(fleet.claim("mac").map(\.lease.job) == [id])
    }

    @Test func `what nobody works on cannot be paused, and what ends neither`() {
        var fleet = TestFleet(repository: .unproven)
        fleet.register("mac")
        fleet.submit(.example())
        fleet.prove(id, on: "mac", verify: .skipped)
        #expect(fleet.refusal(of: .pause(id, reason: "", by: .alice))?.code == "job.waits-already")
        fleet.submit(.example("b"))
        fleet.build(JobID(2), on: "mac")
        fleet.run(.cancel(JobID(2), reason: "no", by: .alice))
        let refusal = fleet.refusal(of: .pause(JobID(2), reason: "", by: .alice))
        #expect(refusal?.code == "job.stopping")
    }

    @Test func `a paused product starts nothing, and others go on`() {
        var fleet = arranged { $0.product = "side" }
        fleet.submit(.example("b"))
        fleet.run(.pauseProduct("side", reason: "audit", by: .alice))
        #expect(fleet.claim("mac", free: 2).map(\.lease.job) == [JobID(2)])
        #expect(fleet.condition(of: id)?.reason.contains("audit") == true)
        fleet.submit(.example("c") { $0.product = "side" })
        #expect(fleet.claim("mac").isEmpty, "a newcomer waits too")
        #expect(fleet.events.last { $0.kind == .productPaused }?.product == "side")
        fleet.restart()
        #expect(fleet.state.pausedProducts["side"]?.reason == "audit")
        fleet.run(.resumeProduct("side", reason: "", by: .alice))
        fleet.register("mac", boot: "boot-2")
        #expect(fleet.claim("mac", free: 2).count == 2)
    }

    @Test(arguments: ["fleet", "No Product", ""])
    func `what is no product cannot be paused`(name: String) {
        var fleet = TestFleet()
        let refusal = fleet.refusal(of: .pauseProduct(name, reason: "", by: .alice))
        #expect(refusal?.code == "product.bad-name")
    }

    @Test func `a product that is not paused cannot be resumed`() {
        var fleet = TestFleet()
        let refusal = fleet.refusal(of: .resumeProduct("side", reason: "", by: .alice))
        #expect(refusal?.code == "product.not-paused")
    }
}
