import FleetCore
import FleetModel
import FleetTesting
import Routing
import Testing

/// A job that could start on `idle`, and would rather have the station of `wished`.
@Suite struct PatienceTests {
    /// Runs take a minute here; one has `wished` for `passed` already, and `idle` waits for work.
    private func fleet(
        patience: Timespan = .seconds(2),
        after passed: Timespan = .seconds(59),
        knowsLengths: Bool = true
    ) -> (fleet: TestFleet, run: GrantedRun) {
        var fleet = TestFleet(sharing: SharingTerms(patience: patience))
        fleet.register("wished", stations: [.shell(1)])
        fleet.register("idle", stations: [.shell(9)])
        if knowsLengths {
            fleet.submit(.example("first"))
            let run = fleet.build(JobID(1), on: "wished")
            fleet.pass(.seconds(60), beating: ["wished", "idle"])
            end(run, in: &fleet)
        }
        fleet.submit(.example("busy"))
        let run = fleet.build(JobID(fleet.state.counters.lastJob), on: "wished")
        fleet.pass(passed, beating: ["wished", "idle"])
        fleet.claim("idle", free: 9, takesShip: false)
        fleet.takeAnswers()
        return (fleet, run)
    }

    private func end(_ run: GrantedRun, in fleet: inout TestFleet) {
        let candidate = Candidate.example("\(run.lease.job)")
        fleet.report(run, .finished(RunFinished(candidate: candidate)))
        fleet.judge(run, candidate.commit)
    }

    private func submit(
        to fleet: inout TestFleet,
        _ priority: Priority = .medium,
        wishing: Bool = true
    ) -> JobID {
        fleet.submit(
            .example("job") {
                $0.priority = priority
                $0.prefers = wishing ? [.factory("wished")] : nil
            }
        )[0]
    }

    private func place(of id: JobID, in fleet: TestFleet) -> FactoryID? {
        fleet.job(id).lease?.factory
    }

