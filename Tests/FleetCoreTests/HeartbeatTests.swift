import FleetCore
import FleetModel
import FleetTesting
import Testing

@Suite struct HeartbeatTests {
    private func building() -> (TestFleet, GrantedRun) {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example())
        let run = fleet.build(JobID(1), on: "mac")
        return (fleet, run)
    }

    @Test func `a factory that is unknown is told to register`() {
        var fleet = TestFleet()
        let beat = Heartbeat(factory: "ghost", boot: "b", held: [], load: 0)
        #expect(fleet.refusal(of: .heartbeat(beat))?.code == "factory.unknown")
    }

    @Test func `a second live factory of one name is refused`() {
        var fleet = TestFleet()
        fleet.register("mac")
        let twin = Registration.example("mac", boot: "boot-2", isReturning: false)
        #expect(fleet.refusal(of: .register(twin))?.code == "factory.name-taken")
        fleet.clock.advance(by: .milliseconds(39_999))
        #expect(fleet.refusal(of: .register(twin))?.code == "factory.name-taken")
        fleet.clock.advance(by: .milliseconds(1))
        #expect(fleet.refusal(of: .register(twin)) == nil, "four heartbeats were missed")
    }

    @Test func `the second heartbeat that does not list a lease releases it`() {
        var (fleet, _) = building()
        fleet.beat("mac")
        #expect(fleet.stage(JobID(1)) == .building)
        fleet.clock.advance(by: .seconds(10))
        fleet.beat("mac")
        #expect(fleet.stage(JobID(1)) == .queued)
        #expect(fleet.job(JobID(1)).retriesUsed == 0)
        #expect(fleet.job(JobID(1)).lossesInARow == 0)
    }

    /// A change of facts is told at once: such heartbeats may overtake the answer to a claim.
    @Test func `heartbeats within half an interval count as one`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example())
        _ = fleet.grant(JobID(1), to: "mac")
        for _ in 0..<5 {
            fleet.beat("mac")
            fleet.clock.advance(by: .milliseconds(999))
        }
        fleet.beat("mac")
        #expect(fleet.stage(JobID(1)) == .assigned)
        fleet.clock.advance(by: .milliseconds(5))
        fleet.beat("mac")
        #expect(fleet.stage(JobID(1)) == .queued)
    }

    @Test func `an older fence of the job does not list its lease`() {
        var (fleet, run) = building()
        let older = [HeldLease(job: JobID(1), fence: run.lease.fence - 1)]
        fleet.beat("mac", held: older)
        fleet.clock.advance(by: .seconds(10))
        fleet.beat("mac", held: older)
        #expect(fleet.stage(JobID(1)) == .queued)
    }

    @Test func `only heartbeats in a row count as not listing it`() {
        var (fleet, run) = building()
        let held = [HeldLease(job: JobID(1), fence: run.lease.fence)]
        for _ in 0..<3 {
            fleet.beat("mac")
            fleet.clock.advance(by: .seconds(10))
            fleet.beat("mac", held: held)
        }
        #expect(fleet.stage(JobID(1)) == .building)
    }

    @Test func `a lease that has not started is released at 15 seconds, not before`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example())
        let run = fleet.grant(JobID(1), to: "mac")
        fleet.tick(after: .milliseconds(14_999))
        #expect(fleet.stage(JobID(1)) == .assigned)
        fleet.tick(after: .milliseconds(1))
        #expect(fleet.stage(JobID(1)) == .queued)
        #expect(fleet.job(JobID(1)).retriesUsed == 0)
        #expect(fleet.kinds(of: JobID(1)).last == .leaseReleased)
        #expect(fleet.refusal(of: run, .started(RunStarted()))?.code == "lease.stale")
    }

    @Test func `a started lease outlives the 15 seconds`() {
        var (fleet, _) = building()
        fleet.tick(after: .seconds(15))
        #expect(fleet.stage(JobID(1)) == .building)
    }

    @Test(arguments: [true, false])
    func `a new boot id releases everything of the old one`(byRegistration: Bool) {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example("a"), .example("b"))
        fleet.claim("mac", free: 2)
        fleet.claim("mac", id: "old")
        fleet.takeAnswers()
        if byRegistration {
            fleet.register("mac", boot: "boot-2")
        } else {
            fleet.beat("mac", boot: "boot-2")
        }
        #expect(fleet.stage(JobID(1)) == .queued && fleet.stage(JobID(2)) == .queued)
        #expect(fleet.job(JobID(1)).lossesInARow == 0)
        #expect(fleet.takeAnswers().map(\.claim) == ["old"], "the old start's claim ends empty")
        #expect(fleet.claim("mac", free: 2).count == 2, "both run again at once")
    }

    @Test func `a leftover of an earlier start takes nothing away`() {
        var (fleet, _) = building()
        fleet.register("mac", boot: "boot-2")
        fleet.build(JobID(1), on: "mac")
        let late = Heartbeat(factory: "mac", boot: "boot-1", held: [], load: 0)
        #expect(fleet.refusal(of: .heartbeat(late))?.code == "factory.replaced")
        #expect(fleet.stage(JobID(1)) == .building)
        #expect(fleet.state.factories["mac"]?.boot == "boot-2")
    }

    @Test func `a heartbeat renews what it lists for one full lease`() {
        var (fleet, run) = building()
        let held = [HeldLease(job: JobID(1), fence: run.lease.fence)]
        for _ in 0..<6 {
            fleet.tick(after: .seconds(10))
            #expect(fleet.beat("mac", held: held)?.renewed == held)
        }
        for _ in 0..<5 { fleet.tick(after: .seconds(10)) }
        fleet.tick(after: .milliseconds(9999))
        #expect(fleet.stage(JobID(1)) == .building)
        fleet.tick(after: .milliseconds(1))
        #expect(fleet.stage(JobID(1)) == .queued)
    }

    @Test func `what is no longer the factory's comes back as lost`() {
        var (fleet, run) = building()
        fleet.register("pc")
        let wrong = [
            HeldLease(job: JobID(1), fence: run.lease.fence + 1),
            HeldLease(job: JobID(7), fence: 1),
        ]
        #expect(fleet.beat("mac", held: wrong)?.lost == wrong)
        let other = [HeldLease(job: JobID(1), fence: run.lease.fence)]
        #expect(fleet.beat("pc", held: other)?.lost == other, "another factory's lease")
        #expect(fleet.beat("pc", held: other)?.renewed == [])
    }

    @Test func `late and offline concern display and placement only`() {
        var (fleet, _) = building()
        fleet.tick(after: .milliseconds(19_999))
        #expect(fleet.state.factories["mac"]?.standing == .present)
        fleet.tick(after: .milliseconds(1))
        #expect(fleet.state.factories["mac"]?.standing == .late)
        fleet.tick(after: .seconds(20))
        #expect(fleet.state.factories["mac"]?.standing == .offline)
        #expect(fleet.stage(JobID(1)) == .building, "its lease runs on")
        fleet.beatNow("mac")
        #expect(fleet.state.factories["mac"]?.standing == .present)
        let kinds = fleet.events.map(\.kind).filter { $0.rawValue.hasPrefix("factory.") }
        #expect(
            kinds == [.factoryRegistered, .factoryLate, .factoryOffline, .factoryReturned]
        )
    }

    @Test func `a removed factory gives back what it held`() {
        var (fleet, run) = building()
        fleet.run(.remove("mac", reason: "sold", by: .alice))
        #expect(fleet.stage(JobID(1)) == .queued)
        #expect(fleet.refusal(of: run, .evidenceComplete)?.code == "lease.stale")
        #expect(fleet.state.factories.isEmpty)
    }

    @Test func `a draining factory finishes what it has and takes nothing new`() {
        var (fleet, run) = building()
        fleet.submit(.example("b"))
        fleet.run(.drain("mac", draining: true, reason: "updates", by: .alice))
        #expect(fleet.claim("mac").isEmpty)
        #expect(fleet.beat("mac")?.orders.map(\.kind) == [.drain], "heartbeats repeat it")
        fleet.report(run, .finished(RunFinished(candidate: .example())))
        #expect(fleet.stage(JobID(1)) == .review)
        fleet.register("mac", boot: "boot-1")
        #expect(fleet.state.factories["mac"]?.drainingBy == .alice, "a restart drains on")
        fleet.run(.drain("mac", draining: false, reason: "done", by: .alice))
        #expect(fleet.claim("mac").map(\.lease.job) == [JobID(2)])
    }

    @Test func `a factory that was told to stop says so, until it is gone or starts anew`() throws {
        var (fleet, run) = building()
        let held = [HeldLease(job: run.lease.job, fence: run.lease.fence)]
        let answer = fleet.beat("mac", held: held, drains: "it was told to stop")
        #expect(answer?.orders.isEmpty == true, "it knows")
        let factory = try #require(fleet.state.factories["mac"])
        #expect(factory.drainingBy == .factory("mac"))
        #expect(factory.drainingReason == "it was told to stop")
        #expect(factory.drainingSince == fleet.clock.now)
        fleet.beat("mac", held: held, drains: "it was told to stop")
        #expect(fleet.events.count { $0.kind == .factoryDraining } == 1)
        let no = fleet.refusal(of: .drain("mac", draining: false, reason: "", by: .alice))
        #expect(no?.code == "factory.stopping")
        fleet.run(.drain("mac", draining: true, reason: "updates", by: .alice))
        #expect(
            fleet.state.factories["mac"]?.drainingBy == .alice,
            "a person's word is the longer one"
        )
        fleet.run(.drain("mac", draining: false, reason: "done", by: .alice))
        fleet.beat("mac", held: held, drains: "it was told to stop")
        #expect(fleet.state.factories["mac"]?.drainsItself == true)
        fleet.register("mac", boot: "boot-2")
        #expect(fleet.state.factories["mac"]?.drainingBy == nil, "another process goes on")
        #expect(fleet.claim("mac").map(\.lease.job) == [JobID(1)])
        fleet.beat("mac", drains: "it was told to stop")
        for _ in 0..<8 { fleet.tick(after: .seconds(10)) }
        #expect(fleet.state.factories["mac"]?.standing == .offline)
        #expect(fleet.state.factories["mac"]?.drainingBy == nil)
        #expect(fleet.replayed() == fleet.state)
    }

    @Test func `a restart keeps who drains a factory, why and since when`() {
        var (fleet, _) = building()
        fleet.run(.drain("mac", draining: true, reason: "updates", by: .alice))
        let before = fleet.state.factories["mac"]
        fleet.tick(after: .seconds(1))
        fleet.register("mac", boot: "boot-2")
        #expect(fleet.state.factories["mac"]?.drainingBy == .alice)
        #expect(fleet.state.factories["mac"]?.drainingReason == "updates")
        #expect(fleet.state.factories["mac"]?.drainingSince == before?.drainingSince)
        #expect(fleet.replayed() == fleet.state)
    }

    @Test func `the answer asks for the paths that open jobs require`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example { $0.cwd = "/srv/app" })
        #expect(fleet.beat("mac")?.paths == ["/srv/app"])
        let facts = ["os:linux", "path:/srv/app"].compactMap { try? Fact(parsing: $0) }
        fleet.run(
            .heartbeat(Heartbeat(factory: "mac", boot: "boot-1", held: [], load: 0, facts: facts))
        )
        #expect(fleet.claim("mac").count == 1, "the new fact makes it capable")
        fleet.run(.cancel(JobID(1), reason: "no", by: .alice))
    }
}
