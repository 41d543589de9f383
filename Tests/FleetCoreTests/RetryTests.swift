import FleetCore
import FleetModel
import FleetRules
import FleetTesting
import Testing

@Suite struct RetryTests {
    private let id = JobID(1)

    private func fleet(max: Int = 1, on: [FailureCause] = [.timeout, .verifyFailed]) -> TestFleet {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example { $0.retry = RetryPolicy(max: max, backoff: .seconds(60), on: on) })
        return fleet
    }

    /// One more attempt that fails so; time passes until the backoff is over.
    private func fail(_ fleet: inout TestFleet, _ item: RunReportItem) {
        fleet.report(fleet.build(id, on: "mac"), item)
        if fleet.stage(id) == .queued { fleet.pass(.minutes(70), beating: ["mac"]) }
    }

    @Test func `a cause that is not listed fails at once and is no dead letter`() {
        var fleet = fleet(max: 3)
        fail(&fleet, .failed(.engineFailed))
        #expect(fleet.stage(id) == .failed)
        #expect(fleet.job(id).lastFailure?.cause == .engineFailed)
    }

    @Test func `a run whose report was refused is retried as its rules say, and then given up`() {
        var fleet = fleet(on: [.engineCrashed])
        let words = "the coordinator refuses its report: 400 http.unreadable-body"
        fail(&fleet, .stopped(.engineCrashed, reason: words))
        #expect(fleet.stage(id) == .queued)
        #expect(fleet.job(id).retriesUsed == 1)
        fail(&fleet, .stopped(.engineCrashed, reason: words))
        #expect(fleet.stage(id) == .deadLetter)
        #expect(fleet.job(id).lastFailure?.tail == [words])
    }

    @Test func `without retries a retryable failure ends in failed`() {
        var fleet = fleet(max: 0)
        fail(&fleet, .failed(.timeout))
        #expect(fleet.stage(id) == .failed)
    }

    @Test(arguments: 1...3)
    func `each retry is used, and the one after the last is a dead letter`(max: Int) {
        var fleet = fleet(max: max)
        for attempt in 1...max {
            fail(&fleet, .failed(.timeout, tail: ["other end \(["a", "b", "c"][attempt - 1])"]))
            #expect(fleet.stage(id) == .queued, "attempt \(attempt)")
            #expect(fleet.job(id).retriesUsed == attempt)
        }
        fail(&fleet, .failed(.timeout, tail: ["at last"]))
        #expect(fleet.stage(id) == .deadLetter)
        #expect(fleet.job(id).attempt == max + 1)
        #expect(Array(fleet.kinds(of: id).suffix(2)) == [.jobFailed, .jobDeadLettered])
    }

    @Test func `the same failure twice is a dead letter, retries left or not`() {
        var fleet = fleet(max: 5)
        fail(&fleet, .failed(.timeout, tail: ["test 1 failed after 0.31 s"]))
        fail(&fleet, .failed(.timeout, tail: ["test 2 failed after 4.07 s"]))
        #expect(fleet.stage(id) == .deadLetter, "numbers differ without meaning anything")
        #expect(fleet.job(id).retriesUsed == 1)
    }

    @Test(arguments: [
        RunReportItem.failed(.verifyFailed, tail: ["it broke"]),
        .failed(.timeout, tail: ["it broke otherwise"]),
        .failed(.timeout, tail: ["it broke"], tree: "another tree"),
    ])
    func `another cause, other last lines or another tree is a material change`(
        second: RunReportItem
    ) {
        var fleet = fleet(max: 5)
        fail(&fleet, .failed(.timeout, tail: ["it broke"], tree: "tree"))
        fail(&fleet, second)
        #expect(fleet.stage(id) == .queued)
        #expect(fleet.job(id).retriesUsed == 2)
    }

    @Test func `a retry waits for its backoff and gets the failure with it`() {
        var fleet = fleet()
        fleet.report(fleet.build(id, on: "mac"), .failed(.timeout, tail: ["line 1", "line 2"]))
        let until = fleet.job(id).backoffUntil ?? .epoch
        let wait = until.since(fleet.now)
        #expect(wait >= .seconds(60) && wait <= .seconds(66), "a tenth more at most")
        fleet.pass(wait, beating: ["mac"])
        let run = fleet.claim("mac").first
        #expect(run?.lastFailure?.tail == ["line 1", "line 2"])
        #expect(run?.lease.run == .attempt(id, 2))
    }

    @Test func `nothing starts in the last millisecond of a backoff`() {
        var fleet = fleet()
        fleet.report(fleet.build(id, on: "mac"), .failed(.timeout))
        let until = fleet.job(id).backoffUntil ?? .epoch
        fleet.pass(until.since(fleet.now.advanced(by: .milliseconds(1))), beating: ["mac"])
        #expect(fleet.claim("mac").isEmpty)
        fleet.tick(after: .milliseconds(1))
        #expect(fleet.stage(id) == .assigned)
    }

    @Test func `backoff doubles, stops at an hour, and is the same on every machine`() {
        let job = {
            var fleet = fleet(max: 10)
            fleet.tick()
            return fleet.job(id)
        }()
        var bases: [Int64] = []
        for retry in 1...10 {
            let wait = job.backoff(before: retry).milliseconds
            #expect(job.backoff(before: retry).milliseconds == wait)
            bases.append(wait)
        }
        let doubled: [Int64] = [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600]
        for (wait, base) in zip(bases, doubled) {
            #expect(wait >= base * 1000 && wait <= base * 1100)
        }
    }

    @Test func `a failed verify costs a retry and is told to the next attempt`() {
        var fleet = fleet()
        let run = fleet.finish(id, on: "mac")
        fleet.report(
            run,
            .evidence(.example(.scope)),
            .evidence(.example(.secrets)),
            .evidence(.example(.verify, .failed, tail: ["2 tests failed"])),
            .evidenceComplete
        )
        #expect(fleet.stage(id) == .queued)
        #expect(fleet.job(id).retriesUsed == 1)
        #expect(fleet.job(id).lastFailure?.tail == ["2 tests failed"])
        #expect(fleet.job(id).candidate == nil)
    }

    @Test(arguments: [
        (Evidence.Gate.scope, FailureCause.scopeViolation), (.secrets, .secretFound),
    ])
    func `a change outside its scope or with a secret fails at once`(
        gate: Evidence.Gate,
        cause: FailureCause
    ) {
        var fleet = fleet(max: 5)
        let run = fleet.finish(id, on: "mac")
        let evidence = Evidence.Gate.allCases.map {
            Evidence.example($0, $0 == gate ? .failed : .passed)
        }
        fleet.run(
            .report(.of(run, evidence.map(RunReportItem.evidence) + [.evidenceComplete]), by: "mac")
        )
        #expect(fleet.stage(id) == .failed)
        #expect(fleet.job(id).lastFailure?.cause == cause)
    }

    @Test func `a good end that changed nothing, undeclared, is a failure`() {
        var fleet = fleet()
        let run = fleet.build(id, on: "mac")
        fleet.report(run, .finished(RunFinished(candidate: .example(isEmpty: true))))
        #expect(fleet.stage(id) == .failed)
        #expect(fleet.job(id).lastFailure?.cause == .engineFailed)
    }

    @Test func `a good end without a commit is refused`() {
        var fleet = fleet()
        let run = fleet.build(id, on: "mac")
        #expect(fleet.refusal(of: run, .finished(RunFinished()))?.code == "run.no-candidate")
    }
}

