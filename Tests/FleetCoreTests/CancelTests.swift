import FleetCore
import FleetModel
import FleetTesting
import Testing

@Suite struct CancelTests {
    private let id = JobID(1)

    private func fleet() -> TestFleet {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example())
        return fleet
    }

    private func shipping() -> (TestFleet, GrantedRun) {
        var fleet = fleet()
        fleet.prove(id, on: "mac")
        fleet.run(.ship(id, by: .alice))
        let run = fleet.grant(id, to: "mac")
        fleet.report(run, .shipBegins)
        return (fleet, run)
    }

    @Test func `a queued job is cancelled at once`() {
        var fleet = fleet()
        fleet.run(.cancel(id, reason: "not wanted", by: .alice))
        #expect(fleet.stage(id) == .failed)
        #expect(fleet.claim("mac").isEmpty)
    }

    @Test func `a running job is stopped by order and fails when its worker says so`() {
        var fleet = fleet()
        let run = fleet.build(id, on: "mac")
        fleet.run(.cancel(id, reason: "not wanted", by: .alice))
        #expect(fleet.stage(id) == .building)
        #expect(fleet.condition(of: id)?.name == .stopping)
        #expect(fleet.orders.last?.kind == .cancel)
        #expect(fleet.orders.last?.fence == run.lease.fence)
        let held = [HeldLease(job: id, fence: run.lease.fence)]
        #expect(fleet.beat("mac", held: held)?.orders.map(\.kind) == [.cancel], "repeated")
        fleet.report(run, .stopped(.cancelled, reason: "told to"))
        #expect(fleet.stage(id) == .failed)
        #expect(fleet.job(id).cancelRequest == nil)
    }

    @Test func `a running job whose factory is gone fails when its lease ends`() {
        var fleet = fleet()
        fleet.build(id, on: "mac")
        fleet.run(.cancel(id, reason: "not wanted", by: .alice))
        fleet.pass(.seconds(60), beating: [])
        #expect(fleet.stage(id) == .failed)
        #expect(fleet.kinds(of: id).last == .jobFailed)
    }

    /// The gates may pass before the worker hears of the order: the word came first.
    @Test(
        arguments: [ReviewPolicy.auto, .manual],
        [(Evidence.Verdict.passed, true), (.passed, false), (.skipped, true), (.failed, true)]
    )
    func `what is cancelled while it runs fails whatever its gates say`(
        policy: ReviewPolicy,
        told: (verify: Evidence.Verdict, isCancelled: Bool)
    ) {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example { $0.reviewPolicy = policy })
        let run = fleet.finish(id, on: "mac")
        fleet.run(
            told.isCancelled
                ? .cancel(id, reason: "not wanted", by: .alice)
                : .reject(id, reason: "not wanted", by: .alice)
        )
        fleet.judge(run, verify: told.verify)
        guard case .jobFailed(let gaveUp) = fleet.events.last?.body else {
            Issue.record("it did not fail: \(fleet.stage(id))")
            return
        }
        #expect(gaveUp.cause == (told.isCancelled ? .cancelled : .rejected))
        #expect(fleet.stage(id) == .failed)
        #expect(fleet.job(id).lease == nil)
        #expect(!fleet.kinds(of: id).contains(.jobPassed))
        #expect(fleet.claim("mac").isEmpty, "nothing of it ships")
    }

    @Test func `cancelling twice is one cancel`() {
        var fleet = fleet()
        fleet.build(id, on: "mac")
        fleet.run(.cancel(id, reason: "a", by: .alice))
        let events = fleet.events
        fleet.run(.cancel(id, reason: "b", by: .alice))
        fleet.run(.reject(id, reason: "c", by: .alice))
        #expect(fleet.events == events)
    }

    @Test func `rejected work fails as rejected, running or not`() {
        var fleet = fleet()
        let run = fleet.build(id, on: "mac")
        fleet.run(.reject(id, reason: "bad idea", by: .alice))
        let reason = fleet.condition(of: id)?.reason ?? ""
        #expect(reason.hasSuffix("rejected it: bad idea"), "\(reason)")
        fleet.report(run, .stopped(.cancelled, reason: "told to"))
        guard case .jobFailed(let gaveUp) = fleet.events.last?.body else {
            Issue.record("it did not fail")
            return
        }
        #expect(gaveUp.cause == .rejected)
        #expect(gaveUp.reason == "bad idea")
    }

    @Test func `during a ship the job is cancelling until the run reports`() {
        var (fleet, run) = shipping()
        fleet.run(.cancel(id, reason: "stop", by: .alice))
        #expect(fleet.stage(id) == .testing)
        #expect(fleet.condition(of: id)?.name == .cancelling)
        fleet.report(run, .shipRefused(.targetMoved, detail: []))
        #expect(fleet.stage(id) == .failed)
    }

    @Test func `a ship that had landed wins over the cancel`() {
        var (fleet, run) = shipping()
        fleet.run(.cancel(id, reason: "stop", by: .alice))
        fleet.report(run, .merged("merge-1"))
        #expect(fleet.stage(id) == .shipped)
        #expect(fleet.job(id).cancelRequest == nil)
    }

    @Test func `when the ship run is lost another looks, and ships nothing`() {
        var (fleet, run) = shipping()
        fleet.run(.cancel(id, reason: "stop", by: .alice))
        fleet.pass(.seconds(60), beating: [])
        #expect(fleet.stage(id) == .testing)
        fleet.beat("mac")
        let look = fleet.grant(id, to: "mac")
        #expect(look.onlyLooks)
        #expect(look.lease.fence == run.lease.fence + 1)
        fleet.report(look, .shipRefused(.absent, detail: []))
        #expect(fleet.stage(id) == .failed)
    }

    @Test func `a look that was overtaken has seen nothing, so another looks`() {
        var (fleet, run) = shipping()
        fleet.run(.cancel(id, reason: "stop", by: .alice))
        fleet.report(run, .shipRefused(.overtaken, detail: []))
        #expect(fleet.stage(id) == .testing)
        #expect(fleet.grant(id, to: "mac").onlyLooks)
    }

    @Test(arguments: [true, false])
    func `after a lost ship run nobody gives up or begins anew without a look`(rejects: Bool) {
        var (fleet, _) = shipping()
        fleet.pass(.seconds(60), beating: [])
        #expect(fleet.stage(id) == .testing)
        let requeue = fleet.refusal(of: .requeue(id, reason: "again", by: .alice))
        #expect(requeue?.code == "job.already-shipping")
        #expect(requeue?.why.contains("may be on main already") == true)
        fleet.run(
            rejects
                ? .reject(id, reason: "no", by: .alice) : .cancel(id, reason: "no", by: .alice)
        )
        #expect(fleet.condition(of: id)?.name == .cancelling)
        fleet.beat("mac")
        let look = fleet.grant(id, to: "mac")
        #expect(look.onlyLooks)
        fleet.report(look, .merged("merge-1"))
        #expect(fleet.stage(id) == .shipped, "it had landed")
    }

    @Test(arguments: [true, false])
    func `a ship run that could not see the target settles nothing`(isCancelledBefore: Bool) {
        var (fleet, run) = shipping()
        if isCancelledBefore { fleet.run(.cancel(id, reason: "no", by: .alice)) }
        fleet.report(run, .shipRefused(.unseen, detail: ["no route to host"]))
        #expect(fleet.stage(id) == .testing)
        let requeue = fleet.refusal(of: .requeue(id, reason: "again", by: .alice))
        #expect(requeue?.code == "job.already-shipping", "it would ship twice")
        if !isCancelledBefore { fleet.run(.cancel(id, reason: "no", by: .alice)) }
        #expect(fleet.condition(of: id)?.name == .cancelling)
        fleet.pass(.seconds(5), beating: ["mac"])
        let look = fleet.grant(id, to: "mac")
        #expect(look.onlyLooks)
        fleet.report(look, .merged("merge-1"))
        #expect(fleet.stage(id) == .shipped, "it had landed")
    }

    @Test func `looks that see nothing do not make up for a run that was lost`() {
        var (fleet, _) = shipping()
        fleet.pass(.seconds(60), beating: [])
        fleet.run(.cancel(id, reason: "no", by: .alice))
        for _ in 1...7 {
            fleet.pass(.seconds(30), beating: ["mac"])
            let look = fleet.grant(id, to: "mac")
            #expect(look.onlyLooks)
            fleet.report(look, .shipRefused(.unseen, detail: []))
            #expect(fleet.stage(id) == .testing)
        }
    }

    @Test func `a requeue takes the lease away and tells the worker`() {
        var fleet = fleet()
        let run = fleet.build(id, on: "mac")
        fleet.run(.requeue(id, reason: "stuck", by: .alice))
        #expect(fleet.stage(id) == .queued)
        #expect(fleet.orders.last?.kind == .cancel)
        #expect(fleet.refusal(of: run, .evidenceComplete)?.code == "lease.stale")
        #expect(fleet.job(id).runs.last?.outcome == "lost")
        #expect(fleet.grant(id, to: "mac").lease.run == .attempt(id, 2), "attempts go on")
    }
}

