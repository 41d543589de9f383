import FleetModel
import FleetRules
import Routing

/// Placement rounds: waiting claims on one side, ready jobs on the other.
extension Fleet {
    mutating func place() {
        settle()
        guard !index.offers.isEmpty, state.halt?.level != .all else { return }
        var granted: [FactoryID: [GrantedRun]] = [:]
        var aside: [JobID] = []
        while let (choice, turns) = nextInLine() {
            // Its lock or its target may have been taken since it became ready.
            reindex(choice.job)
            guard index.ready.contains(choice.job), let job = state.jobs[choice.job] else {
                continue
            }
            let (candidates, passedOver) = candidates(for: choice.requirementClass)
            let placement = Router.place(
                Sight.job(job),
                candidates: candidates,
                passedOver: passedOver,
                weights: settings.weights,
                seed: state.counters.position + 1,
                precedence: Precedence(choice, terms: settings.sharing, at: now)
            )
            // The classes said yes, so a miss would repeat for ever: the job steps aside instead.
            guard let winner = placement.factory else {
                index.ready.remove(job.id)
                aside.append(job.id)
                continue
            }
            granted[winner, default: []].append(grant(job, to: winner, by: placement, turns))
        }
        for id in aside { reindex(id) }
        for (id, runs) in granted.sorted(by: { $0.key < $1.key }) {
            answer(presence.factories[id]?.claim, with: runs)
        }
    }

    /// Classes that some waiting claim could take now.
    mutating func claimableClasses() -> ClassSet {
        settle()
        let open = index.classesOnOffer
        guard let halt = state.halt else { return open }
        return open.intersection(index.classesOpen(during: halt))
    }

    /// Nothing is granted to a factory whose last heartbeat is older than two intervals.
    func isOverdue(_ id: FactoryID) -> Bool {
        presence.factories[id].map { silentSince($0, beats: 2) <= now } ?? true
    }

    /// Every factory as long as the record can name each that could not have the job; else those
    /// that could, and how many could not.
    private mutating func candidates(
        for id: ClassID
    ) -> (candidates: [FactoryView], passedOver: [ReasonCount]) {
        let isShip = index.table[id].demand == .none
        let open = index.roster.open(to: id, in: index.table)
        guard index.roster.count - open.count > Explanation.rejectionsNamed else {
            let views = state.factories.values.map { factory in
                var view = view(of: factory)
                if isShip, !index.roster.takesShip(factory.id) { view.isClaiming = false }
                return view
            }
            return (views, [])
        }
        // A claim may have become void since it was taken up; the router says of each why.
        let candidates = open.compactMap { id in state.factories[id].map(view) }
        return (candidates, index.roster.passedOver(for: id, in: index.table))
    }

    /// A factory at this moment, with what is rare about it.
    private func view(of factory: Factory) -> FactoryView {
        guard var view = index.roster.view(of: factory.id), view.isLate == isOverdue(factory.id)
        else { return look(at: factory) }
        view.rareCapabilities = index.rarity.rare(among: stated(by: factory).capabilities)
        return view
    }

    private func look(at factory: Factory) -> FactoryView {
        let stated = stated(by: factory)
        return Sight.factory(
            factory,
            stating: stated,
            seen: presence.factories[factory.id],
            busy: busyStations(of: factory.id),
            isLate: isOverdue(factory.id),
            rare: index.rarity.rare(among: stated.capabilities)
        )
    }

    /// Takes a factory up in the roster as it is now.
    mutating func enrol(_ id: FactoryID) {
        guard let factory = state.factories[id], let shape = index.shapes[id] else {
            index.roster.set(id, nil)
            return
        }
        let takesShip = presence.factories[id]?.claim?.takesShip ?? false
        index.roster.set(id, (shape, look(at: factory), takesShip))
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
        to winner: FactoryID,
        by placement: Placement,
        _ turns: [ProductTurn]
    ) -> GrantedRun {
        let kind: Lease.Kind = job.stage == .testing ? .ship : .attempt
        let lease = Lease(
            job: job.id,
            kind: kind,
            fence: state.counters.lastFence(of: job) + 1,
            attempt: kind == .attempt ? state.counters.lastAttempt(of: job) + 1 : job.attempt,
            factory: winner,
            boot: state.factories[winner]?.boot ?? "",
            claim: presence.factories[winner]?.claim?.id,
            station: placement.engine,
            granted: now,
            term: settings.leases.term
        )
        let coded = coding(placement.explanation)
        turn.decisions.append(
            DecisionRecord(
                job: job.id,
                product: job.terms.product,
                run: lease.run,
                explanation: placement.explanation,
                coded: coded
            )
        )
        emit(.leaseGranted(lease), on: job.id, by: .coordinator)
        if kind == .attempt {
            let assigned = JobAssigned(
                factory: winner,
                engine: placement.engine ?? "",
                terms: state.presentTerms(of: job),
                score: Int64(placement.explanation.score ?? 0),
                decisionHash: coded.hash,
                charge: charge(for: job, turns),
                groundwork: state.groundwork(of: job)
            )
            emit(.jobAssigned(assigned), on: job.id, by: .coordinator)
        }
        take(lease, from: winner, product: job.terms.product)
        return grantedRun(lease, job)
    }

    /// The claim that is being answered has that much less to offer.
    private mutating func take(_ lease: Lease, from id: FactoryID, product: String) {
        presence.change(id) { seen in
            seen.lastProduct = product
            seen.recentAssignments += 1
            guard let engine = lease.station else {
                seen.claim?.takesShip = false
                return
            }
            let slot = seen.claim?.free.firstIndex { $0.engine == engine && $0.count > 0 }
            if let slot { seen.claim?.free[slot].count -= 1 }
        }
        guard presence.recentAssignments > 32 * presence.factories.count else { return }
        for other in presence.factories.keys {
            presence.change(other) { $0.recentAssignments /= 2 }
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
