import FleetModel
import FleetRules

/// Registration, heartbeats and departures.
extension Fleet {
    mutating func register(_ registration: Registration) throws(Refusal) {
        let id = registration.factory
        if let present = state.factories[id] {
            let isHeardOf = presence.factories[id].map { now < silentSince($0, beats: 4) } ?? false
            guard registration.isReturning || !isHeardOf else {
                throw Refusal(
                    .conflict,
                    "factory.name-taken",
                    what: "A factory \(id) is already at work",
                    why: "it was heard of less than four heartbeats ago",
                    hint: "choose another --name, or stop the other one first"
                )
            }
            if present.boot != registration.boot { releaseAll(of: id, reason: "it started anew") }
        }
        var factory = Factory(
            id: id,
            boot: registration.boot,
            facts: registration.facts.sorted(),
            stations: registration.stations,
            registeredAt: now,
            tokenHash: registration.tokenHash
        )
        // A person's drain outlives the process, its own ends with it.
        if let before = state.factories[id], !before.drainsItself { factory.drain(as: before) }
        emit(.factoryRegistered(factory), factory: id, by: .factory(id))
        greet(id, boot: registration.boot)
        turn.seen.insert(id)
        index.learn(state.factories[id])
        turn.answer = .registered(id)
    }

    mutating func hear(_ heartbeat: Heartbeat) throws(Refusal) {
        let id = heartbeat.factory
        var factory = try factory(id)
        guard presence.factories[id]?.formerBoots.contains(heartbeat.boot) != true else {
            throw Refusal(
                .conflict,
                "factory.replaced",
                what: "This start of \(id) was replaced",
                why: "\(heartbeat.boot) was followed by \(factory.boot)",
                hint: "stop this one; giga factory list shows the other"
            )
        }
        if factory.boot != heartbeat.boot {
            releaseAll(of: id, reason: "it started anew")
            factory.boot = heartbeat.boot
            emit(.factoryRegistered(factory), factory: id, by: .factory(id))
            greet(id, boot: heartbeat.boot)
        }
        if let facts = heartbeat.facts, facts.sorted() != factory.facts {
            factory.facts = facts.sorted()
            emit(.factoryRegistered(factory), factory: id, by: .factory(id))
            index.learn(factory)
        }
        if state.factories[id]?.standing != .present {
            emit(.factoryReturned(Reason("it was heard of again")), factory: id, by: .factory(id))
        }
        note(heartbeat.drains, of: id)
        var seen =
            presence.factories[id]
            ?? Presence.Seen(boot: heartbeat.boot, lastHeartbeat: now)
        seen.boot = heartbeat.boot
        seen.lastHeartbeat = now
        seen.load = heartbeat.load
        if seen.claimsNothing != heartbeat.claimsNothing { presence.isStirred = true }
        seen.claimsNothing = heartbeat.claimsNothing
        presence.set(id, seen)
        turn.seen.insert(id)
        renew(heartbeat)
    }

    /// A factory whose process was told to stop says so; a person's drain needs no such word.
    private mutating func note(_ reason: String?, of id: FactoryID) {
        guard let factory = state.factories[id], factory.drainingBy == nil || factory.drainsItself,
            factory.drainsItself != (reason != nil)
        else { return }
        let draining = Draining(
            draining: reason != nil,
            reason: reason ?? "it goes on",
            since: reason == nil ? nil : now
        )
        emit(.factoryDraining(draining), factory: id, by: .factory(id))
    }

    /// A new start of a factory: what the old one claimed or was answered concerns it no more.
    private mutating func greet(_ id: FactoryID, boot: String) {
        answer(presence.factories[id]?.claim, with: [])
        let before = presence.factories[id]
        var seen = Presence.Seen(boot: boot, lastHeartbeat: now)
        seen.formerBoots = before?.formerBoots ?? []
        seen.awaitedBy = before?.awaitedBy ?? [:]
        if let old = before?.boot, old != boot { seen.formerBoots.insert(old) }
        seen.formerBoots.remove(boot)
        presence.set(id, seen)
    }

