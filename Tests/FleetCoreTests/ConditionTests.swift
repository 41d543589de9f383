import FleetCore
import FleetModel
import FleetTesting
import Testing

/// One example for each condition that this version can be in.
@Suite struct ConditionTests {
    @Test(arguments: Condition.Name.allCases)
    func `each condition can be met, says why, and what would end it`(name: Condition.Name) throws {
        var fleet = TestFleet(
            repository: name == .awaitingPromotion ? .unproven : .shop
        )
        fleet.register("mac")
        fleet.issue("bob")
        fleet.submit(
            .example("a") { manifest in
                manifest.retry = RetryPolicy(max: 1, backoff: .seconds(60), on: [.timeout])
                if name == .waitingLock { manifest.lock = "db" }
                if name == .awaitingApproval {
                    manifest.reviewPolicy = .reviewers(["bob"], quorum: 1)
                }
                if name == .budget { manifest.budget = Budget(microUSD: 0) }
            }
        )
        let id = arrange(&fleet, name)
        let condition = try #require(fleet.condition(of: id))
        #expect(condition.name == name)
        #expect(!condition.reason.isEmpty && !condition.endsWhen.isEmpty)
        #expect(condition.since <= fleet.now)
        let since = condition.since
        fleet.clock.advance(by: .milliseconds(5))
        #expect(fleet.condition(of: id)?.since == since, "its age grows, its start stays")
    }

    /// A run that usually takes a minute is about to end, and a job would like to follow it.
    private func arrangeWait(_ fleet: inout TestFleet) -> JobID {
        fleet.register("wished", stations: [.shell(1)])
        let run = fleet.build(JobID(1), on: "wished")
        fleet.pass(.seconds(60), beating: ["mac", "wished"])
        fleet.report(run, .failed(.engineFailed))
        fleet.submit(.example("b"))
        fleet.build(JobID(2), on: "wished")
        fleet.pass(.seconds(59), beating: ["mac", "wished"])
        fleet.claim("mac")
        return fleet.submit(.example("c") { $0.prefers = [.factory("wished")] })[0]
    }

    private func arrange(_ fleet: inout TestFleet, _ name: Condition.Name) -> JobID {
        let first = JobID(1)
        switch name {
        case .waitingDependency, .dependencyFailed:
            fleet.submit(.example("b") { $0.deps = [Dependency(name: "job-1")] })
            if name == .dependencyFailed { fleet.run(.cancel(first, reason: "no", by: .alice)) }
            return JobID(2)
        case .waitingLock:
            fleet.submit(.example("b") { $0.lock = "db" })
            fleet.build(first, on: "mac")
            return JobID(2)
        case .waitingOverlap:
            fleet.submit(.example("b") { $0.allowedScope = .globs("src/pay/**") })
            fleet.submit(.example("c") { $0.allowedScope = .globs("src/pay/a.swift") })
            fleet.prove(first, on: "mac")
            fleet.build(JobID(2), on: "mac")
            return JobID(3)
        case .noCapableFactory:
            fleet.run(.remove("mac", reason: "sold", by: .alice))
        case .noFreeStation:
            fleet.submit(.example("b"), .example("c"))
            fleet.claim("mac", free: 2)
            return JobID(3)
        case .waitingFactory: return arrangeWait(&fleet)
        case .backingOff:
            fleet.report(fleet.build(first, on: "mac"), .failed(.timeout))
        case .halted: fleet.run(.halt(.dev, reason: "fire", stops: false, by: .alice))
        case .budget: break
        case .paused: fleet.run(.pause(first, reason: "not now", by: .alice))
        case .waitingInput:
            let run = fleet.build(first, on: "mac")
            fleet.report(run, .waitingInput(WaitingInput(question: "Which port?")))
        case .stopping:
            fleet.build(first, on: "mac")
            fleet.run(.cancel(first, reason: "no", by: .alice))
        case .gatheringEvidence: fleet.finish(first, on: "mac")
        case .awaitingPromotion: fleet.prove(first, on: "mac", verify: .skipped)
        case .awaitingShip, .awaitingApproval: fleet.prove(first, on: "mac")
        case .awaitingDependencyShip:
            let wish = Dependency(name: "job-1", fromTesting: true)
            fleet.submit(.example("b") { $0.deps = [wish] })
            fleet.prove(first, on: "mac")
            fleet.prove(JobID(2), on: "mac", candidate: .example("2"))
            return JobID(2)
        case .shipping, .cancelling, .mergeConflict, .targetMovesTooFast, .pushRefused,
            .targetUnreachable:
            arrangeShip(&fleet, name)
        }
        return first
    }