@Suite struct HaltTests {
    /// A queued coder's job, a queued reviewer's job, and one that waits to ship.
    private func fleet() -> TestFleet {
        var fleet = TestFleet()
        fleet.register("mac", stations: [.shell(3), .reviewer(1)])
        fleet.submit(.example("ships"))
        fleet.prove(JobID(1), on: "mac")
        fleet.submit(.example("codes"), .example("reviews") { $0.engineClass = "reviewer" })
        return fleet
    }

    private func granted(_ fleet: inout TestFleet) -> Set<UInt64> {
        fleet.takeAnswers()
        fleet.run(
            .claim(
                Claim(
                    id: "after \(fleet.events.count)",
                    factory: "mac",
                    boot: "boot-1",
                    free: [.shell(3), .reviewer(1)],
                    takesShip: true,
                    until: fleet.now.advanced(by: .seconds(30))
                )
            )
        )
        return Set(fleet.takeAnswers().flatMap(\.leases).map(\.lease.job.number))
    }

    @Test(
        arguments: [
            (Halt.Level.dev, [1, 3]), (.review, [1]), (.all, []),
        ] as [(Halt.Level, [UInt64])]
    )
    func `each level stops what it says`(level: Halt.Level, left: [UInt64]) {
        var fleet = fleet()
        fleet.run(.ship(JobID(1), by: .alice))
        fleet.run(.halt(level, reason: "fire", stops: false, by: .alice))
        #expect(granted(&fleet) == Set(left))
        #expect(fleet.condition(of: JobID(2))?.name == .halted)
        #expect((fleet.condition(of: JobID(3))?.name == .halted) == (level != .dev))
        fleet.run(.resume(reason: "out", by: .alice))
        _ = granted(&fleet)
        #expect(fleet.state.jobs.values.allSatisfy { $0.lease != nil })
    }

