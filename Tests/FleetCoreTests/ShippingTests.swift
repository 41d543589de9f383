import FleetCore
import FleetModel
import FleetRules
import FleetTesting
import Testing

@Suite struct ShippingTests {
    private let id = JobID(1)

    /// One job under `manual`, approved, with its ship run granted.
    private func shipping() -> (TestFleet, GrantedRun) {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example())
        fleet.prove(id, on: "mac")
        fleet.run(.ship(id, by: .alice))
        let run = fleet.grant(id, to: "mac")
        return (fleet, run)
    }

    @Test func `a ship run needs a factory that may push, and takes no station`() {
        var fleet = TestFleet()
        fleet.register("mac", facts: ["os:linux"])
        fleet.register("pusher")
        fleet.submit(.example())
        fleet.prove(id, on: "mac")
        fleet.run(.ship(id, by: .alice))
        #expect(fleet.claim("mac", free: 2).isEmpty)
        #expect(fleet.claim("pusher", free: 0, takesShip: false).isEmpty)
        let run = fleet.claim("pusher", free: 0)
        #expect(run.first?.lease.run == .ship(id, fence: 2))
        #expect(run.first?.lease.station == nil)
        #expect(run.first?.candidate == .example())
    }

    @Test func `losing a ship run leaves the job in testing and ships it again`() {
        var (fleet, run) = shipping()
        fleet.report(run, .shipBegins)
        fleet.pass(.seconds(60), beating: [])
        #expect(fleet.stage(id) == .testing)
        #expect(fleet.job(id).lossesInARow == 0)
        fleet.beat("mac")
        let second = fleet.grant(id, to: "mac")
        #expect(second.lease.fence == 3)
        #expect(!second.onlyLooks)
        #expect(fleet.refusal(of: run, .merged("merge-1"))?.code == "lease.stale")
        fleet.report(second, .merged("merge-1"))
        #expect(fleet.stage(id) == .shipped)
        #expect(fleet.job(id).shipped?.commit == "merge-1")
    }

    @Test func `a ship run that stopped before its push leaves the job free`() {
        for (isStarted, cause) in [(false, FailureCause.drained), (true, .cancelled)] {
            var (fleet, run) = shipping()
            if isStarted { fleet.report(run, .shipBegins) }
            fleet.report(run, .stopped(cause, reason: "it was told to"))
            #expect(fleet.stage(id) == .testing && !fleet.job(id).mayHaveLanded)
            #expect(fleet.job(id).runs.last?.outcome == "stopped")
            #expect(fleet.refusal(of: run, .stopped(cause, reason: "it was told to")) == nil)
            fleet.run(.requeue(id, reason: "once more", by: .alice))
            #expect(fleet.stage(id) == .queued)
        }
    }

    @Test func `a stopped ship run says nothing about a lost one before it`() {
        var (fleet, run) = shipping()
        fleet.report(run, .shipBegins)
        fleet.pass(.seconds(60), beating: [])
        fleet.beat("mac")
        let second = fleet.grant(id, to: "mac")
        fleet.report(second, .stopped(.drained, reason: "it was told to"))
        #expect(fleet.job(id).mayHaveLanded)
        let refusal = fleet.refusal(of: .requeue(id, reason: "once more", by: .alice))
        #expect(refusal?.code == "job.already-shipping")
    }

    @Test func `a ship run that stopped because its lease ran out may have landed`() {
        var (fleet, run) = shipping()
        fleet.report(run, .shipBegins)
        fleet.report(run, .stopped(.leaseExpired, reason: "no renewal was answered"))
        #expect(fleet.job(id).mayHaveLanded)
        #expect(fleet.refusal(of: .requeue(id, reason: "again", by: .alice)) != nil)
    }

    @Test func `a conflict sends the work back once, with the conflict in the prompt`() {
        var (fleet, run) = shipping()
        fleet.report(run, .shipRefused(.conflict, detail: ["CONFLICT in a.txt"]))
        #expect(fleet.stage(id) == .queued)
        #expect(fleet.job(id).retriesUsed == 0, "outside retry.max")
        let again = fleet.build(id, on: "mac")
        #expect(again.lastFailure?.cause == .mergeConflict)
        #expect(again.lastFailure?.tail == ["CONFLICT in a.txt"])
        fleet.report(again, .finished(RunFinished(candidate: .example("2"))))
        fleet.judge(again, "commit-2")
        fleet.run(.ship(id, by: .alice))
        fleet.report(fleet.grant(id, to: "mac"), .shipRefused(.conflict, detail: ["again"]))
        #expect(fleet.stage(id) == .testing, "then a person")
        #expect(fleet.condition(of: id)?.name == .mergeConflict)
        #expect(fleet.claim("mac").isEmpty)
        fleet.run(.requeue(id, reason: "try again", by: .alice))
        #expect(fleet.stage(id) == .assigned)
    }

    @Test func `a merged tree that no longer verifies goes back the same way`() {
        var (fleet, run) = shipping()
        fleet.report(run, .shipRefused(.verifyFailed, detail: ["red"]))
        #expect(fleet.stage(id) == .queued)
        #expect(fleet.job(id).lastFailure?.cause == .verifyFailed)
        #expect(fleet.job(id).conflictRetries == 1)
    }

    @Test(arguments: [
        (ShipRefused.Cause.targetMoved, Condition.Name.targetMovesTooFast),
        (.pushRefused, .pushRefused), (.forbidden, .pushRefused),
        (.unseen, .targetUnreachable), (.unreachable, .targetUnreachable),
    ])
    func `after five rounds a person is asked, and told what stood in the way`(
        cause: ShipRefused.Cause,
        name: Condition.Name
    ) {
        var (fleet, run) = shipping()
        for round in 1...5 {
            fleet.report(run, .shipRefused(cause, detail: ["so they say"]))
            if round < 5 {
                #expect(
                    fleet.condition(of: id)?.reason == "round \(round) of 5 failed: so they say"
                )
            }
            #expect(fleet.job(id).shipRounds == round)
            #expect(fleet.stage(id) == .testing)
            guard round < 5 else { break }
            #expect(fleet.job(id).shipBlock == nil)
            fleet.pass(.seconds(5), beating: ["mac"])
            run = fleet.grant(id, to: "mac")
        }
        #expect(fleet.condition(of: id)?.name == name)
        let isOther = name != .targetMovesTooFast
        #expect(fleet.condition(of: id)?.reason.hasSuffix("so they say") == isOther)
        fleet.pass(.seconds(5), beating: ["mac"])
        #expect(fleet.claim("mac").isEmpty)
        fleet.run(.ship(id, by: .alice))
        #expect(fleet.job(id).shipRounds == 0, "a person starts five more")
        #expect(fleet.job(id).lease != nil)
    }

    @Test func `a merged change that leaves its scope fails`() {
        var (fleet, run) = shipping()
        fleet.report(run, .shipRefused(.scopeViolation, detail: ["secrets.env"]))
        #expect(fleet.stage(id) == .failed)
        #expect(fleet.job(id).lastFailure?.cause == .scopeViolation)
    }

    @Test func `a run that was overtaken leaves the job to be shipped again`() {
        var (fleet, run) = shipping()
        fleet.report(run, .shipRefused(.overtaken, detail: []))
        #expect(fleet.stage(id) == .testing)
        #expect(fleet.grant(id, to: "mac").lease.fence == 3)
    }

    @Test func `one ship at a time per repository and target`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.register("pc")
        for number in 1...3 {
            fleet.submit(.example("j\(number)") { $0.reviewPolicy = .manual })
            fleet.prove(JobID(UInt64(number)), on: "mac")
        }
        for number in UInt64(1)...3 { fleet.run(.ship(JobID(number), by: .alice)) }
        let first = fleet.claim("mac")
        #expect(first.map(\.lease.job) == [JobID(1)])
        #expect(fleet.claim("pc").isEmpty)
        fleet.report(first[0], .merged("m1"))
        let answers = fleet.takeAnswers().flatMap(\.leases)
        #expect(answers.last?.lease.job == JobID(2), "the next waits for the end of the first")
        #expect(fleet.job(JobID(3)).lease == nil)
    }

    @Test func `two claims that wait do not ship to one target at once`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.register("pc")
        for number in UInt64(1)...2 {
            fleet.submit(.example("j\(number)"))
            fleet.prove(JobID(number), on: "mac")
        }
        fleet.run(.halt(.all, reason: "wait", stops: false, by: .alice))
        fleet.claim("mac")
        fleet.claim("pc")
        fleet.run(.resume(reason: "go", by: .alice))
        fleet.run(.ship(JobID(1), by: .alice))
        fleet.run(.ship(JobID(2), by: .alice))
        #expect([1, 2].filter { fleet.job(JobID($0)).lease != nil } == [1])
        fleet.restart()
        fleet.claim("mac")
        fleet.claim("pc")
        #expect([1, 2].filter { fleet.job(JobID($0)).lease != nil } == [1], "nor after a restart")
    }

    @Test func `an attempt starts from what was shipped to its target`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example("a"))
        fleet.ship(id, on: "mac")
        fleet.submit(.example("b") { $0.deps = [Dependency(name: "job-1")] })
        #expect(Set(fleet.claim("mac")[0].mustContain) == ["merge-job-1"])
    }
}

