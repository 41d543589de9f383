import FleetCore
import FleetModel
import FleetTesting
import Testing

/// `deps: [early@testing]`: job-1 is early, job-2 starts when job-1 is in testing.
@Suite struct GroundworkTests {
    private let early = JobID(1)
    private let late = JobID(2)

    private func pair(
        policy: ReviewPolicy = .manual,
        edit: (inout Manifest) -> Void = { _ in }
    ) -> TestFleet {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(
            .example("early", edit: edit),
            .example("late") { manifest in
                manifest.deps = [Dependency(name: "early", fromTesting: true)]
                manifest.reviewPolicy = policy
            }
        )
        return fleet
    }

    /// job-2 as far as that stage, on the commit of job-1.
    private func begun(_ stage: Stage) -> (fleet: TestFleet, run: GrantedRun) {
        var fleet = pair()
        fleet.prove(early, on: "mac")
        let candidate = Candidate.example("2")
        let run =
            switch stage {
            case .assigned: fleet.grant(late, to: "mac")
            case .building: fleet.build(late, on: "mac")
            case .review: fleet.finish(late, on: "mac", candidate: candidate)
            default: fleet.prove(late, on: "mac", candidate: candidate)
            }
        #expect(fleet.stage(late) == stage)
        return (fleet, run)
    }

    @Test func `review is not enough, and the reason says what is`() {
        var fleet = pair()
        fleet.finish(early, on: "mac")
        #expect(fleet.claim("mac").isEmpty)
        #expect(fleet.condition(of: late)?.name == .waitingDependency)
        #expect(fleet.condition(of: late)?.endsWhen == "job-1 passes its gates")
    }

    @Test func `it waits again when what it waits for leaves testing before it started`() {
        var fleet = pair()
        fleet.prove(early, on: "mac")
        #expect(fleet.condition(of: late)?.name == .noFreeStation, "it could start")
        fleet.run(.requeue(early, reason: "again", by: .alice))
        #expect(fleet.condition(of: late)?.name == .waitingDependency)
        #expect(fleet.claim("mac", free: 2).map(\.lease.job) == [early])
        #expect(!fleet.kinds(of: late).contains(.jobRequeued), "nothing had begun")
    }

    @Test(arguments: [Stage.assigned, .building, .review, .testing])
    func `what began on a commit that changes is queued again at no retry's cost`(stage: Stage) {
        var (fleet, run) = begun(stage)
        fleet.run(.requeue(early, reason: "again", by: .alice))
        #expect(fleet.stage(late) == .queued)
        #expect(fleet.job(late).retriesUsed == 0 && fleet.job(late).candidate == nil)
        #expect(fleet.condition(of: late)?.name == .waitingDependency)
        let told = fleet.orders.filter { $0.job == late && $0.kind == .cancel }
        #expect(told.map(\.fence) == (stage == .testing ? [] : [run.lease.fence]))
        if stage != .testing {
            let refusal = fleet.refusal(of: run, .started(RunStarted()), .failed(.timeout))
            #expect(refusal?.code == "lease.stale")
        }
        #expect(fleet.replayed() == fleet.state)
    }

    @Test func `a merge conflict of the one sends the other back as well`() {
        var (fleet, _) = begun(.testing)
        fleet.run(.ship(early, by: .alice))
        fleet.report(fleet.grant(early, to: "mac"), .shipRefused(.conflict, detail: []))
        #expect(fleet.stage(early) == .queued && fleet.stage(late) == .queued)
    }

    @Test func `when the one is cancelled the other waits and says so`() {
        var (fleet, _) = begun(.building)
        fleet.run(.cancel(early, reason: "no", by: .alice))
        #expect(fleet.stage(late) == .queued)
        #expect(fleet.condition(of: late)?.name == .dependencyFailed)
    }

    @Test func `work that a person ended is not taken up again`() {
        var (fleet, run) = begun(.building)
        fleet.run(.cancel(late, reason: "no", by: .alice))
        fleet.run(.requeue(early, reason: "again", by: .alice))
        #expect(fleet.stage(late) == .building)
        fleet.report(run, .stopped(.cancelled, reason: "told to"))
        #expect(fleet.stage(late) == .failed)
    }

    @Test func `a pause outlives it`() {
        var (fleet, _) = begun(.building)
        fleet.run(.pause(late, reason: "wait", by: .alice))
        fleet.run(.requeue(early, reason: "again", by: .alice))
        #expect(fleet.condition(of: late)?.name == .paused)
    }

