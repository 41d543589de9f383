import FleetCore
import FleetModel
import FleetTesting
import Testing

@Suite struct LeaseTimeTests {
    private func building() -> (TestFleet, GrantedRun) {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example())
        let run = fleet.build(JobID(1), on: "mac")
        return (fleet, run)
    }

    /// Looks at the clock often enough that no stall is seen, up to `span` from now.
    private func wait(_ fleet: inout TestFleet, _ span: Timespan) {
        let end = fleet.now.advanced(by: span)
        while fleet.now < end { fleet.tick(after: min(.seconds(10), end.since(fleet.now))) }
    }

    @Test func `a lease is live in its last millisecond and ends at its own expires`() {
        var (fleet, run) = building()
        wait(&fleet, .milliseconds(59_999))
        #expect(fleet.stage(JobID(1)) == .building)
        #expect(run.lease.isLive(at: fleet.now))
        wait(&fleet, .milliseconds(1))
        #expect(fleet.stage(JobID(1)) == .queued)
        #expect(!run.lease.isLive(at: fleet.now))
        #expect(fleet.job(JobID(1)).lossesInARow == 1)
        #expect(fleet.job(JobID(1)).retriesUsed == 0)
    }

    @Test func `a heartbeat that is heard before expiry is judged saves the lease`() {
        var (fleet, _) = building()
        wait(&fleet, .seconds(50))
        fleet.clock.advance(by: .seconds(10))
        fleet.beatNow("mac")
        fleet.tick()
        #expect(fleet.stage(JobID(1)) == .building)
    }

    @Test func `after a stall of more than a third every lease gets the gap back`() {
        var (fleet, _) = building()
        let turn = fleet.tick(after: .milliseconds(20_001))
        #expect(turn.events.filter { $0.kind == .leaseExtended }.count == 1)
        wait(&fleet, .milliseconds(59_999))
        #expect(fleet.stage(JobID(1)) == .building)
        wait(&fleet, .milliseconds(1))
        #expect(fleet.stage(JobID(1)) == .queued)
    }

    @Test func `a third of a lease is no stall`() {
        var (fleet, _) = building()
        #expect(!fleet.tick(after: .seconds(20)).events.contains { $0.kind == .leaseExtended })
    }

    @Test func `a stall longer than the lease loses nothing`() {
        var (fleet, run) = building()
        fleet.tick(after: .hours(3))
        #expect(fleet.stage(JobID(1)) == .building)
        fleet.report(run, .finished(RunFinished(candidate: .example())))
        #expect(fleet.stage(JobID(1)) == .review)
    }

    @Test func `a refused command after a stall loses no event`() {
        var (fleet, _) = building()
        fleet.clock.advance(by: .minutes(5))
        #expect(fleet.refusal(of: .ship(JobID(9), by: .alice))?.code == "job.unknown")
        #expect(fleet.replayed() == fleet.state)
        fleet.tick()
        #expect(fleet.stage(JobID(1)) == .building, "the stall is still made up for")
        #expect(fleet.replayed() == fleet.state)
    }

    @Test func `a heartbeat never shortens a lease that was extended`() {
        var (fleet, _) = building()
        fleet.beatNow("mac")
        fleet.clock.advance(by: .seconds(90))
        fleet.beatNow("mac")
        let promised = fleet.fleet.presence.leases[JobID(1)]?.expires
        #expect(promised == fleet.now.advanced(by: .seconds(150)))
        fleet.tick(after: .seconds(1))
        fleet.beatNow("mac")
        #expect(fleet.fleet.presence.leases[JobID(1)]?.expires == promised)
    }

    @Test func `what an extension says holds for every lease`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example("a"))
        fleet.build(JobID(1), on: "mac")
        wait(&fleet, .seconds(10))
        fleet.beatNow("mac")
        fleet.submit(.example("b"))
        fleet.build(JobID(2), on: "mac")
        wait(&fleet, .seconds(30))
        fleet.tick(after: .seconds(21))
        let extended = fleet.events.compactMap { event -> LeaseExtended? in
            guard case .leaseExtended(let body) = event.body else { return nil }
            return body
        }
        #expect(extended.count == 1)
        let until = extended[0].until
        for live in fleet.fleet.presence.leases.values { #expect(live.expires >= until) }
        for job in fleet.state.jobs.values {
            let live = fleet.fleet.presence.leases[job.id]
            #expect((job.lease?.expires ?? .epoch) <= (live?.expires ?? .epoch))
        }
    }

    @Test func `at a start every live lease runs one full lease from now, as one event`() {
        var (fleet, run) = building()
        fleet.submit(.example("b"))
        let unstarted = fleet.claim("mac")
        wait(&fleet, .seconds(10))
        fleet.clock.advance(by: .minutes(10))
        let before = fleet.events.count
        fleet.restart()
        #expect(fleet.events.dropFirst(before).map(\.kind) == [.leaseExtended])
        #expect(unstarted.count == 1)
        fleet.tick(after: .milliseconds(14_999))
        #expect(fleet.stage(JobID(2)) == .assigned, "the time to start begins anew too")
        fleet.tick(after: .milliseconds(1))
        #expect(fleet.stage(JobID(2)) == .queued)
        wait(&fleet, .milliseconds(44_999))
        #expect(fleet.stage(JobID(1)) == .building)
        wait(&fleet, .milliseconds(1))
        #expect(fleet.stage(JobID(1)) == .queued)
        #expect(fleet.refusal(of: run, .evidenceComplete)?.code == "lease.stale")
    }

    @Test func `a start takes nothing back of what a stall had given`() throws {
        var (fleet, _) = building()
        // Renewed in the turn that notices the stall: a term, and the gap on top of it.
        fleet.clock.advance(by: .seconds(50))
        fleet.beatNow("mac")
        fleet.tick()
        let extended = try #require(fleet.events.last { $0.kind == .leaseExtended })
        guard case .leaseExtended(let given) = extended.body else { return }
        try #require(given.until > fleet.now.advanced(by: .seconds(60)))
        fleet.restart()
        wait(&fleet, given.until.since(fleet.now.advanced(by: .milliseconds(1))))
        #expect(fleet.stage(JobID(1)) == .building)
        wait(&fleet, .milliseconds(1))
        #expect(fleet.stage(JobID(1)) == .queued)
    }

    @Test func `at a start without leases nothing is written`() {
        var fleet = TestFleet()
        fleet.submit(.example())
        let before = fleet.events
        fleet.restart()
        #expect(fleet.events == before)
    }

    @Test func `a report after a restart is heard under the same fence`() {
        var (fleet, run) = building()
        fleet.restart()
        fleet.report(run, .finished(RunFinished(candidate: .example())))
        #expect(fleet.stage(JobID(1)) == .review)
    }

    @Test func `the next deadline comes before anything can be missed`() throws {
        var (fleet, _) = building()
        let next = try #require(fleet.fleet.nextDeadline)
        #expect(next > fleet.now)
        #expect(next <= fleet.now.advanced(by: .seconds(10)))
        fleet.run(.cancel(JobID(1), reason: "no", by: .alice))
        fleet.register("mac", boot: "boot-2")
        fleet.tick(after: .seconds(60))
        #expect(fleet.fleet.nextDeadline == nil, "nothing is expected of anybody")
    }
}