    @Test(
        arguments: [
            (Halt.Level.dev, [2]), (.review, [2, 3]), (.all, [1, 2, 3]),
        ] as [(Halt.Level, [UInt64])]
    )
    func `what is told to stop is what the level covers`(level: Halt.Level, stopped: [UInt64]) {
        var fleet = fleet()
        fleet.run(.ship(JobID(1), by: .alice))
        #expect(granted(&fleet) == [1, 2, 3])
        fleet.run(.halt(level, reason: "fire", stops: true, by: .alice))
        #expect(fleet.orders.map(\.kind).allSatisfy { $0 == .stop })
        #expect(fleet.orders.compactMap(\.job?.number) == stopped)
        let held = fleet.state.jobs.values.compactMap { job in
            job.lease.map { HeldLease(job: job.id, fence: $0.fence) }
        }
        let repeated = fleet.beat("mac", held: held)?.orders
        #expect(repeated?.compactMap(\.job?.number) == stopped)
    }

    @Test func `a ship is refused while everything is halted`() {
        var fleet = fleet()
        fleet.run(.halt(.all, reason: "fire", stops: false, by: .alice))
        let refusal = fleet.refusal(of: .ship(JobID(1), by: .alice))
        #expect(refusal?.kind == .held)
        #expect(refusal?.why.contains("fire") == true)
    }

    @Test func `running work finishes unless it is told to stop`() {
        var fleet = fleet()
        let run = fleet.build(JobID(2), on: "mac")
        fleet.run(.halt(.all, reason: "fire", stops: false, by: .alice))
        #expect(fleet.orders.isEmpty)
        fleet.run(.halt(.all, reason: "fire", stops: true, by: .alice))
        #expect(fleet.orders.map(\.kind) == [.stop])
        let held = [HeldLease(job: JobID(2), fence: run.lease.fence)]
        #expect(fleet.beat("mac", held: held)?.orders.map(\.kind) == [.stop])
        #expect(fleet.stage(JobID(2)) == .building)
    }

    @Test func `who, when and why are kept, over a restart`() {
        var fleet = fleet()
        fleet.run(.halt(.review, reason: "fire", stops: false, by: .alice))
        let at = fleet.now
        fleet.restart()
        #expect(
            fleet.state.halt
                == Halt(level: .review, reason: "fire", by: .alice, at: at, stops: false)
        )
    }

    @Test func `there is nothing to resume in a fleet that runs`() {
        var fleet = fleet()
        let refusal = fleet.refusal(of: .resume(reason: "?", by: .alice))
        #expect(refusal?.code == "fleet.not-halted")
    }
}
