import FleetCore
import FleetModel
import FleetTesting
import Routing
import Testing

/// Critical work that finds only low work in its way.
@Suite struct PreemptionTests {
    private let low = JobID(1)
    private let critical = JobID(2)

    /// A factory with one station, on which a job of `priority` builds.
    private func building(_ priority: Priority = .low) -> (TestFleet, GrantedRun) {
        var fleet = TestFleet()
        fleet.register("mac", stations: [.shell(1)])
        fleet.submit(.example { $0.priority = priority })
        let run = fleet.build(low, on: "mac")
        return (fleet, run)
    }

    private func urgent(
        _ title: String = "Now",
        _ edit: (inout Manifest) -> Void = { _ in }
    ) -> Submission {
        .example(title) {
            $0.priority = .critical
            edit(&$0)
        }
    }

    /// What `giga why` would say, whatever it is.
    private func why(_ fleet: TestFleet, _ id: JobID) -> String {
        fleet.condition(of: id)?.reason ?? ""
    }

    private func asked(_ fleet: TestFleet) -> [JobID] {
        fleet.events.filter { $0.kind == .jobPreemptRequested }.compactMap(\.job)
    }

    private func needs(_ text: String) -> [Requirement]? {
        (try? Requirement(parsing: text)).map { [$0] }
    }

    // MARK: When nobody is asked

    @Test(arguments: [Priority.medium, .high, .critical])
    func `only a low job gives way`(priority: Priority) {
        var (fleet, _) = building(priority)
        fleet.submit(urgent())
        #expect(asked(fleet).isEmpty && fleet.orders.isEmpty)
    }

    @Test(arguments: [Priority.high, .medium, .low])
    func `only a critical job is given way to`(priority: Priority) {
        var (fleet, _) = building()
        fleet.submit(.example { $0.priority = priority })
        #expect(asked(fleet).isEmpty)
    }

    @Test func `a station that is free is waited for, though its factory has not claimed yet`() {
        var (fleet, _) = building()
        fleet.register("pc", stations: [.shell(1)])
        fleet.submit(urgent())
        #expect(asked(fleet).isEmpty)
        #expect(fleet.claim("pc").map(\.lease.job) == [critical])
        #expect(asked(fleet).isEmpty)
    }

    @Test func `a station that could not do the work, or takes none, is no other station`() {
        for word in ["other", "drains", "claims nothing", "silent"] {
            var (fleet, _) = building()
            let facts = word == "other" ? ["os:darwin"] : ["os:linux"]
            fleet.register("pc", facts: facts, stations: [.shell(1)])
            switch word {
            case "drains":
                fleet.run(.drain("pc", draining: true, reason: "so", by: .alice))
            case "claims nothing":
                var beat = Heartbeat(factory: "pc", boot: "boot-1", held: [], load: 0)
                beat.claimsNothing = "no disk"
                fleet.run(.heartbeat(beat))
            case "silent": fleet.pass(.seconds(25), beating: ["mac"])
            default: break
            }
            fleet.submit(urgent { $0.capabilities = needs("os:linux") })
            #expect(asked(fleet) == [low], "\(word)")
        }
    }

    @Test func `a low job on a station that could not do the work is left alone`() {
        for word in ["needs", "drains", "silent"] {
            var (fleet, _) = building()
            if word == "drains" {
                fleet.run(.drain("mac", draining: true, reason: "so", by: .alice))
            }
            if word == "silent" { fleet.tick(after: .seconds(25)) }
            fleet.submit(urgent { $0.capabilities = word == "needs" ? needs("gpu") : nil })
            #expect(asked(fleet).isEmpty, "\(word)")
        }
    }

    @Test func `work that is not building is never asked`() {
        var fleet = TestFleet()
        fleet.register("mac", stations: [.shell(1)])
        fleet.submit(.example { $0.priority = .low })
        let run = fleet.grant(low, to: "mac")
        fleet.submit(urgent())
        #expect(asked(fleet).isEmpty, "assigned")
        fleet.report(run, .started(RunStarted()), .finished(RunFinished(candidate: .example())))
        #expect(fleet.stage(low) == .review)
        #expect(asked(fleet).isEmpty, "its evidence is being gathered")
        fleet.judge(run)
        fleet.run(.ship(low, by: .alice))
        #expect(asked(fleet).isEmpty, "it ships")
    }

    @Test func `a critical job that could not start now is given way to by nobody`() {
        var (fleet, _) = building()
        fleet.run(.pauseProduct("side", reason: "audit", by: .alice))
        fleet.submit(urgent("paused") { $0.product = "side" })
        fleet.submit(.example("needed"))
        fleet.submit(urgent("waits") { $0.deps = [Dependency(name: "job-3")] })
        #expect(asked(fleet).isEmpty)
    }