@Suite struct PolicyTests {
    private let id = JobID(1)

    private func fleet(
        _ repository: Repository = .shop,
        edit: (inout Manifest) -> Void = { _ in }
    ) -> TestFleet {
        var fleet = TestFleet(repository: repository)
        fleet.register("mac")
        fleet.submit(.example(edit: edit))
        return fleet
    }

    @Test func `manual waits in testing for a person`() {
        var fleet = fleet()
        fleet.prove(id, on: "mac")
        #expect(fleet.condition(of: id)?.name == .awaitingShip)
        #expect(fleet.claim("mac").isEmpty)
    }

    @Test func `auto ships from testing by itself`() {
        var fleet = fleet { $0.reviewPolicy = .auto }
        fleet.prove(id, on: "mac")
        #expect(fleet.condition(of: id)?.name == .shipping)
        fleet.report(fleet.grant(id, to: "mac"), .merged("merge-1"))
        #expect(fleet.stage(id) == .shipped)
    }

    @Test func `a job cannot loosen its profile's policy`() {
        var profile = Profile.developer
        profile.reviewPolicy = .manual
        var fleet = TestFleet(profile: profile)
        let job = fleet.submit(.example { $0.reviewPolicy = .auto })[0]
        #expect(fleet.job(job).terms.reviewPolicy == .manual)
    }

