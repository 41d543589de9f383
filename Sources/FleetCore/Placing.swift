import FleetModel
import FleetRules
import Routing

/// Placement rounds: waiting claims on one side, ready jobs on the other.
extension Fleet {
    mutating func place() {
        settle()
        guard state.halt?.level != .all, !claimableClasses().isEmpty else { return }
        var granted: [FactoryID: [GrantedRun]] = [:]
        var aside: [JobID] = []
        while let (choice, turns) = nextInLine() {
            // Its lock, scope or target may have been taken since it became ready.
            reindex(choice.job)
            guard index.ready.contains(choice.job), let job = state.jobs[choice.job] else {
                continue
            }
            let view = Sight.job(job, in: index.table[choice.requirementClass])
            let assignment = index.roster.place(
                view,
                of: choice.requirementClass,
                in: index.table,
                rarity: index.rarity,
                weights: settings.weights,
                seed: state.counters.position + 1,
                precedence: Precedence(choice, terms: settings.sharing, at: now)
            )
            // The classes said yes, so a miss would repeat for ever: the job steps aside instead.
            guard let assignment else {
                index.ready.remove(job.id)
                aside.append(job.id)
                continue
            }
            if waits(job, view, of: choice.requirementClass, insteadOf: assignment) { continue }
            let winner = assignment.factory
            granted[winner, default: []].append(grant(job, by: assignment, turns))
        }
        for id in aside { reindex(id) }
        for (id, runs) in granted.sorted(by: { $0.key < $1.key }) {
            answer(presence.factories[id]?.claim, with: runs)
        }
    }

    /// Classes that some waiting claim could take now.
    mutating func claimableClasses() -> ClassSet {
        settle()
        let open = index.roster.classesOnOffer(in: index.table)
        guard let halt = state.halt else { return open }
        return open.intersection(index.classesOpen(during: halt))
    }

    /// Nothing is granted to a factory whose last heartbeat is older than two intervals.
    func isOverdue(_ id: FactoryID) -> Bool {
        presence.factories[id].map { silentSince($0, beats: 2) <= now } ?? true
    }

    /// A factory at this moment; what is rare about it, `Rarity` says when it is placed there.
    private func look(at factory: Factory) -> FactoryView {
        Sight.factory(
            factory,
            stating: stated(by: factory),
            seen: presence.factories[factory.id],
            busy: busyStations(of: factory.id),
            isLate: isOverdue(factory.id),
            rare: []
        )
    }

    /// Takes a factory up in the roster as it is now.
    mutating func enrol(_ id: FactoryID) {
        guard let factory = state.factories[id], let shape = index.shapes[id] else {
            index.roster.remove(id)
            index.enrolled[id] = nil
            return
        }
        let seen = presence.factories[id]
        let takesShip = seen?.claim?.takesShip ?? false
        guard let number = index.enrolled[id] else {
            let view = look(at: factory)
            index.enrolled[id] = index.roster.set(view, shape: shape, takesShip: takesShip)
            return
        }
        let isLate = isOverdue(id)
        let claim = isLate ? nil : seen?.claim
        let busy = claim == nil ? busyStations(of: id) : [:]
        index.roster.change(
            number,
            to: Sight.condition(of: factory, seen: seen, isLate: isLate),
            takesShip: takesShip
        ) { place in
            Sight.free(factory.stations[place], claim: claim, busy: busy)
        }
    }

    func stated(by factory: Factory) -> StatedFactory {
        index.stated[factory.id] ?? StatedFactory(factory)
    }

    func busyStations(of id: FactoryID) -> [String: Int] {
        var busy: [String: Int] = [:]
        for job in index.leasesByFactory[id, default: []] {
            if let engine = state.jobs[job]?.lease?.station { busy[engine, default: 0] += 1 }
        }
        return busy
    }