@Suite struct LossTests {
    private let id = JobID(1)

    private func fleet(_ retry: RetryPolicy = RetryPolicy(max: 0, backoff: .zero, on: []))
        -> TestFleet
    {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example { $0.retry = retry })
        return fleet
    }

    /// The lease runs out under a worker that has started, while the coordinator is well.
    private func lose(_ fleet: inout TestFleet) {
        fleet.build(id, on: "mac")
        fleet.pass(.seconds(60), beating: [])
        fleet.beat("mac")
    }

    @Test func `a lost machine is no retry, whatever retry on says`() {
        var fleet = fleet()
        for losses in 1...4 {
            lose(&fleet)
            #expect(fleet.stage(id) == .queued)
            #expect(fleet.job(id).lossesInARow == losses)
            #expect(fleet.job(id).retriesUsed == 0)
        }
    }

    @Test func `the fifth loss in a row after a start is a dead letter`() {
        var fleet = fleet()
        for _ in 1...5 { lose(&fleet) }
        #expect(fleet.stage(id) == .deadLetter)
        #expect(fleet.job(id).lastFailure?.cause == .leaseExpired)
        #expect(fleet.job(id).retriesUsed == 0)
    }

    @Test func `a run that ended in between begins the count anew`() {
        var fleet = fleet(RetryPolicy(max: 1, backoff: .zero, on: [.timeout]))
        for _ in 1...4 { lose(&fleet) }
        fleet.report(fleet.build(id, on: "mac"), .failed(.timeout))
        fleet.tick()
        for _ in 1...4 { lose(&fleet) }
        #expect(fleet.stage(id) == .queued)
    }

    @Test func `a lease that ran out before a start does not count`() {
        var fleet = fleet()
        for _ in 1...7 {
            _ = fleet.grant(id, to: "mac")
            fleet.pass(.seconds(15), beating: ["mac"])
        }
        #expect(fleet.stage(id) == .queued)
        #expect(fleet.job(id).lossesInARow == 0)
    }

    @Test(arguments: [FailureCause.preempted, .drained, .limited])
    func `what is nobody's fault returns to the queue and never counts`(cause: FailureCause) {
        var fleet = fleet()
        for turn in 1...6 {
            let run = fleet.build(id, on: "mac")
            if turn.isMultiple(of: 2) {
                fleet.report(run, .stopped(cause, reason: "so"))
            } else {
                fleet.report(run, .failed(cause))
            }
            #expect(fleet.stage(id) == .queued)
        }
        #expect(fleet.job(id).retriesUsed == 0)
        #expect(fleet.job(id).lossesInARow == 0)
        #expect(fleet.job(id).attempt == 6)
    }

    @Test func `losing the lease in review requeues and uses no retry`() {
        var fleet = fleet()
        let run = fleet.finish(id, on: "mac")
        fleet.pass(.seconds(60), beating: [])
        #expect(fleet.stage(id) == .queued)
        #expect(fleet.job(id).retriesUsed == 0)
        #expect(fleet.job(id).candidate == nil)
        #expect(fleet.refusal(of: run, .evidenceComplete)?.code == "lease.stale")
    }

    @Test func `a person's requeue begins retries and losses anew, attempts count on`() {
        var fleet = fleet()
        for _ in 1...5 { lose(&fleet) }
        fleet.run(.requeue(id, reason: "the machine was broken", by: .alice))
        #expect(fleet.stage(id) == .queued)
        lose(&fleet)
        #expect(fleet.stage(id) == .queued)
        #expect(fleet.job(id).lossesInARow == 1)
        #expect(fleet.job(id).attempt == 6)
    }
}
