import FleetCore
import FleetModel
import FleetTesting
import Testing

/// What waits for a person, and for which.
@Suite struct NeedsTests {
    private func needs(_ fleet: TestFleet, of caller: Principal? = nil) -> [String] {
        FleetReading(
            state: fleet.state,
            seen: fleet.fleet.presence.factories,
            settings: fleet.fleet.settings,
            now: fleet.now
        ).needs(of: caller).map { "\($0.kind.rawValue) \($0.job): \($0.command)" }
    }

    @Test func `each kind of waiting is there once, the oldest first, with its command`() {
        var fleet = TestFleet()
        fleet.register("mac", stations: [.shell(9)])
        fleet.issue("bob")
        fleet.submit(.example("ship"))
        fleet.prove(JobID(1), on: "mac")
        fleet.tick(after: .seconds(1))
        fleet.submit(.example("ask"))
        let run = fleet.build(JobID(2), on: "mac")
        fleet.report(run, .waitingInput(WaitingInput(question: "Which?")))
        fleet.tick(after: .seconds(1))
        fleet.submit(.example("review") { $0.reviewPolicy = .reviewers(["bob"], quorum: 1) })
        fleet.prove(JobID(3), on: "mac")
        fleet.tick(after: .seconds(1))
        fleet.submit(.example("fail"), .example("wait") { $0.deps = [Dependency(name: "fail")] })
        fleet.run(.cancel(JobID(4), reason: "no", by: .alice))
        fleet.submit(.example("machine"))
        #expect(
            needs(fleet) == [
                "ship job-1: giga ship job-1", "answer job-2: giga answer job-2 --text TEXT",
                "approval job-3: giga approve job-3", "blocked job-5: giga requeue job-4",
            ]
        )
    }

    @Test func `an approval stands only in the inbox of who may give it, until it is given`() {
        var fleet = TestFleet()
        fleet.register("mac")
        for name in ["bob", "carol", "eve"] { fleet.issue(name) }
        fleet.issue("robot", owner: "dave", isAgent: true)
        fleet.submit(
            .example { $0.reviewPolicy = .reviewers(["@bob", "carol", "robot"], quorum: 2) }
        )
        fleet.prove(JobID(1), on: "mac")
        func sees(_ name: String) -> Bool { !needs(fleet, of: .person(name)).isEmpty }
        #expect(
            ["bob", "carol", "eve", "robot", "user:alice"].map(sees) == [
                true, true, false, false, false,
            ]
        )
        #expect(!needs(fleet).isEmpty, "whoever only reads sees everything")
        fleet.run(.approving(JobID(1), by: .person("bob")))
        #expect(["bob", "carol"].map(sees) == [false, true])
    }
}