    @Test func `a halted fleet asks nobody, and asks when it goes on`() {
        var (fleet, _) = building()
        fleet.run(.halt(.dev, reason: "so", stops: false, by: .alice))
        fleet.submit(urgent())
        #expect(asked(fleet).isEmpty)
        fleet.run(.resume(reason: "on", by: .alice))
        #expect(asked(fleet) == [low])
    }

    @Test func `beyond its share of the stations critical work waits its turn`() {
        var fleet = TestFleet(sharing: SharingTerms(criticalPercent: 50))
        fleet.register("mac", stations: [.shell(4)])
        for number in 1...4 { fleet.submit(.example("\(number)") { $0.priority = .low }) }
        for run in fleet.claim("mac", free: 4) { fleet.report(run, .started(RunStarted())) }
        for number in 5...8 { fleet.submit(urgent("\(number)")) }
        #expect(asked(fleet).count == 2, "half of four")
    }

    // MARK: What is asked

    @Test func `the worker is asked once to keep its work and to stop`() throws {
        var (fleet, _) = building()
        fleet.submit(urgent())
        #expect(asked(fleet) == [low])
        let order = try #require(fleet.orders.last)
        #expect(order.kind == .pause && order.job == low && order.factory == "mac")
        #expect(order.sparesFinished == true, "work that is past building is left alone")
        #expect(order.fence == fleet.job(low).fence)
        #expect(fleet.stage(low) == .building, "until the worker has stopped")
        #expect(fleet.condition(of: low)?.name == .stopping)
        #expect(why(fleet, low) == "it gives way to job-2, which is critical")
        #expect(why(fleet, critical).hasSuffix("job-1, which is low, gives way to it on mac"))
        let held = HeldLease(job: low, fence: fleet.job(low).fence)
        let repeated = fleet.beat("mac", held: [held])?.orders
        #expect(repeated == [order], "repeated, and asked no second time")
        #expect(asked(fleet).count == 1)
        #expect(fleet.replayed() == fleet.state)
    }

    @Test func `of several low jobs the one that has worked least gives way`() {
        var fleet = TestFleet()
        fleet.register("mac", stations: [.shell(3)])
        for number in 1...3 {
            fleet.submit(.example("\(number)") { $0.priority = .low })
            fleet.build(JobID(UInt64(number)), on: "mac")
            fleet.clock.advance(by: .seconds(number == 2 ? 0 : 5))
        }
        fleet.submit(urgent())
        #expect(asked(fleet) == [JobID(3)])
    }

    @Test func `each critical job is given way to by one, and by no more`() {
        var fleet = TestFleet(sharing: SharingTerms(criticalPercent: 100))
        fleet.register("mac", stations: [.shell(3)])
        for number in 1...3 { fleet.submit(.example("\(number)") { $0.priority = .low }) }
        for run in fleet.claim("mac", free: 3) { fleet.report(run, .started(RunStarted())) }
        fleet.submit(urgent("first"), urgent("second"))
        #expect(Set(asked(fleet)).count == 2 && asked(fleet).count == 2)
        let wanted = fleet.state.jobs.values.compactMap { $0.preemption?.critical }.sorted()
        #expect(wanted == [JobID(4), JobID(5)])
        fleet.tick(after: .seconds(1))
        fleet.submit(.example("third"))
        #expect(asked(fleet).count == 2)
    }

    @Test func `of two critical jobs with one lock only one is given way to`() {
        var fleet = TestFleet(sharing: SharingTerms(criticalPercent: 100))
        fleet.register("mac", stations: [.shell(2)])
        for number in 1...2 { fleet.submit(.example("\(number)") { $0.priority = .low }) }
        for run in fleet.claim("mac", free: 2) { fleet.report(run, .started(RunStarted())) }
        fleet.submit(urgent("a") { $0.lock = "db" }, urgent("b") { $0.lock = "db" })
        #expect(asked(fleet).count == 1)
    }

    @Test func `a job that becomes critical, or low, is looked at then`() {
        var (fleet, _) = building(.medium)
        fleet.submit(.example("b"))
        fleet.run(.reprioritise(critical, .critical, by: .alice))
        #expect(asked(fleet).isEmpty)
        fleet.run(.reprioritise(low, .low, by: .alice))
        #expect(asked(fleet) == [low])
    }

    // MARK: What becomes of it

    private let work = Checkpoint(factory: "mac", engine: "shell", session: "s", commit: "wip")

