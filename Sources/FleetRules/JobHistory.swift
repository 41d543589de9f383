package import FleetModel

extension Job {
    /// The job that a `job.submitted` event brings into being; nil for any other event.
    package init?(submittedBy event: Event) {
        guard case .jobSubmitted(let body) = event.body, let id = event.job else { return nil }
        self.init(id, body, by: event.actor, at: event.at)
        eventCount = 1
    }

    /// Applies one stored fact.
    ///
    /// There is no `default` over the job's own kinds, so that a new event must be thought about.
    package mutating func apply(_ event: Event) {
        eventCount += 1
        spendMicroUSD += event.costMicroUSD ?? 0
        let endsAttempt = endsLease(event.body)
        switch event.body {
        case .leaseGranted(let lease): begin(lease)
        case .jobAssigned(let assigned):
            terms = assigned.terms
            charge = assigned.charge
            // Whose turn it was is the fleet's, and is kept with the products.
            charge?.turns = nil
            begin(on: assigned.groundwork)
            runs.append(
                Run(lease: present(event), engine: assigned.engine, profile: terms.profile)
            )
        case .leaseExpired(let ended): lose(ended, counts: ended.hadStarted)
        case .leaseReleased(let ended): lose(ended, counts: false)
        case .leaseExtended(let extended):
            if let expires = lease?.expires { lease?.expires = max(expires, extended.until) }
        case .runStarted(let started): start(started, at: event.at)
        case .runFinished(let finished): finish(finished, at: event.at)
        case .evidenceRecorded(let item): record(item)
        case .gateEvaluated: isJudged = true
        case .jobPassed(let judged), .jobPromoted(let judged):
            isJudged = true
            if judged.keepsPause != true { pause = nil }
        case .jobRetrying(let retrying):
            retriesUsed += 1
            lastFailure = retrying.failure
            backoffUntil = retrying.until
            forgetCandidate()
        case .jobRequeued(let requeued): requeue(requeued)
        case .jobFailed(let gaveUp), .jobDeadLettered(let gaveUp):
            lastFailure =
                gaveUp.failure ?? FailureReport(cause: gaveUp.cause, tail: [gaveUp.reason])
            cancelRequest = nil
            pause = nil
            forgetUnfinished()
        case .jobCancelRequested(let request):
            cancelRequest = CancelRequest(
                by: event.actor,
                cause: request.cause,
                reason: request.reason,
                at: event.at
            )
        case .shipRequested(let request):
            shipRequest = ShipRequest(by: event.actor, commit: request.commit, at: event.at)
            shipBlock = nil
            shipRounds = 0
        case .shipStarted: hasStarted = true
        case .shipMerged(let merged): note("shipped", commit: merged.commit, at: event.at)
        case .shipRefused(let refused): refuse(refused, at: event.at)
        case .jobShipped(let result):
            shipped = result
            cancelRequest = nil
            pause = nil
        case .jobPauseRequested, .jobPaused, .jobResumed, .jobReprioritised, .jobAnswered,
            .jobPreemptRequested, .jobPreempted, .runCheckpointed, .runWaitingInput,
            .reviewApproved:
            applyWord(event)
        case .reviewRequested, .productPaused, .productResumed, .tokenIssued, .tokenRevoked,
            .jobSubmitted, .reviewRejected, .factoryRegistered, .factoryLate, .factoryOffline,
            .factoryReturned, .factoryDraining, .factoryRemoved, .repositoryChanged,
            .profileProposed, .profileChanged, .profileRejected, .fleetHalted, .fleetResumed,
            .fleetRestored:
            break
        }
        if endsAttempt { endLease(event) }
        move(to: StageTransition.target(of: event.body), at: event.at)
    }

    private func endsLease(_ body: EventBody) -> Bool {
        switch body {
        case .leaseExpired, .leaseReleased, .gateEvaluated, .jobPassed, .jobRetrying, .jobRequeued,
            .jobFailed, .shipRefused, .jobShipped, .runWaitingInput, .jobPreempted:
            true
        default: false
        }
    }

    private mutating func move(to next: Stage?, at now: Instant) {
        guard let next, next != stage else { return }
        assert(
            StageTransition.isLegal(from: stage, to: next),
            "\(id): \(stage) leads not to \(next)"
        )
        stage = next
        stageSince = now
    }

