import FleetCore
import FleetModel
import FleetTesting

extension String {
    /// What breaks codings that escape by hand, and what would forge the end of an envelope.
    static let nasty = "a \"quoted\" \\ back\u{0}\u{1F}\n\r\ttab \u{2028} é 日本 🦀 /x/ \",\"body\":{}"
}

extension EventBody {
    /// One body of every kind, with strings that are hard to write.
    static func examples() -> [EventBody] {
        var fleet = TestFleet()
        let id = fleet.submit(.example(.nasty, prompt: .nasty, key: "key \"1\""))[0]
        let job = fleet.job(id)
        let failure = FailureReport.example(.verifyFailed, tail: [.nasty, ""], tree: "tree")
        return jobBodies(job, failure) + runBodies(failure) + fleetBodies(job)
    }

    private static func jobBodies(_ job: Job, _ failure: FailureReport) -> [EventBody] {
        let judged = Judged(commit: nil, reason: .nasty)
        let preemption = Preemption(for: JobID(9), reason: .nasty, since: .epoch)
        return [
            .jobSubmitted(
                JobSubmitted(
                    manifest: job.manifest,
                    prompt: job.prompt,
                    contentHash: job.contentHash,
                    style: job.style,
                    terms: job.terms,
                    dependencies: [JobID(7)]
                )
            ),
            .jobAssigned(
                JobAssigned(
                    factory: "a\"b",
                    engine: "shell",
                    terms: job.terms,
                    score: -1,
                    decisionHash: "hash",
                    charge: StationCharge(
                        expected: .seconds(3),
                        weight: 2,
                        turns: [
                            ProductTurn(product: "shop", begins: 7),
                            ProductTurn(product: "other", begins: nil),
                        ]
                    ),
                    groundwork: [Groundwork(job: JobID(7), commit: .nasty)]
                )
            ),
            .jobPassed(judged), .jobPromoted(Judged(commit: "c", reason: "")),
            .jobPauseRequested(.example), .jobPaused(.example), .jobResumed(Reason(.nasty)),
            .jobPreemptRequested(preemption), .jobPreempted(preemption),
            .jobAnswered(Answered(text: .nasty)),
            .jobReprioritised(Reprioritised(priority: .critical, before: .low)),
            .jobCancelRequested(CancelRequested(cause: .rejected, reason: .nasty)),
            .jobRequeued(Requeued(reason: .nasty, startsOver: true, conflict: failure)),
            .jobRetrying(Retrying(failure: failure, until: Instant(milliseconds: 1))),
            .jobFailed(GaveUp(cause: .budget, reason: .nasty)),
            .jobDeadLettered(GaveUp(cause: .timeout, failure: failure, reason: "")),
            .jobShipped(Job.Shipped(commit: nil, target: "main", reason: .nasty)),
        ]
    }

    private static func runBodies(_ failure: FailureReport) -> [EventBody] {
        let lease = Lease(
            job: JobID(3),
            kind: .ship,
            fence: .max,
            attempt: 2,
            factory: "f",
            boot: .nasty,
            claim: .nasty,
            station: nil,
            granted: Instant(milliseconds: 5),
            term: .seconds(60)
        )
        let ended = LeaseEnded(kind: .attempt, reason: .nasty, hadStarted: true)
        return [
            .leaseGranted(lease),
            .leaseExtended(
                LeaseExtended(until: Instant(milliseconds: 9), leases: 2, reason: .nasty)
            ),
            .leaseExpired(ended), .leaseReleased(ended),
            .runStarted(RunStarted(engineVersion: .nasty, notes: [.nasty])),
            .runCheckpointed(
                Checkpoint(factory: "f", engine: .nasty, session: .nasty, commit: "c")
            ),
            .runWaitingInput(
                WaitingInput(question: .nasty, usage: Usage(), spendMicroUSD: 1, notes: [.nasty])
            ),
            .runFinished(
                RunFinished(
                    failure: failure,
                    candidate: .example(),
                    usage: Usage(inputTokens: 0, outputTokens: 5),
                    spendMicroUSD: 12
                )
            ),
            .evidenceRecorded(.example(.verify, .failed, tail: [.nasty])),
            .gateEvaluated(Judged(commit: "c", reason: .nasty)), .reviewRejected(Reason(.nasty)),
            .reviewRequested(ReviewRequested(commit: "c", reviewers: [.nasty], quorum: 1)),
            .reviewApproved(ReviewApproved(commit: "c", owner: .nasty, comment: .nasty)),
            .shipRequested(ShipRequested(commit: "c")),
            .shipStarted(ShipStarted(commit: "c", target: .nasty)),
            .shipMerged(ShipMerged(commit: "c", tree: "t", target: "main", wasThere: true)),
            .shipRefused(
                ShipRefused(cause: .conflict, detail: [.nasty], blocks: .mergeConflict, until: nil)
            ),
        ]
    }