    @Test func `it goes back to the queue, the critical one takes its station, and it resumes`() {
        var (fleet, run) = building()
        fleet.submit(urgent())
        fleet.report(run, .checkpointed(work), .stopped(.preempted, reason: "gives way"))
        #expect(fleet.stage(low) == .queued)
        #expect(
            fleet.kinds(of: low).suffix(3) == [
                .jobPreemptRequested, .runCheckpointed, .jobPreempted,
            ]
        )
        #expect(fleet.job(low).retriesUsed == 0 && fleet.job(low).lossesInARow == 0)
        #expect(fleet.job(low).backoffUntil == nil && fleet.job(low).lastFailure == nil)
        #expect(fleet.job(low).runs.last?.outcome == "preempted")
        #expect(
            why(fleet, low).hasSuffix(
                "it gave way to job-2, which is critical, and goes on from its checkpoint"
            )
        )
        #expect(asked(fleet).count == 1, "its station is free, so nobody else is asked")
        let other = fleet.build(critical, on: "mac")
        #expect(fleet.job(low).preemption != nil, "it still waits because of that")
        fleet.report(other, .failed(.engineFailed))
        let next = fleet.grant(low, to: "mac")
        #expect(next.checkpoint?.commit == "wip" && next.lease.attempt == 2)
        #expect(fleet.job(low).preemption == nil)
        #expect(fleet.replayed() == fleet.state)
    }

    @Test func `work that ends before it hears of it goes on, and another may be asked`() {
        var (fleet, run) = building()
        fleet.submit(urgent())
        fleet.report(run, .finished(RunFinished(candidate: .example())))
        #expect(fleet.stage(low) == .review && fleet.job(low).preemption == nil)
        #expect(fleet.condition(of: low)?.name == .gatheringEvidence)
        #expect(fleet.beat("mac", held: [run.held])?.orders == [])
        fleet.judge(run)
        #expect(fleet.stage(low) == .testing)
        #expect(fleet.claim("mac").map(\.lease.job) == [critical])
        #expect(fleet.replayed() == fleet.state)
    }

    @Test func `what is lost, drained, fails, asks or is cancelled meanwhile was not preempted`() {
        for word in ["lost", "drained", "fails", "asks", "cancelled"] {
            var (fleet, run) = building()
            fleet.submit(urgent())
            switch word {
            case "lost": fleet.register("mac", boot: "boot-2", stations: [.shell(1)])
            case "drained": fleet.report(run, .stopped(.drained, reason: "so"))
            case "fails": fleet.report(run, .failed(.engineFailed))
            case "asks": fleet.report(run, .waitingInput(WaitingInput(question: "Why?")))
            default:
                fleet.run(.cancel(low, reason: "no", by: .alice))
                fleet.report(run, .stopped(.preempted, reason: "gives way"))
            }
            #expect(!fleet.kinds(of: low).contains(.jobPreempted), "\(word)")
            #expect(fleet.job(low).preemption == nil, "\(word)")
            #expect(fleet.claim("mac").map(\.lease.job) == [critical], "\(word)")
            #expect(fleet.replayed() == fleet.state, "\(word)")
        }
    }

    @Test func `a pause that comes as well holds it once it has given way`() {
        var (fleet, run) = building()
        fleet.submit(urgent())
        fleet.run(.pause(low, reason: "lunch", by: .alice))
        #expect(fleet.beat("mac", held: [run.held])?.orders.count == 1)
        fleet.report(run, .checkpointed(work), .stopped(.preempted, reason: "gives way"))
        #expect(fleet.kinds(of: low).suffix(2) == [.jobPreempted, .jobPaused])
        #expect(fleet.condition(of: low)?.name == .paused)
        #expect(fleet.replayed() == fleet.state)
    }

    @Test func `a worker that somebody stops already is not asked`() {
        for word in ["pause", "cancel"] {
            var (fleet, _) = building()
            fleet.run(
                word == "pause"
                    ? .pause(low, reason: "so", by: .alice) : .cancel(low, reason: "so", by: .alice)
            )
            fleet.submit(urgent())
            #expect(asked(fleet).isEmpty, "\(word)")
        }
    }

    @Test func `it is not asked again after a restart, and its order is repeated`() {
        var (fleet, run) = building()
        fleet.submit(urgent())
        fleet.restart()
        fleet.register("mac", stations: [.shell(1)])
        #expect(asked(fleet) == [low])
        #expect(fleet.beat("mac", held: [run.held])?.orders.map(\.kind) == [.pause])
        fleet.report(run, .checkpointed(work), .stopped(.preempted, reason: "gives way"))
        #expect(fleet.claim("mac").map(\.lease.job) == [critical])
        #expect(asked(fleet) == [low])
    }

    @Test func `being preempted again and again makes no dead letter`() {
        var (fleet, run) = building()
        for round in 0..<7 {
            let ids = fleet.submit(urgent("\(round)"))
            fleet.report(run, .checkpointed(work), .stopped(.preempted, reason: "gives way"))
            fleet.report(fleet.build(ids[0], on: "mac"), .failed(.engineFailed))
            run = fleet.build(low, on: "mac")
        }
        #expect(fleet.job(low).attempt == 8 && fleet.job(low).retriesUsed == 0)
        #expect(fleet.kinds(of: low).count { $0 == .jobPreempted } == 7)
        #expect(fleet.replayed() == fleet.state)
    }
}

extension GrantedRun {
    fileprivate var held: HeldLease { HeldLease(job: lease.job, fence: lease.fence) }
}