    @Test func `a chain goes back link by link`() {
        var (fleet, _) = begun(.testing)
        let wish = Dependency(name: "job-2", fromTesting: true)
        fleet.submit(.example("last") { $0.deps = [wish] })
        fleet.build(JobID(3), on: "mac")
        fleet.run(.requeue(early, reason: "again", by: .alice))
        #expect(fleet.stage(JobID(3)) == .queued)
        #expect(fleet.claim("mac", free: 3).map(\.lease.job) == [early])
    }

    @Test(arguments: [ReviewPolicy.manual, .auto])
    func `it ships only after what it began on has shipped`(policy: ReviewPolicy) {
        var fleet = pair(policy: policy)
        fleet.prove(early, on: "mac")
        fleet.prove(late, on: "mac", candidate: .example("2"))
        if policy == .manual { fleet.run(.ship(late, by: .alice)) }
        #expect(fleet.condition(of: late)?.name == .awaitingDependencyShip)
        #expect(fleet.condition(of: late)?.endsWhen == "job-1 ships")
        #expect(fleet.claim("mac").isEmpty)
        fleet.restart()
        #expect(fleet.claim("mac").isEmpty, "nor after a restart")
        fleet.run(.ship(early, by: .alice))
        let ship = fleet.takeAnswers().flatMap(\.leases).last
        #expect(ship?.lease.job == early)
        fleet.claim("mac")
        if let ship { fleet.report(ship, .merged("merge-1")) }
        #expect(fleet.job(late).lease?.kind == .ship)
    }

    @Test func `its start is a merge of that very commit, until that has shipped`() {
        var fleet = pair()
        fleet.prove(early, on: "mac")
        let run = fleet.grant(late, to: "mac")
        #expect(run.groundwork == [Groundwork(job: early, commit: "commit-1")])
        #expect(run.mustContain.isEmpty)
        fleet.restart()
        fleet.register("mac", boot: "boot-2")
        fleet.run(.ship(early, by: .alice))
        let next = fleet.claim("mac", free: 1)
        fleet.report(next[0], .merged("merge-1"))
        let again = next.first { $0.lease.job == late } ?? fleet.grant(late, to: "mac")
        #expect(fleet.job(late).groundwork == run.groundwork)
        #expect(again.lease.fence > run.lease.fence)
    }

    @Test func `beside a plain dependency testing is enough of the one and not of the other`() {
        var fleet = pair()
        fleet.submit(.example("plain"))
        let wishes = [
            Dependency(name: "job-3"), Dependency(name: "job-1", fromTesting: true),
        ]
        fleet.submit(.example("both") { $0.deps = wishes })
        fleet.run(.cancel(late, reason: "not this one", by: .alice))
        fleet.prove(early, on: "mac")
        fleet.prove(JobID(3), on: "mac")
        #expect(fleet.claim("mac", free: 3).isEmpty)
        fleet.run(.ship(JobID(3), by: .alice))
        let ship = fleet.takeAnswers().flatMap(\.leases).last
        #expect(ship?.lease.job == JobID(3))
        if let ship { fleet.report(ship, .merged("merge-3")) }
        #expect(fleet.grant(JobID(4), to: "mac").groundwork?.map(\.job) == [early])
    }

    @Test func `what never goes to the target is no ground to start from`() {
        var fleet = pair { $0.output = Manifest.Output.none }
        fleet.prove(early, on: "mac")
        #expect(fleet.stage(early) == .testing)
        #expect(fleet.claim("mac").isEmpty)
        #expect(fleet.condition(of: late)?.endsWhen == "job-1 ships")
    }

    @Test(arguments: [true, false])
    func `work in progress goes on only from the commit that it began on`(changes: Bool) {
        var (fleet, run) = begun(.building)
        let kept = Checkpoint(factory: "mac", engine: "shell", commit: "half", base: "commit-1")
        fleet.run(.pause(late, reason: "wait", by: .alice))
        fleet.report(run, .checkpointed(kept), .stopped(.drained, reason: "paused"))
        #expect(fleet.stage(late) == .queued && fleet.job(late).checkpoint != nil)
        if changes {
            fleet.run(.requeue(early, reason: "again", by: .alice))
            fleet.prove(early, on: "mac", candidate: .example("other"))
        }
        fleet.run(.resumeJob(late, reason: "go", by: .alice))
        let next = fleet.grant(late, to: "mac")
        #expect((next.checkpoint == nil) == changes)
        #expect(next.groundwork?.map(\.commit) == [changes ? "commit-other" : "commit-1"])
    }
}