    private mutating func renew(_ heartbeat: Heartbeat) {
        let id = heartbeat.factory
        var renewed: [HeldLease] = []
        var lost: [HeldLease] = []
        for held in heartbeat.held {
            let lease = state.jobs[held.job]?.lease
            if lease?.fence == held.fence, lease?.factory == id {
                // A lease that was extended past that keeps what it was promised.
                let expires = now.advanced(by: settings.leases.term)
                let promised = presence.leases[held.job]?.expires ?? expires
                presence.change(held.job) { live in
                    live.expires = max(promised, expires)
                    live.unlistedSince = nil
                }
                renewed.append(held)
            } else {
                lost.append(held)
            }
        }
        let listed = Set(renewed.map(\.job))
        for job in leases(of: id) where !listed.contains(job) {
            guard let since = presence.leases[job]?.unlistedSince else {
                presence.change(job) { $0.unlistedSince = now }
                continue
            }
            // News is told at once: heartbeats of one moment may overtake the answer to a claim.
            if since.advanced(by: settings.leases.heartbeat / 2) <= now {
                release(job, reason: "two heartbeats of \(id) did not list it")
            }
        }
        let asked = index.askedPaths.filter { path in
            state.factories[id]?.facts.contains { $0.name == "path:\(path)" } == false
        }
        turn.answer = .heartbeat(
            HeartbeatAnswer(
                renewed: renewed,
                lost: lost,
                orders: standingOrders(for: id),
                paths: asked.sorted()
            )
        )
    }

    /// What a factory must be told again with each heartbeat.
    private func standingOrders(for id: FactoryID) -> [Order] {
        var orders = leases(of: id).compactMap { job -> Order? in
            guard let job = state.jobs[job], let lease = job.lease,
                let standing = standingOrder(for: job, under: lease)
            else { return nil }
            return Order(
                factory: id,
                kind: standing.kind,
                job: job.id,
                fence: lease.fence,
                reason: standing.reason,
                sparesFinished: standing.sparesFinished
            )
        }
        if let factory = state.factories[id], factory.drainingBy != nil, !factory.drainsItself {
            orders.append(
                Order(factory: id, kind: .drain, job: nil, fence: nil, reason: "it is draining")
            )
        }
        return orders
    }

    /// The strongest word comes first: one run is asked one thing at a time.
    private func standingOrder(
        for job: Job,
        under lease: Lease
    ) -> (kind: Order.Kind, reason: String, sparesFinished: Bool?)? {
        if let request = job.cancelRequest, lease.kind == .attempt {
            return (.cancel, request.reason, nil)
        }
        if let pause = job.pause, lease.kind == .attempt { return (.pause, pause.reason, nil) }
        if let halt = state.halt, halt.stopsRun(of: job) { return (.stop, halt.reason, nil) }
        if let preemption = job.preemption, lease.kind == .attempt {
            return (.pause, preemption.reason, true)
        }
        return nil
    }

    mutating func drain(
        _ id: FactoryID,
        draining: Bool,
        reason: String,
        by person: Principal
    ) throws(Refusal) {
        let factory = try factory(id)
        if factory.drainsItself, !draining {
            throw Refusal(
                .conflict,
                "factory.stopping",
                what: "\(id) cannot be resumed: its process is stopping",
                why: factory.drainingReason ?? "it was told to stop",
                hint: "giga factory run --name \(id), once it has ended"
            )
        }
        guard (factory.drainingBy != nil && !factory.drainsItself) != draining else { return }
        let since = draining ? now : nil
        emit(
            .factoryDraining(Draining(draining: draining, reason: reason, since: since)),
            factory: id,
            by: person
        )
        turn.orders.append(
            Order(
                factory: id,
                kind: draining ? .drain : .undrain,
                job: nil,
                fence: nil,
                reason: reason
            )
        )
    }

    mutating func remove(_ id: FactoryID, reason: String, by person: Principal) throws(Refusal) {
        _ = try factory(id)
        releaseAll(of: id, reason: reason)
        answer(presence.factories[id]?.claim, with: [])
        // Nothing is to be waited for any more.
        for job in index.patience.jobs(awaiting: id).sorted() { reindex(job) }
        presence.set(id, nil)
        emit(.factoryRemoved(Reason(reason)), factory: id, by: person)
        index.forget(id)
    }

    func factory(_ id: FactoryID) throws(Refusal) -> Factory {
        guard let factory = state.factories[id] else {
            throw Refusal(
                .unknown,
                "factory.unknown",
                what: "There is no factory \(id)",
                why: "it never registered here, or it was removed",
                hint: "giga factory list"
            )
        }
        return factory
    }

    /// Jobs on which a factory holds a lease, in the order of their ids.
    func leases(of id: FactoryID) -> [JobID] {
        index.leasesByFactory[id, default: []].sorted()
    }

    mutating func releaseAll(of id: FactoryID, reason: String) {
        for job in leases(of: id) { release(job, reason: "\(id): \(reason)") }
    }

    mutating func release(_ id: JobID, reason: String) {
        guard let job = state.jobs[id] else { return }
        emit(job.afterRelease(reason: reason), on: id, by: .coordinator)
    }

    /// The instant at which so many heartbeats were missed.
    func silentSince(_ seen: Presence.Seen, beats: Int64) -> Instant {
        seen.lastHeartbeat.advanced(by: settings.leases.heartbeat * beats)
    }
}