    private static func fleetBodies(_ job: Job) -> [EventBody] {
        let registration = Registration.example("f")
        var profile = Profile(name: "developer", version: 4, persona: .nasty)
        profile.obligations = [.nasty: .nasty]
        return [
            .factoryRegistered(
                Factory(
                    id: "f",
                    boot: .nasty,
                    facts: registration.facts,
                    stations: registration.stations,
                    registeredAt: Instant(milliseconds: 7),
                    tokenHash: "hash"
                )
            ),
            .factoryLate(Reason("")), .factoryOffline(Reason(.nasty)),
            .factoryReturned(Reason(.nasty)),
            .factoryDraining(Draining(draining: true, reason: .nasty)),
            .factoryRemoved(Reason(.nasty)), .repositoryChanged(.shop),
            .profileChanged(
                ProfileChanged(profile, changes: [.nasty], widens: [.nasty], reason: .nasty)
            ), .profileChanged(ProfileChanged(profile)),
            .profileProposed(
                ProfileProposed(
                    profile: profile,
                    changes: [.nasty],
                    against: 3,
                    widens: [.nasty],
                    owner: .nasty,
                    reason: .nasty
                )
            ), .profileRejected(ProfileRejected(name: .nasty, version: 4, reason: .nasty)),
            .fleetHalted(
                Halt(
                    level: .review,
                    reason: .nasty,
                    by: .alice,
                    at: Instant(milliseconds: 3),
                    stops: true
                )
            ),
            .fleetResumed(Reason(.nasty)), .productPaused(.example),
            .productResumed(Reason(.nasty)), .tokenIssued(.example),
            .tokenRevoked(TokenRevoked(name: "alice", reason: .nasty)),
            .fleetRestored(
                Restored(
                    position: 7,
                    lastInstant: Instant(milliseconds: 3),
                    madeAt: Instant(milliseconds: 4),
                    lastJob: 1_000,
                    fence: 99,
                    attempt: 9
                )
            ),
        ]
    }
}

extension Hold {
    fileprivate static let example = Hold(by: .alice, reason: .nasty, since: .epoch)
}

extension Token {
    fileprivate static let example = Token(
        name: "alice",
        hash: "hash",
        role: .operator,
        products: [.nasty],
        owner: .nasty,
        isAgent: true,
        issuedAt: .epoch,
        expires: Instant(milliseconds: 1)
    )
}

extension Event {
    /// An event with every part of the envelope, or with the fewest.
    static func example(_ body: EventBody, position: UInt64 = 1, isBare: Bool = false) -> Event {
        Event(
            position: position,
            product: isBare ? Event.fleetProduct : .nasty,
            seq: position,
            at: Instant(milliseconds: 1_795_233_906_789),
            actor: isBare ? .coordinator : .person(.nasty),
            job: isBare ? nil : JobID(12),
            fence: isBare ? nil : .max,
            attempt: isBare ? nil : 3,
            factory: isBare ? nil : FactoryID(.nasty),
            costMicroUSD: isBare ? nil : -5,
            body: body
        )
    }
}