    private mutating func begin(_ lease: Lease) {
        self.lease = lease
        fence = lease.fence
        hasStarted = false
        backoffUntil = nil
        preemption = nil
        if lease.kind == .ship { runs.append(Run(lease: lease, engine: nil, profile: nil)) }
    }

    /// The lease that the grant just before this event made.
    private func present(_ event: Event) -> Lease {
        guard let lease else { preconditionFailure("\(id): assigned without a lease") }
        return lease
    }

    private mutating func endLease(_ event: Event) {
        if lease != nil { close(event) }
        lease = nil
        charge = nil
        hasStarted = false
        // What was asked of one run concerns no other; one that gave way waits because of it.
        if event.kind != .jobPreempted { preemption = nil }
    }

    /// A run that did not report its own end has one too: its lease was taken, or given back.
    private mutating func close(_ event: Event) {
        guard event.actor.kind == .factory else { return note("lost", at: event.at) }
        guard let run = runs.last, run.endedAt == nil else { return }
        switch event.body {
        case .jobFailed(let gaveUp): note(gaveUp.cause.rawValue, at: event.at)
        case .jobRetrying(let retry): note(retry.failure.cause.rawValue, at: event.at)
        case .leaseReleased(let ended) where ended.pushedNothing == true:
            note("stopped", at: event.at)
        case .jobPreempted: note(FailureCause.preempted.rawValue, at: event.at)
        default: note("released", at: event.at)
        }
    }

    private mutating func lose(_ ended: LeaseEnded, counts: Bool) {
        guard ended.kind == .attempt else { return }
        if counts { lossesInARow += 1 }
        forgetCandidate()
    }

    private mutating func start(_ started: RunStarted, at now: Instant) {
        hasStarted = true
        attempt = lease?.attempt ?? attempt
        change { run in
            run.startedAt = now
            run.engineVersion = started.engineVersion
            run.model = started.model
            run.sandbox = started.sandbox
            run.promptHash = started.promptHash
            run.notes += started.notes
        }
    }

    private mutating func finish(_ finished: RunFinished, at now: Instant) {
        lossesInARow = 0
        checkpoint = nil
        // Its engine was done before it heard of it: there is nothing left to give way with.
        preemption = nil
        candidate = finished.candidate
        evidence = []
        isJudged = false
        note(finished.failure?.cause.rawValue ?? "ended", commit: candidate?.commit, at: now)
        change { run in
            run.usage = finished.usage
            run.model = finished.model ?? run.model
            run.spendMicroUSD = finished.spendMicroUSD
            run.notes += finished.notes
        }
    }

    private mutating func record(_ item: Evidence) {
        evidence.removeAll { $0.gate == item.gate }
        evidence.append(item)
        if let artifacts = item.artifacts { change { $0.artifacts = artifacts } }
    }

    private mutating func requeue(_ requeued: Requeued) {
        forgetCandidate()
        forgetUnfinished()
        if requeued.startsOver {
            retriesUsed = 0
            lossesInARow = 0
            conflictRetries = 0
            cancelRequest = nil
            backoffUntil = nil
        }
        if let conflict = requeued.conflict {
            conflictRetries += 1
            lastFailure = conflict
        }
    }

    private mutating func refuse(_ refused: ShipRefused, at now: Instant) {
        switch refused.cause {
        case .targetMoved, .pushRefused, .unseen, .unreachable, .forbidden: shipRounds += 1
        case .conflict, .verifyFailed, .scopeViolation, .overtaken, .absent: break
        }
        shipBlock = refused.blocks
        backoffUntil = refused.until
        shipRefusal = refused
        let unseen: ShipRefused.Cause = refused.cause == .overtaken ? .overtaken : .unseen
        note(refused.cause.hasSeenTarget ? "refused" : unseen.rawValue, at: now)
    }

    private mutating func forgetCandidate() {
        candidate = nil
        evidence = []
        isJudged = false
        shipRequest = nil
        shipBlock = nil
        shipRefusal = nil
        shipRounds = 0
    }

    mutating func note(_ outcome: String, commit: String? = nil, at now: Instant) {
        change { run in
            run.outcome = outcome
            run.commit = commit ?? run.commit
            run.endedAt = now
        }
    }

    /// Changes the newest run, if there is one.
    mutating func change(_ edit: (inout Run) -> Void) {
        guard let last = runs.indices.last else { return }
        edit(&runs[last])
    }
}