    private mutating func grant(
        _ job: Job,
        by assignment: Assignment,
        _ turns: [ProductTurn]
    ) -> GrantedRun {
        let winner = assignment.factory
        let kind: Lease.Kind = job.stage == .testing ? .ship : .attempt
        let charge = kind == .attempt ? charge(for: job, turns) : nil
        let lease = Lease(
            job: job.id,
            kind: kind,
            fence: state.counters.lastFence(of: job) + 1,
            attempt: kind == .attempt ? state.counters.lastAttempt(of: job) + 1 : job.attempt,
            factory: winner,
            boot: state.factories[winner]?.boot ?? "",
            claim: presence.factories[winner]?.claim?.id,
            station: assignment.engine,
            granted: now,
            term: settings.leases.term
        )
        let coded = coding(assignment.record)
        turn.decisions.append(
            DecisionRecord(
                job: job.id,
                product: job.terms.product,
                run: lease.run,
                coded: coded
            )
        )
        emit(.leaseGranted(lease), on: job.id, by: .coordinator, isLast: kind == .ship)
        if kind == .attempt {
            let assigned = JobAssigned(
                factory: winner,
                engine: assignment.engine ?? "",
                terms: state.presentTerms(of: job),
                score: Int64(assignment.score),
                decisionHash: coded.hash,
                charge: charge,
                groundwork: state.groundwork(of: job)
            )
            emit(.jobAssigned(assigned), on: job.id, by: .coordinator)
        }
        take(lease, from: winner, product: job.terms.product, charge)
        return grantedRun(lease, job)
    }

    /// The claim that is being answered has that much less to offer.
    private mutating func take(
        _ lease: Lease,
        from id: FactoryID,
        product: String,
        _ charge: StationCharge?
    ) {
        if lease.kind == .attempt { index.patience.lastFactory[product] = id }
        presence.change(id) { seen in
            seen.lastProduct = product
            seen.recentAssignments += 1
            seen.recentStationTime += Int(charge?.expected.milliseconds ?? 0)
            guard let engine = lease.station else {
                seen.claim?.takesShip = false
                return
            }
            let slot = seen.claim?.free.firstIndex { $0.engine == engine && $0.count > 0 }
            if let slot { seen.claim?.free[slot].count -= 1 }
        }
        guard presence.recentAssignments > 32 * presence.factories.count else { return }
        for other in presence.factories.keys {
            presence.change(other) { seen in
                seen.recentAssignments /= 2
                seen.recentStationTime /= 2
            }
        }
    }

    /// The lease with all that its factory needs; `before` stands in for a job that left memory.
    func grantedRun(_ lease: Lease, _ before: Job) -> GrantedRun {
        let job = state.jobs[lease.job] ?? before
        guard let repository = state.repositories[job.terms.repo] else {
            preconditionFailure("\(job.id): repositories are never removed")
        }
        let profile =
            state.profile(job.terms.profile)
            ?? Profile(name: job.terms.profile.name, persona: "")
        var mustContain = job.dependencies.compactMap { id -> String? in
            guard let other = state.jobs[id], other.terms.repo == job.terms.repo else { return nil }
            return other.shipped?.commit
        }
        let key = FleetState.key(repo: job.terms.repo, target: job.terms.target)
        if job.terms.base == nil || job.terms.base == job.terms.target,
            let last = state.counters.lastShipped[key]
        {
            mustContain.append(last)
        }
        return GrantedRun(
            lease: lease,
            fleet: settings.fleetID,
            terms: job.terms,
            manifest: job.manifest,
            prompt: job.prompt,
            profile: profile,
            repository: repository,
            mustContain: mustContain,
            groundwork: lease.kind == .attempt ? state.groundworkToMerge(for: job) : nil,
            lastFailure: job.lastFailure,
            candidate: lease.kind == .ship ? job.candidate : nil,
            onlyLooks: lease.kind == .ship && job.cancelRequest != nil,
            checkpoint: lease.kind == .attempt ? job.checkpoint : nil,
            answers: lease.kind == .attempt ? job.dialogue?.answered ?? [] : []
        )
    }
}