    @Test func `a job waits for a much better factory that will soon be free, and says so`()
        throws
    {
        var (fleet, _) = fleet()
        let id = submit(to: &fleet)
        #expect(place(of: id, in: fleet) == nil && fleet.stage(id) == .queued)
        let condition = try #require(fleet.condition(of: id))
        #expect(condition.name == .waitingFactory)
        #expect(
            condition.reason == "it waits for wished, which will probably be free soon and is"
                + " 125000 better than idle"
        )
        #expect(condition.endsWhen == "wished claims, at most 2s from now")
        #expect(fleet.fleet.nextDeadline == fleet.now.advanced(by: .seconds(2)))
    }

    @Test func `a reading that is told of factories one by one knows who waits, and who no longer`()
        throws
    {
        var (fleet, _) = fleet()
        let id = submit(to: &fleet)
        var reading = FleetReading(
            state: fleet.state,
            seen: [:],
            settings: fleet.fleet.settings,
            now: fleet.now
        )
        #expect(reading.condition(of: fleet.job(id))?.name != .waitingFactory)
        var seen = try #require(fleet.fleet.presence.factories["wished"])
        reading.note(seen, of: "wished")
        #expect(reading.condition(of: fleet.job(id))?.name == .waitingFactory)
        seen.awaitedBy = [:]
        reading.note(seen, of: "wished")
        #expect(reading.condition(of: fleet.job(id))?.name != .waitingFactory)
        reading.note(nil, of: "wished")
        #expect(reading.seen["wished"] == nil)
    }

    @Test func `when the better factory asks for work, the job goes there`() {
        var (fleet, run) = fleet()
        let id = submit(to: &fleet)
        fleet.clock.advance(by: .seconds(1))
        end(run, in: &fleet)
        #expect(place(of: id, in: fleet) == nil, "a free station that nobody claims is no place")
        fleet.claim("wished", takesShip: false)
        #expect(place(of: id, in: fleet) == "wished")
        #expect(fleet.replayed() == fleet.state)
    }

    @Test func `a better factory that is free earlier than expected is taken at once`() {
        var (fleet, run) = fleet()
        let id = submit(to: &fleet)
        end(run, in: &fleet)
        fleet.claim("wished", takesShip: false)
        #expect(place(of: id, in: fleet) == "wished")
    }

    @Test func `when the time has passed the job goes where it could go, and waits no more`() {
        var (fleet, _) = fleet()
        let id = submit(to: &fleet)
        fleet.tick(after: .milliseconds(1999))
        #expect(place(of: id, in: fleet) == nil)
        fleet.tick(after: .milliseconds(1))
        #expect(place(of: id, in: fleet) == "idle")
        #expect(fleet.fleet.presence.factories["wished"]?.awaitedBy.isEmpty == true)
    }

    @Test func `a job waits once until it is placed, whatever happens in between`() {
        var (fleet, _) = fleet()
        let id = submit(to: &fleet)
        fleet.run(.pause(id, reason: "so", by: .alice))
        #expect(fleet.condition(of: id)?.name == .paused)
        fleet.run(.resumeJob(id, reason: "so", by: .alice))
        #expect(place(of: id, in: fleet) == "idle")
    }

    @Test func `critical work does not wait`() {
        var (fleet, _) = fleet()
        #expect(place(of: submit(to: &fleet, .critical), in: fleet) == "idle")
    }

    @Test func `a job that becomes critical waits no longer`() {
        var (fleet, _) = fleet()
        let id = submit(to: &fleet)
        fleet.run(.reprioritise(id, .critical, by: .alice))
        #expect(place(of: id, in: fleet) == "idle")
    }

    @Test func `without patience nothing waits`() {
        var (fleet, _) = fleet(patience: .zero)
        #expect(place(of: submit(to: &fleet), in: fleet) == "idle")
    }

    @Test func `where nobody knows how long such work takes, nothing waits`() {
        var (fleet, _) = fleet(knowsLengths: false)
        #expect(place(of: submit(to: &fleet), in: fleet) == "idle")
    }

    @Test(arguments: [Timespan.seconds(57), .seconds(61)])
    func `a run that ends later than that, or should have ended, is not waited for`(
        passed: Timespan
    ) {
        var (fleet, _) = fleet(after: passed)
        #expect(place(of: submit(to: &fleet), in: fleet) == "idle")
    }

    @Test func `a factory that is hardly better is not waited for`() {
        var (fleet, _) = fleet()
        #expect(place(of: submit(to: &fleet, wishing: false), in: fleet) == "idle")
    }

    @Test func `a factory that drains, or claims nothing, is not waited for`() {
        var (fleet, _) = fleet()
        fleet.run(.drain("wished", draining: true, reason: "so", by: .alice))
        #expect(place(of: submit(to: &fleet), in: fleet) == "idle")
    }

    @Test func `no more jobs wait for a factory than stations will be free there`() {
        var (fleet, _) = fleet()
        let wishing = Submission.example("job") { $0.prefers = [.factory("wished")] }
        let ids = fleet.submit(wishing, wishing, wishing)
        #expect(ids.map { place(of: $0, in: fleet) } == [nil, "idle", "idle"])
    }

    @Test func `when the better factory is removed, the job goes where it could go`() {
        var (fleet, _) = fleet()
        let id = submit(to: &fleet)
        fleet.run(.remove("wished", reason: "sold", by: .alice))
        #expect(place(of: id, in: fleet) == "idle")
    }

    @Test func `a better factory that starts anew is still waited for`() {
        var (fleet, _) = fleet()
        let id = submit(to: &fleet)
        fleet.register("wished", boot: "boot-2", stations: [.shell(1)])
        #expect(fleet.condition(of: id)?.name == .waitingFactory)
        fleet.claim("wished", takesShip: false)
        #expect(place(of: id, in: fleet) == "wished")
    }

    @Test func `a claim for ship runs alone ends no wait`() {
        var (fleet, _) = fleet()
        let id = submit(to: &fleet)
        fleet.claim("wished", free: 0)
        #expect(fleet.condition(of: id)?.name == .waitingFactory)
    }

    @Test func `a checkout and the product's last run are as good as a wish`() {
        var fleet = TestFleet()
        fleet.register("warm", facts: ["os:linux", "repo:shop"], stations: [.shell(1)])
        for name in ["other-1", "other-2", "other-3"] { fleet.register(FactoryID(name)) }
        let all: [FactoryID] = ["warm", "other-1", "other-2", "other-3"]
        // Each had as much, so that nobody steps back for it; the last one is the warm one.
        for name in all.reversed() {
            fleet.submit(.example("a \(name)"))
            let id = JobID(fleet.state.counters.lastJob)
            let run = fleet.build(id, on: name)
            fleet.pass(.seconds(60), beating: all)
            end(run, in: &fleet)
        }
        fleet.submit(.example("side") { $0.product = "side" })
        let side = fleet.build(JobID(5), on: "other-1")
        fleet.pass(.seconds(60), beating: all)
        end(side, in: &fleet)
        fleet.submit(.example("busy"))
        fleet.build(JobID(6), on: "warm")
        fleet.pass(.seconds(59), beating: all)
        fleet.claim("other-1", takesShip: false)
        let id = submit(to: &fleet, wishing: false)
        #expect(fleet.condition(of: id)?.name == .waitingFactory)
    }

    @Test func `after a restart a job is placed like any other, and a replay agrees`() {
        var (fleet, _) = fleet()
        let id = submit(to: &fleet)
        fleet.restart()
        #expect(fleet.replayed() == fleet.state)
        fleet.claim("idle", free: 9, takesShip: false)
        fleet.tick(after: .seconds(2))
        #expect(place(of: id, in: fleet) == "idle")
    }

    @Test(arguments: UInt64(1)...4)
    func `no job waits longer than the patience because of it`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let patience = Timespan.seconds(3)
        var fleet = TestFleet(sharing: SharingTerms(patience: patience))
        let names: [FactoryID] = ["a", "b", "c"]
        for name in names { fleet.register(name, stations: [.shell(2)]) }
        var running: [(end: Instant, run: GrantedRun)] = []
        var firstSeen: [JobID: Instant] = [:]
        for _ in 0..<1500 {
            if random.oneIn(3) {
                let wish = random.pick(names).name
                fleet.submit(
                    .example("job") {
                        $0.prefers = [.factory(wish)]
                        $0.priority = random.pick(Priority.allCases)
                    }
                )
            }
            for name in names {
                let held = running.map(\.run.lease).filter { $0.factory == name }
                fleet.beat(name, held: held.map { HeldLease(job: $0.job, fence: $0.fence) })
                fleet.claim(name, free: 2 - held.count, takesShip: false)
            }
            let granted = fleet.takeAnswers().flatMap(\.leases)
            for run in granted {
                fleet.report(run, .started(RunStarted()))
                let length = Timespan.seconds(Int64(random.number(in: 8...12)))
                running.append((fleet.now.advanced(by: length), run))
            }
            let waits = fleet.fleet.presence.factories.values.flatMap(\.awaitedBy)
            for (id, wait) in waits {
                #expect(wait.until == wait.since.advanced(by: patience) && wait.until > fleet.now)
                #expect(firstSeen[id, default: wait.since] == wait.since, "\(id) waits again")
                #expect(fleet.job(id).terms.priority != .critical)
                firstSeen[id] = wait.since
            }
            fleet.tick(after: .seconds(1))
            let due = running.filter { $0.end <= fleet.now }
            running.removeAll { $0.end <= fleet.now }
            for (_, run) in due { end(run, in: &fleet) }
        }
        #expect(firstSeen.count > 5, "else nothing was tried")
        #expect(fleet.replayed() == fleet.state)
    }
}
