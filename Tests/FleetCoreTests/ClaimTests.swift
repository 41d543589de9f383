import FleetCore
import FleetModel
import FleetTesting
import Testing

@Suite struct ClaimTests {
    @Test func `a factory that never registered is told to`() {
        var fleet = TestFleet()
        let claim = Claim(
            id: "c",
            factory: "ghost",
            boot: "b",
            free: [.shell(1)],
            takesShip: false,
            until: fleet.now
        )
        #expect(fleet.refusal(of: .claim(claim))?.code == "factory.unknown")
        fleet.register("ghost", boot: "boot-2")
        #expect(fleet.refusal(of: .claim(claim))?.code == "factory.unheard", "an older start")
    }

    @Test func `a repeated claim gets the same leases, not new ones`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example("a"), .example("b"))
        let first = fleet.claim("mac", id: "c-1")
        let events = fleet.events
        #expect(first.map(\.lease.job) == [JobID(1)])
        #expect(fleet.claim("mac", id: "c-1") == first)
        #expect(fleet.events == events)
        #expect(fleet.stage(JobID(2)) == .queued)
    }

    @Test func `a claim repeated over a restart gets the same leases, not new ones`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example("a"), .example("b"), .example("c"))
        let first = fleet.claim("mac", id: "c-1", free: 2)
        fleet.restart()
        let events = fleet.events
        let again = fleet.claim("mac", id: "c-1", free: 2)
        #expect(again == first)
        #expect(again.map(\.lease.job) == [JobID(1), JobID(2)])
        #expect(fleet.events == events, "no second grant")
        #expect(fleet.claim("mac", id: "c-1", free: 2) == first, "and once more")
        #expect(fleet.takeAnswers().count == 2)
    }

    @Test func `after a restart a claim is told a lease that has started, too`() throws {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example("a"), .example("b"))
        let first = fleet.claim("mac", id: "c-1", free: 1)
        fleet.report(try #require(first.first), .started(RunStarted()))
        fleet.restart()
        #expect(fleet.claim("mac", id: "c-1").map(\.lease) == first.map(\.lease))
        #expect(fleet.stage(JobID(2)) == .queued)
    }

    @Test func `a claim whose leases ended before the restart is a new one`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example("a"), .example("b"))
        let run = fleet.claim("mac", id: "c-1")[0]
        fleet.report(run, .started(RunStarted()), .failed(.engineFailed))
        fleet.restart()
        #expect(fleet.claim("mac", id: "c-1").map(\.lease.job) == [JobID(2)])
    }

    @Test func `another claim, another factory and another boot get nothing of it`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.register("box")
        fleet.submit(.example())
        fleet.claim("mac", id: "c-1")
        fleet.restart()
        #expect(fleet.claim("mac", id: "c-2").isEmpty)
        #expect(fleet.claim("box", id: "c-1").isEmpty)
        fleet.register("mac", boot: "boot-2")
        fleet.takeAnswers()
        let events = fleet.events
        #expect(fleet.job(JobID(1)).lease?.factory == "box", "it went back, to whom waited")
        #expect(fleet.claim("mac", id: "c-1").isEmpty)
        #expect(fleet.events == events)
    }

    @Test func `a lease told again after a restart lasts when heartbeats list it`() throws {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example())
        let first = fleet.claim("mac", id: "c-1")
        fleet.restart()
        // The first heartbeat comes before the answer: it cannot list the lease yet.
        fleet.beat("mac")
        let again = fleet.claim("mac", id: "c-1")
        #expect(again == first)
        let run = try #require(again.first)
        fleet.clock.advance(by: .seconds(10))
        fleet.beatNow("mac")
        fleet.report(run, .started(RunStarted()))
        #expect(fleet.stage(JobID(1)) == .building)
    }

    @Test func `a claim waits until there is work`() {
        var fleet = TestFleet()
        fleet.register("mac")
        #expect(fleet.claim("mac", id: "c-1").isEmpty)
        #expect(fleet.takeAnswers().isEmpty, "it waits")
        fleet.submit(.example())
        #expect(fleet.takeAnswers().map(\.leases.count) == [1])
    }

    @Test func `a waiting claim is answered empty when its time is up, not before`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.claim("mac", id: "c-1")
        fleet.pass(.milliseconds(29_999), beating: ["mac"])
        #expect(fleet.takeAnswers().isEmpty)
        fleet.tick(after: Timespan(milliseconds: 1))
        #expect(fleet.takeAnswers().map(\.isEmpty) == [true])
        fleet.submit(.example())
        #expect(fleet.takeAnswers().isEmpty, "nobody waits any more")
    }

    @Test func `a newer claim replaces the older, which ends empty`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.claim("mac", id: "c-1")
        fleet.claim("mac", id: "c-2")
        #expect(fleet.takeAnswers().map(\.claim) == ["c-1"])
        fleet.submit(.example())
        let answers = fleet.takeAnswers()
        #expect(answers.map(\.claim) == ["c-2"])
        #expect(answers[0].leases.count == 1)
    }

    @Test func `an abandoned claim gets nothing`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.claim("mac", id: "c-1")
        fleet.run(.abandonClaim("mac", claim: "c-0"))
        fleet.run(.abandonClaim("mac", claim: "c-1"))
        fleet.submit(.example())
        #expect(fleet.takeAnswers().isEmpty)
        #expect(fleet.stage(JobID(1)) == .queued)
    }

    @Test func `nothing is granted to a factory that was not heard of for two intervals`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.claim("mac")
        fleet.clock.advance(by: .seconds(20))
        fleet.submit(.example())
        #expect(fleet.stage(JobID(1)) == .queued)
        fleet.beatNow("mac")
        #expect(fleet.stage(JobID(1)) == .assigned, "its claim still waits")
    }

    @Test func `several leases may be answered at once, no more than there are stations`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example("a"), .example("b"), .example("c"))
        #expect(fleet.claim("mac", free: 9).map(\.lease.job) == [JobID(1), JobID(2)])
        #expect(fleet.stage(JobID(3)) == .queued)
    }

    @Test func `a claim that cannot be true offers nothing and harms nobody`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example())
        #expect(fleet.claim("mac", free: -1).isEmpty)
        let lie = Claim(
            id: "lie",
            factory: "mac",
            boot: "boot-1",
            free: [Station(engine: "quantum", classes: ["agentic-coder"], count: 1)],
            takesShip: false,
            until: fleet.now.advanced(by: .seconds(30))
        )
        #expect(fleet.run(.claim(lie)).grants.map(\.leases) == [[]], "the older claim's end")
        #expect(fleet.claim("mac").count == 1, "the job was not lost on the way")
    }

    @Test func `the grant names the attempt that the next start will be`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example())
        let first = fleet.grant(JobID(1), to: "mac")
        #expect(first.lease.run == .attempt(JobID(1), 1))
        fleet.tick(after: .seconds(15))
        fleet.beatNow("mac")
        let second = fleet.build(JobID(1), on: "mac")
        #expect(second.lease.run == .attempt(JobID(1), 1), "no start used it up")
        #expect(second.lease.fence == 2)
        fleet.register("mac", boot: "boot-2")
        #expect(fleet.grant(JobID(1), to: "mac").lease.run == .attempt(JobID(1), 2))
    }
}
