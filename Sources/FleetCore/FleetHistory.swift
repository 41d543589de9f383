package import FleetModel
import FleetRules
import Routing

extension FleetState {
    /// Applies one stored fact; events must come in the order of their positions.
    package mutating func apply(_ event: Event) {
        precondition(
            event.position == counters.position + 1,
            "event \(event.position) does not follow \(counters.position)"
        )
        counters.position = event.position
        counters.seq[event.product] = event.seq
        counters.lastInstant = max(counters.lastInstant, event.at)
        switch event.body {
        case .factoryRegistered(let factory): factories[factory.id] = factory
        case .factoryLate: stand(.late, event.factory)
        case .factoryOffline:
            stand(.offline, event.factory)
            // The process that drained has ended; what comes back is another one.
            if let id = event.factory, factories[id]?.drainsItself == true {
                factories[id]?.drain(as: nil)
            }
        case .factoryReturned: stand(.present, event.factory)
        case .factoryDraining(let draining):
            guard let id = event.factory else { break }
            factories[id]?.drain(as: nil)
            guard draining.draining else { break }
            factories[id]?.drainingBy = event.actor
            guard let since = draining.since else { break }
            factories[id]?.drainingReason = draining.reason
            factories[id]?.drainingSince = since
        case .factoryRemoved(let reason):
            guard let factory = event.factory.flatMap({ factories.removeValue(forKey: $0) }) else {
                break
            }
            removedFactories[factory.tokenHash] = RemovedFactory(
                factory,
                by: event.actor,
                at: event.at,
                reason: reason.reason
            )
        case .repositoryChanged(let repository): repositories[repository.name] = repository
        case .profileProposed(let proposed):
            proposals[proposed.profile.name] =
                ProfileProposal(proposed, by: event.actor, at: event.at)
        case .profileChanged(let changed): take(changed, event)
        case .profileRejected(let rejected):
            proposals[rejected.name]?.end =
                .init(.rejected, by: event.actor, at: event.at, reason: rejected.reason)
        case .fleetHalted(let halt): self.halt = halt
        case .fleetResumed: halt = nil
        case .tokenIssued(let token): tokens[token.name] = token
        case .tokenRevoked(let revoked): tokens[revoked.name]?.revokedAt = event.at
        case .productPaused(let hold): pausedProducts[event.product] = hold
        case .productResumed: pausedProducts[event.product] = nil
        case .fleetRestored(let restored):
            counters.restored = restored
            counters.lastJob = max(counters.lastJob, restored.lastJob)
        case .leaseExtended:
            // Named first: a change while their keys are walked through would copy all jobs.
            let held = jobs.keys.filter { jobs[$0]?.isLeased == true }
            for id in held { jobs[id]?.extend(event) }
        default: applyToJob(event)
        }
    }

    /// Whatever becomes the newest version ends the one that waited.
    private mutating func take(_ changed: ProfileChanged, _ event: Event) {
        let profile = changed.profile
        profiles[profile.name, default: []].append(profile)
        guard let pending = proposals[profile.name], pending.isPending else { return }
        let way: ProfileProposal.End.Way =
            pending.profile.version == profile.version ? .approved : .superseded
        proposals[profile.name]?.end =
            .init(way, by: event.actor, at: event.at, reason: changed.reason)
    }

    private mutating func stand(_ standing: Factory.Standing, _ id: FactoryID?) {
        guard let id else { return }
        factories[id]?.standing = standing
    }

    private mutating func applyToJob(_ event: Event) {
        guard let id = event.job else { return }
        if let job = Job(submittedBy: event) {
            recall(job)
            counters.lastJob = max(counters.lastJob, id.number)
            return
        }
        guard let place = jobs.index(forKey: id) else { return }
        // In place: a job is large, and a copy of it for each event would be most of the cost.
        counters.take(event, changing: &jobs.values[place])
    }
}

extension FleetState.Counters {
    /// Applies an event to its job, and counts what that changes.
    fileprivate mutating func take(_ event: Event, changing job: inout Job) {
        let stage = job.stage
        let station = job.charge.map { ($0, job.lease?.granted, job.hasStarted) }
        job.apply(event)
        let product = job.terms.product
        if stage != job.stage {
            noteEnd(of: product, in: stage, by: -1)
            noteEnd(of: product, in: job.stage, by: 1)
        }
        if case .jobAssigned(let assigned) = event.body, let charge = assigned.charge {
            shares = shares ?? FairShares()
            shares?.take(charge, of: product)
        } else if case (let charge, let granted?, let hadStarted)? = station, job.charge == nil {
            let real = event.at.since(granted)
            shares?.correct(charge, of: product, real: real)
            // One that never began says nothing of how long such work takes.
            if hadStarted { shares?.learn(real, of: job.terms.profile.name) }
        }
        if case .shipMerged(let merged) = event.body {
            lastShipped[FleetState.key(repo: job.terms.repo, target: merged.target)] =
                merged.commit
        }
    }

    /// Counts final stages only; nothing is kept of a number that is back at zero.
    fileprivate mutating func noteEnd(of product: String, in stage: Stage, by change: Int) {
        guard stage.isEnded else { return }
        let count = ended[product]?[stage.rawValue, default: 0] ?? 0
        ended[product, default: [:]][stage.rawValue] = count + change == 0 ? nil : count + change
        if ended[product]?.isEmpty == true { ended[product] = nil }
    }
}

extension Job {
    /// A fleet-wide extension is one event; it counts for no single job's own events.
    fileprivate mutating func extend(_ event: Event) {
        let count = eventCount
        apply(event)
        eventCount = count
    }
}