    private func arrangeShip(_ fleet: inout TestFleet, _ name: Condition.Name) {
        let id = JobID(1)
        fleet.prove(id, on: "mac")
        fleet.run(.ship(id, by: .alice))
        var run = fleet.grant(id, to: "mac")
        switch name {
        case .cancelling: fleet.run(.cancel(id, reason: "no", by: .alice))
        case .mergeConflict:
            fleet.report(run, .shipRefused(.conflict, detail: []))
            fleet.prove(id, on: "mac")
            fleet.run(.ship(id, by: .alice))
            fleet.report(fleet.grant(id, to: "mac"), .shipRefused(.conflict, detail: []))
        case .targetMovesTooFast, .pushRefused, .targetUnreachable:
            let causes: [Condition.Name: ShipRefused.Cause] = [
                .targetMovesTooFast: .targetMoved, .pushRefused: .forbidden,
                .targetUnreachable: .unreachable,
            ]
            for round in 1...5 {
                fleet.report(run, .shipRefused(causes[name] ?? .absent, detail: []))
                if round == 5 { break }
                fleet.pass(.seconds(5), beating: ["mac"])
                run = fleet.grant(id, to: "mac")
            }
        default: break
        }
    }

    @Test func `with many factories none of which can, the reason says so`() {
        var fleet = TestFleet()
        for number in 1...9 { fleet.register(FactoryID("f\(number)"), facts: ["os:linux"]) }
        fleet.submit(.example { $0.capabilities = (try? Requirement(parsing: "gpu")).map { [$0] } })
        let condition = fleet.condition(of: JobID(1))
        #expect(condition?.name == .noCapableFactory)
        #expect(condition?.reason.contains("gpu") == true)
    }

    @Test(arguments: [Stage.shipped, .failed])
    func `a job that has ended has none`(stage: Stage) {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example())
        if stage == .shipped {
            fleet.ship(JobID(1), on: "mac")
        } else {
            fleet.run(.cancel(JobID(1), reason: "no", by: .alice))
        }
        #expect(fleet.stage(JobID(1)) == stage)
        #expect(fleet.condition(of: JobID(1)) == nil)
    }

    @Test func `a changed lockfile waits for a person whatever the policy, and the reason says so`()
    {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example { $0.reviewPolicy = .auto })
        let run = fleet.finish(JobID(1), on: "mac")
        var evidence = Evidence.all(commit: "commit-1", verify: .passed)
        evidence[0].needsReview = "the lockfile go.sum changed"
        let items = evidence.map(RunReportItem.evidence) + [.evidenceComplete]
        fleet.run(.report(.of(run, items), by: run.lease.factory))
        #expect(fleet.stage(JobID(1)) == .review)
        let condition = fleet.condition(of: JobID(1))
        #expect(condition?.name == .awaitingPromotion)
        #expect(condition?.reason == "the lockfile go.sum changed, so a person decides")
        fleet.run(.promote(JobID(1), by: .alice))
        #expect(fleet.stage(JobID(1)) == .testing)
        #expect(fleet.job(JobID(1)).shipRequest != nil, "then it ships by itself")
    }

    @Test func `reviewers are told of a changed lockfile`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.issue("bob")
        fleet.submit(.example { $0.reviewPolicy = .reviewers(["bob"], quorum: 1) })
        let run = fleet.finish(JobID(1), on: "mac")
        var evidence = Evidence.all(commit: "commit-1", verify: .passed)
        evidence[0].needsReview = "the lockfile go.sum changed"
        let items = evidence.map(RunReportItem.evidence) + [.evidenceComplete]
        fleet.run(.report(.of(run, items), by: run.lease.factory))
        let condition = fleet.condition(of: JobID(1))
        #expect(condition?.name == .awaitingApproval)
        #expect(condition?.reason.hasSuffix("; the lockfile go.sum changed") == true)
    }
}
