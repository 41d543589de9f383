import FleetCore
import FleetModel
import FleetTesting
import Testing

@Suite struct LockTests {
    private func fleet(_ jobs: Int = 2, product: String? = nil) -> TestFleet {
        var fleet = TestFleet()
        fleet.register("mac", stations: [.shell(4)])
        for number in 1...jobs {
            fleet.submit(
                .example("j\(number)") {
                    $0.lock = "db"
                    $0.product = number == 1 ? nil : product
                }
            )
        }
        return fleet
    }

    @Test func `two jobs of one lock never run at the same time, not even from one claim`() {
        var fleet = fleet(3)
        let runs = fleet.claim("mac", free: 4)
        #expect(runs.map(\.lease.job) == [JobID(1)])
        #expect(fleet.condition(of: JobID(2))?.name == .waitingLock)
        fleet.report(runs[0], .started(RunStarted()), .failed(.engineFailed))
        #expect(fleet.claim("mac", free: 4).map(\.lease.job) == [JobID(2)])
    }

    @Test func `a restart forgets no lock`() {
        var fleet = fleet()
        fleet.build(JobID(1), on: "mac")
        fleet.restart()
        #expect(fleet.claim("mac", free: 4).isEmpty)
    }

    @Test func `the lock is held while evidence is gathered, and free after`() {
        var fleet = fleet()
        let run = fleet.finish(JobID(1), on: "mac")
        #expect(fleet.claim("mac", free: 4).isEmpty)
        fleet.judge(run)
        #expect(fleet.stage(JobID(2)) == .assigned, "the waiting claim got it")
    }

    @Test func `a ship run holds the lock like any lease, and waits for it`() {
        var fleet = fleet()
        fleet.prove(JobID(1), on: "mac")
        let other = fleet.build(JobID(2), on: "mac")
        fleet.run(.ship(JobID(1), by: .alice))
        #expect(fleet.claim("mac").isEmpty)
        #expect(fleet.condition(of: JobID(1))?.reason.contains("job-2 holds the lock") == true)
        fleet.report(other, .failed(.engineFailed))
        #expect(fleet.job(JobID(1)).lease?.kind == .ship)
        fleet.run(.requeue(JobID(2), reason: "again", by: .alice))
        #expect(fleet.claim("mac").isEmpty, "now the ship run holds it")
    }

    @Test func `the same lock in another product is another lock`() {
        var fleet = fleet(2, product: "other")
        #expect(fleet.claim("mac", free: 4).count == 2)
    }
}

@Suite struct DependencyTests {
    private func chain() -> TestFleet {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(
            .example("late") { $0.deps = [Dependency(name: "early")] },
            .example("early")
        )
        return fleet
    }

    @Test func `a job starts only when what it waits for has shipped`() {
        var fleet = chain()
        #expect(fleet.condition(of: JobID(1))?.name == .waitingDependency)
        fleet.prove(JobID(2), on: "mac")
        #expect(fleet.claim("mac").isEmpty, "testing is not shipped")
        fleet.run(.ship(JobID(2), by: .alice))
        let ship = fleet.takeAnswers().flatMap(\.leases).last
        #expect(ship?.lease.kind == .ship)
        fleet.claim("mac")
        if let ship { fleet.report(ship, .merged("merge")) }
        #expect(fleet.stage(JobID(1)) == .assigned)
    }

    @Test(arguments: [true, false])
    func `a failed dependency blocks, saying so, until it is requeued and ships`(restarts: Bool) {
        var fleet = chain()
        fleet.run(.cancel(JobID(2), reason: "no", by: .alice))
        #expect(fleet.condition(of: JobID(1))?.name == .dependencyFailed)
        #expect(fleet.condition(of: JobID(1))?.endsWhen == "giga requeue job-2")
        #expect(fleet.claim("mac", id: "c").isEmpty)
        fleet.run(.abandonClaim("mac", claim: "c"))
        if restarts { fleet.restart() }
        fleet.run(.requeue(JobID(2), reason: "yes", by: .alice))
        #expect(fleet.condition(of: JobID(1))?.name == .waitingDependency)
        fleet.ship(JobID(2), on: "mac")
        #expect(fleet.claim("mac").map(\.lease.job) == [JobID(1)])
    }

    @Test func `with two dependencies the second counts as well`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(
            .example("a"),
            .example("b"),
            .example("c") { $0.deps = [Dependency(name: "a"), Dependency(name: "b")] }
        )
        fleet.ship(JobID(1), on: "mac")
        fleet.restart()
        fleet.ship(JobID(2), on: "mac")
        #expect(fleet.claim("mac").map(\.lease.job) == [JobID(3)])
    }
}

@Suite struct OrderTests {
    @Test func `priority first, then age, then number`() {
        var fleet = TestFleet()
        fleet.register("mac", stations: [.shell(9)])
        fleet.submit(.example("a") { $0.priority = .low }, .example("b"))
        fleet.tick(after: .seconds(1))
        fleet.submit(.example("c"), .example("d") { $0.priority = .critical })
        fleet.submit(.example("e") { $0.priority = .high })
        let order = (0..<5).flatMap { _ in fleet.claim("mac") }.map(\.lease.job.number)
        #expect(order == [4, 5, 2, 3, 1])
    }

    @Test func `a job whose requirements nobody meets does not stand in the way`() {
        var fleet = TestFleet()
        fleet.register("mac")
        let xcode = (try? Requirement(parsing: "has:xcode")).map { [$0] }
        fleet.submit(
            .example("a") {
                $0.capabilities = xcode
                $0.priority = .critical
            }
        )
        fleet.submit(.example("b"))
        #expect(fleet.claim("mac").map(\.lease.job) == [JobID(2)])
    }

    @Test func `each assignment carries the hash of its explanation`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example())
        fleet.claim("mac")
        let hashes = fleet.events.compactMap { event -> String? in
            if case .jobAssigned(let body) = event.body { body.decisionHash } else { nil }
        }
        #expect(hashes.count == 1)
        #expect(hashes[0].hasPrefix("mac/"))
    }
}
