import FleetCore
import FleetModel
import FleetTesting
import Testing

import struct Routing.SharingTerms

/// job-1 and job-2 may both change `src/pay/api/`, unless a test says otherwise.
@Suite struct OverlapTests {
    private let first = JobID(1)
    private let second = JobID(2)

    private func fleet(
        _ one: [Glob]? = .globs("src/pay/**"),
        _ two: [Glob]? = .globs("src/pay/api/*.swift"),
        edit: (inout Manifest) -> Void = { _ in }
    ) -> TestFleet {
        var fleet = TestFleet()
        fleet.register("mac", stations: [.shell(4)])
        fleet.submit(
            .example("a") { manifest in
                manifest.allowedScope = one
                manifest.retry = RetryPolicy(max: 1, backoff: .seconds(1), on: [.timeout])
            },
            .example("b") { manifest in
                manifest.allowedScope = two
                edit(&manifest)
            }
        )
        return fleet
    }

    private func granted(_ fleet: inout TestFleet) -> [JobID] {
        fleet.claim("mac", free: 4).map(\.lease.job)
    }

    // MARK: Who waits

    @Test func `two jobs whose narrow scopes overlap never run at once, not even from one claim`() {
        var fleet = fleet()
        #expect(granted(&fleet) == [first])
        let condition = fleet.condition(of: second)
        #expect(condition?.name == .waitingOverlap)
        #expect(
            condition?.reason == "job-1 is at work on files that it may change, too: "
                + "src/pay/api/*.swift overlaps src/pay/** of job-1"
        )
        #expect(condition?.endsWhen == "job-1 ships, ends, or waits for a person")
        #expect(granted(&fleet).isEmpty)
    }

    @Test(arguments: [Priority.critical, .low])
    func `priority decides who is first, and overrides nothing`(priority: Priority) {
        var fleet = fleet { $0.priority = priority }
        #expect(granted(&fleet) == [priority == .critical ? second : first])
        fleet.submit(
            .example("c") { manifest in
                manifest.priority = .critical
                manifest.allowedScope = .globs("src/pay/api/a.swift")
            }
        )
        #expect(granted(&fleet).isEmpty)
        #expect(fleet.condition(of: JobID(3))?.name == .waitingOverlap)
        #expect(!fleet.events.contains { $0.kind == .jobPreemptRequested })
    }

    @Test(arguments: [
        (["src/pay/**"], ["src/web/**"]), (["src/**"], ["src/pay/**"]), (["src/**"], ["src/**"]),
        (["**"], ["src/pay/a.swift"]), (["README.md", "*.md"], ["README.md"]),
    ])
    func `scopes that share nothing, and wide ones, keep nobody waiting`(
        one: [String],
        two: [String]
    ) throws {
        let globs = try [one, two].map { try $0.map { try Glob(parsing: $0) } }
        var fleet = fleet(globs[0], globs[1])
        #expect(granted(&fleet) == [first, second])
    }

    @Test func `without a scope a job keeps nobody waiting, and waits for nobody`() {
        var fleet = fleet(nil)
        #expect(granted(&fleet) == [first, second])
    }

    @Test func `work that changes nothing waits for nobody`() {
        var fleet = fleet { $0.output = Manifest.Output.none }
        #expect(granted(&fleet) == [first, second])
    }

    @Test func `the same files of another repository are other files`() {
        var fleet = TestFleet()
        fleet.register("mac", stations: [.shell(4)])
        var other = Repository.shop
        other.name = "other"
        fleet.run(.putRepository(other, by: .alice))
        for repo in ["shop", "other"] {
            fleet.submit(
                .example(repo) { manifest in
                    manifest.repo = repo
                    manifest.allowedScope = .globs("src/pay/**")
                }
            )
        }
        #expect(granted(&fleet) == [first, second])
    }

    @Test func `another product of the same repository waits as well`() {
        var fleet = fleet { $0.product = "other" }
        #expect(granted(&fleet) == [first])
    }

    @Test func `what is done with the profile's scope waits by that scope`() {
        var fleet = fleet(nil, nil)
        var profile = fleet.state.profiles["developer"]?.last ?? Profile(name: "d", persona: "")
        profile.allowedScope = .globs("src/pay/**")
        fleet.run(.putProfile(profile, reason: nil, by: .alice))
        #expect(granted(&fleet) == [first])
        #expect(fleet.condition(of: second)?.name == .waitingOverlap)
    }

    @Test func `a job that waits for something else keeps nobody waiting`() {
        var fleet = fleet()
        fleet.run(.pause(first, reason: "not now", by: .alice))
        #expect(granted(&fleet) == [second])
    }

    // MARK: What ends the wait

    @Test func `the scope is held while evidence is gathered, and free when a person is to decide`()
    {
        var fleet = fleet()
        let run = fleet.finish(first, on: "mac")
        #expect(granted(&fleet).isEmpty)
        fleet.judge(run)
        #expect(fleet.stage(first) == .testing)
        #expect(fleet.stage(second) == .assigned, "the waiting claim got it")
    }

    @Test func `what ships by itself is waited for until the target has it`() {
        var fleet = TestFleet()
        fleet.register("mac", stations: [.shell(4)])
        for name in ["a", "b"] {
            fleet.submit(
                .example(name) { manifest in
                    manifest.allowedScope = .globs("src/pay/**")
                    manifest.reviewPolicy = .auto
                }
            )
        }
        fleet.prove(first, on: "mac")
        #expect(fleet.condition(of: second)?.name == .waitingOverlap, "nobody ships it yet")
        let ship = fleet.claim("mac", free: 4)
        #expect(ship.map(\.lease.kind) == [.ship])
        #expect(granted(&fleet).isEmpty)
        fleet.report(ship[0], .merged("merge-1"))
        #expect(fleet.stage(second) == .assigned)
        let begun = fleet.takeAnswers().flatMap(\.leases).last
        #expect(begun?.mustContain == ["merge-1"], "it begins on what it waited for")
    }

    @Test func `a ship waits for nobody's attempt, and a start waits for the ship`() {
        var fleet = fleet()
        fleet.prove(first, on: "mac")
        let other = fleet.build(second, on: "mac")
        fleet.run(.ship(first, by: .alice))
        let ship = fleet.claim("mac", free: 4)
        #expect(ship.map(\.lease.kind) == [.ship])
        fleet.report(other, .failed(.engineFailed))
        fleet.run(.requeue(second, reason: "again", by: .alice))
        #expect(fleet.condition(of: second)?.name == .waitingOverlap)
    }

    @Test func `a ship that a person has to ask for again is not waited for`() {
        var fleet = fleet()
        fleet.prove(first, on: "mac")
        fleet.run(.ship(first, by: .alice))
        fleet.report(fleet.grant(first, to: "mac", free: 0), .shipRefused(.conflict, detail: []))
        fleet.prove(first, on: "mac")
        fleet.run(.ship(first, by: .alice))
        let ship = fleet.grant(first, to: "mac", free: 0)
        #expect(fleet.condition(of: second)?.name == .waitingOverlap)
        fleet.report(ship, .shipRefused(.conflict, detail: []))
        #expect(fleet.condition(of: first)?.name == .mergeConflict)
        #expect(granted(&fleet) == [second])
    }

    @Test func `a failed run lets the other go first, and its retry waits in turn`() {
        var fleet = fleet()
        fleet.report(fleet.build(first, on: "mac"), .failed(.timeout))
        #expect(granted(&fleet) == [second])
        fleet.pass(.seconds(5), beating: ["mac"])
        #expect(fleet.condition(of: first)?.name == .waitingOverlap)
        #expect(fleet.condition(of: first)?.reason.contains("job-2") == true)
    }

    @Test func `a job never waits for its own earlier attempt`() {
        var fleet = fleet(.globs("src/pay/**"), .globs("src/web/**"))
        fleet.report(fleet.build(first, on: "mac"), .failed(.timeout))
        fleet.pass(.seconds(5), beating: ["mac"])
        #expect(granted(&fleet).contains(first))
    }

    @Test func `a lost run lets its scope go`() {
        var fleet = fleet()
        fleet.build(first, on: "mac")
        fleet.register("new", stations: [.shell(4)])
        fleet.pass(.seconds(120), beating: ["new"])
        #expect(fleet.job(first).lease == nil)
        #expect(fleet.claim("new", free: 4).map(\.lease.job) == [first], "the older one is first")
    }

    @Test func `a cancel of the one at work lets the other go when its worker has stopped`() {
        var fleet = fleet()
        let run = fleet.build(first, on: "mac")
        fleet.run(.cancel(first, reason: "no", by: .alice))
        #expect(granted(&fleet).isEmpty)
        fleet.report(run, .stopped(.cancelled, reason: "no"))
        #expect(fleet.stage(second) == .assigned)
    }

    @Test func `a cancel of the one that waits leaves nothing behind`() {
        var fleet = fleet()
        let run = fleet.build(first, on: "mac")
        fleet.run(.cancel(second, reason: "no", by: .alice))
        #expect(fleet.stage(second) == .failed)
        fleet.report(run, .failed(.engineFailed))
        #expect(granted(&fleet).isEmpty)
        fleet.run(.requeue(second, reason: "yes", by: .alice))
        #expect(fleet.stage(second) == .assigned)
    }

    @Test func `a profile that no longer meets the other ends the wait`() {
        var fleet = fleet(.globs("src/pay/a.swift"), .globs("src/pay/**"))
        fleet.build(first, on: "mac")
        #expect(granted(&fleet).isEmpty)
        var profile = fleet.state.profiles["developer"]?.last ?? Profile(name: "d", persona: "")
        profile.allowedScope = .globs("docs/**")
        fleet.run(.putProfile(profile, reason: nil, by: .alice))
        #expect(fleet.stage(second) == .assigned, "the claim waited, and nothing else happened")
    }

    @Test func `a profile that changes during a run changes nothing for those that wait for it`() {
        var fleet = fleet()
        fleet.build(first, on: "mac")
        var profile = fleet.state.profiles["developer"]?.last ?? Profile(name: "d", persona: "")
        profile.allowedScope = .globs("src/**")
        fleet.run(.putProfile(profile, reason: nil, by: .alice))
        #expect(granted(&fleet).isEmpty)
        #expect(fleet.condition(of: second)?.name == .waitingOverlap)
    }

    @Test func `a restart forgets neither who is at work nor who is bound for the target`() {
        var fleet = fleet()
        let run = fleet.finish(first, on: "mac")
        fleet.restart()
        #expect(granted(&fleet).isEmpty)
        fleet.judge(run)
        #expect(fleet.stage(second) == .assigned, "the waiting claim got it")
        var other = self.fleet()
        other.prove(first, on: "mac")
        other.run(.halt(.all, reason: "fire", stops: false, by: .alice))
        other.restart()
        other.run(.resume(reason: "out", by: .alice))
        other.run(.ship(first, by: .alice))
        other.restart()
        #expect(other.condition(of: second)?.name == .waitingOverlap)
        #expect(other.claim("mac", free: 4).map(\.lease.kind) == [.ship])
    }

    @Test func `of three, each waits for one at a time until all have run`() {
        var fleet = fleet()
        fleet.submit(.example("c") { $0.allowedScope = .globs("src/pay/api/a.swift") })
        for number in 1...3 {
            let runs = fleet.claim("mac", free: 4)
            #expect(runs.map(\.lease.job) == [JobID(UInt64(number))])
            fleet.report(runs[0], .started(RunStarted()), .failed(.engineFailed))
            fleet.run(.abandonClaim("mac", claim: "none"))
        }
    }

    // MARK: Dependencies

    @Test func `what begins on the commit of another does not wait for its ship`() {
        var fleet = fleet { $0.deps = [Dependency(name: "a", fromTesting: true)] }
        fleet.prove(first, on: "mac")
        fleet.run(.ship(first, by: .alice))
        let runs = fleet.claim("mac", free: 4)
        #expect(Set(runs.map(\.lease.job)) == [first, second])
    }

    @Test func `what rests on another that has to ship first keeps nobody waiting for a person`() {
        var fleet = fleet { manifest in
            manifest.deps = [Dependency(name: "a", fromTesting: true)]
            manifest.reviewPolicy = .auto
        }
        fleet.prove(first, on: "mac")
        fleet.prove(second, on: "mac", candidate: .example("2"))
        #expect(fleet.condition(of: second)?.name == .awaitingDependencyShip)
        fleet.submit(.example("c") { $0.allowedScope = .globs("src/pay/**") })
        #expect(granted(&fleet) == [JobID(3)])
    }

    @Test func `once its ground has shipped it is bound for the target, and waited for`() {
        var fleet = fleet { manifest in
            manifest.deps = [Dependency(name: "a", fromTesting: true)]
            manifest.reviewPolicy = .auto
        }
        fleet.prove(first, on: "mac")
        fleet.prove(second, on: "mac", candidate: .example("2"))
        fleet.run(.ship(first, by: .alice))
        let ship = fleet.grant(first, to: "mac", free: 0)
        fleet.submit(.example("c") { $0.allowedScope = .globs("src/pay/api/a.swift") })
        fleet.report(ship, .merged("merge-1"))
        #expect(fleet.condition(of: JobID(3))?.reason.hasPrefix("job-2 ") == true)
        #expect(fleet.claim("mac", free: 4).map(\.lease.job) == [second])
    }

    @Test func `of two that depend on each other's files, the dependency is first`() {
        var fleet = TestFleet()
        fleet.register("mac", stations: [.shell(4)])
        fleet.submit(
            .example("late") { manifest in
                manifest.deps = [Dependency(name: "early")]
                manifest.allowedScope = .globs("src/pay/**")
            },
            .example("early") { $0.allowedScope = .globs("src/pay/**") }
        )
        #expect(granted(&fleet) == [second])
        #expect(fleet.condition(of: first)?.name == .waitingDependency)
    }

    // MARK: Critical work

    @Test(arguments: [("src/pay/**", 1), ("src/web/**", 2)])
    func `of two critical jobs on the same files only one is given way to`(
        scope: String,
        count: Int
    ) throws {
        var fleet = TestFleet(sharing: SharingTerms(criticalPercent: 100))
        fleet.register("mac", stations: [.shell(2)])
        for number in 1...2 { fleet.submit(.example("\(number)") { $0.priority = .low }) }
        for run in fleet.claim("mac", free: 2) { fleet.report(run, .started(RunStarted())) }
        for pattern in ["src/pay/**", scope] {
            let glob = try Glob(parsing: pattern)
            fleet.submit(
                .example(pattern) { manifest in
                    manifest.priority = .critical
                    manifest.allowedScope = [glob]
                }
            )
        }
        #expect(fleet.events.count { $0.kind == .jobPreemptRequested } == count)
    }
}