    @Test(arguments: [ReviewPolicy.auto, .manual])
    func `without a verify a person promotes, then the policy goes on`(policy: ReviewPolicy) {
        var fleet = fleet(.unproven) { $0.reviewPolicy = policy }
        fleet.prove(id, on: "mac", verify: .skipped)
        #expect(fleet.stage(id) == .review)
        #expect(fleet.condition(of: id)?.name == .awaitingPromotion)
        #expect(fleet.job(id).lease == nil)
        fleet.run(.promote(id, by: .alice))
        #expect(fleet.stage(id) == .testing)
        #expect((fleet.job(id).shipRequest != nil) == (policy == .auto))
    }

    @Test func `approve is refused with the hint that helps`() {
        var fleet = fleet(.unproven)
        fleet.prove(id, on: "mac", verify: .skipped)
        #expect(
            fleet.refusal(
                of: .approve([ApprovalOrder(job: id, commit: nil)], comment: nil, by: .alice)
            )?.hint == "giga promote job-1"
        )
        fleet.run(.promote(id, by: .alice))
        #expect(
            fleet.refusal(
                of: .approve([ApprovalOrder(job: id, commit: nil)], comment: nil, by: .alice)
            )?.hint == "giga ship job-1"
        )
    }

    @Test(arguments: [ReviewPolicy.auto, .manual])
    func `a declared no-op is accepted by the policy, with no commit`(policy: ReviewPolicy) {
        var fleet = fleet {
            $0.reviewPolicy = policy
            $0.output = Manifest.Output.none
        }
        fleet.prove(id, on: "mac", candidate: .example(isEmpty: true))
        if policy == .manual {
            #expect(fleet.stage(id) == .testing)
            fleet.run(.ship(id, by: .alice))
        }
        #expect(fleet.stage(id) == .shipped)
        #expect(fleet.job(id).shipped?.commit == nil)
        #expect(fleet.job(id).shipped?.reason == "no change needed")
    }

    @Test func `work whose way to ship is none stays on its branch`() {
        var repository = Repository.shop
        repository.ship = .none
        var fleet = fleet(repository)
        fleet.prove(id, on: "mac")
        fleet.run(.ship(id, by: .alice))
        #expect(fleet.stage(id) == .shipped)
        #expect(fleet.job(id).shipped?.reason?.contains("giga/fleet/1") == true)
    }

    @Test func `a run keeps the profile that it was assigned with`() {
        var fleet = fleet()
        var edited = Profile.developer
        edited.persona = "You write better code."
        fleet.run(.putProfile(edited, by: .alice))
        let run = fleet.grant(id, to: "mac")
        #expect(run.profile.version == 2, "the newest when it is assigned")
        edited.persona = "Third."
        fleet.run(.putProfile(edited, by: .alice))
        #expect(fleet.job(id).terms.profile.version == 2)
        #expect(fleet.job(id).runs.last?.profile?.version == 2)
        #expect(fleet.state.profiles["developer"]?.map(\.version) == [1, 2, 3])
        fleet.run(.putProfile(edited, by: .alice))
        #expect(fleet.state.profiles["developer"]?.count == 3, "the same again is no new version")
    }
}
