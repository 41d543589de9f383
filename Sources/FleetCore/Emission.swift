import FleetModel

extension Fleet {
    /// Makes events of what was decided, applies them, and keeps the indices true.
    mutating func emit(_ bodies: [EventBody], on id: JobID, by actor: Principal) {
        for (place, body) in bodies.enumerated() {
            emit(body, on: id, by: actor, isLast: place == bodies.count - 1)
        }
    }

    /// `isLast` is false when another event of the same job follows at once: what the job waits for
    /// is looked at after the last of them.
    mutating func emit(
        _ body: EventBody,
        on id: JobID? = nil,
        factory: FactoryID? = nil,
        product named: String? = nil,
        by actor: Principal,
        isLast: Bool = true
    ) {
        // Not the job itself: it is changed in place if nobody else has it.
        let before = id.flatMap { state.jobs[$0].map(JobMoment.init) }
        var product = named ?? before?.product ?? Event.fleetProduct
        var (fence, attempt) = (before?.fence, before?.attempt)
        var holder = factory ?? before?.lease?.factory
        switch body {
        case .jobSubmitted(let submitted): product = submitted.terms.product
        case .leaseGranted(let lease):
            (fence, attempt, holder) = (lease.fence, lease.attempt, lease.factory)
        default: attempt = before?.lease?.attempt ?? attempt
        }
        let event = Event(
            position: state.counters.position + 1,
            product: product,
            seq: state.counters.seq[product, default: 0] + 1,
            at: now,
            actor: actor,
            job: id,
            fence: fence == 0 ? nil : fence,
            attempt: attempt == 0 ? nil : attempt,
            factory: holder,
            costMicroUSD: cost(of: body),
            body: body
        )
        state.apply(event)
        turn.events.append(event)
        if let id { noteChange(of: id, before: before, body, isLast: isLast) }
        switch body {
        case .profileChanged, .repositoryChanged: lookAgainAtScopes()
        default: break
        }
        if id == nil, let factory { presence.touch(factory) }
    }

    private func cost(of body: EventBody) -> Int64? {
        switch body {
        case .runFinished(let finished): finished.spendMicroUSD
        case .runWaitingInput(let waiting): waiting.spendMicroUSD
        default: nil
        }
    }

    /// Keeps presence and indices in step with the job's new state.
    private mutating func noteChange(
        of id: JobID,
        before: JobMoment?,
        _ body: EventBody,
        isLast: Bool
    ) {
        guard let job = state.jobs[id] else { return }
        let after = JobMoment(job)
        let (old, new) = (before?.lease, after.lease)
        if let new {
            if presence.leases[id]?.fence != new.fence {
                let live = Presence.LiveLease(
                    fence: new.fence,
                    expires: new.expires,
                    grantedAt: now
                )
                presence.set(id, live)
            }
            presence.touch(id)
        } else if presence.leases[id] != nil {
            presence.set(id, nil)
        }
        index.noteLease(of: job, from: before, to: after)
        if old?.fence != new?.fence {
            for lease in [old, new] { lease.map { presence.touch($0.factory) } }
        }
        if new == nil, let lease = old, let charge = before?.charge {
            noteStationTime(of: lease, charge)
        }
        if before?.stage.isEnded != job.stage.isEnded { index.noteOpening(of: job) }
        if isLast { reindex(id) }
        if old?.kind == .ship, new == nil {
            let waiters = index.shipWaiters[PlacementIndex.shipKey(of: job), default: []]
            for waiter in waiters.sorted() { reindex(waiter) }
        }
        noteHealth(of: old?.factory, body)
        tellDependents(of: job, since: before)
        if old != nil, new == nil, let lock = PlacementIndex.lockKey(of: job) {
            for waiter in index.lockWaiters[lock, default: []].sorted() { reindex(waiter) }
        }
        // Between two events of one decision nothing is let go.
        if isLast || new != nil { noteScope(of: id) }
    }

    /// Puts the real time in place of the expected one, as the product's share does.
    private mutating func noteStationTime(of lease: LeaseMoment, _ charge: StationCharge) {
        let difference = now.since(lease.granted).milliseconds - charge.expected.milliseconds
        presence.change(lease.factory) { seen in
            // Of an older one a part has faded, and a restart forgets all of it.
            seen.recentStationTime = max(0, seen.recentStationTime + Int(difference))
        }
    }

    /// Recent crashes and failed verifies make a factory less wanted; good ends make up for them.
    private mutating func noteHealth(of factory: FactoryID?, _ body: EventBody) {
        guard let factory else { return }
        switch body {
        case .leaseExpired: presence.change(factory) { $0.recentCrashes += 1 }
        case .evidenceRecorded(let item) where item.gate == .verify && item.verdict == .failed:
            presence.change(factory) { $0.recentVerifyFailures += 1 }
        case .jobPassed:
            presence.change(factory) { seen in
                seen.recentCrashes /= 2
                seen.recentVerifyFailures /= 2
            }
        default: return
        }
    }

    mutating func order(
        _ kind: Order.Kind,
        toHolderOf id: JobID,
        reason: String,
        sparesFinished: Bool? = nil
    ) {
        guard let job = state.jobs[id], let lease = job.lease else { return }
        turn.orders.append(
            Order(
                factory: lease.factory,
                kind: kind,
                job: id,
                fence: lease.fence,
                reason: reason,
                sparesFinished: sparesFinished
            )
        )
    }
}
