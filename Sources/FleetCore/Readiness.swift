import FleetModel
import Routing

/// Keeps the ready queue true: a job is in it exactly when a factory could have it now.
extension Fleet {
    mutating func reindex(_ id: JobID) {
        guard let job = state.jobs[id] else { return }
        index.wakeUps.set(id, nil)
        // Whatever makes anybody look at the job anew ends its wait.
        endWait(of: job)
        index.notePaths(of: job)
        index.forgetWaits(of: job)
        index.unsettled.insert(job.terms.product)
        index.pressing.leave(id)
        switch standing(of: job) {
        case .ready:
            let number = index.table.intern(Sight.requirementClass(of: job))
            index.ready.insert(
                id,
                class: number,
                product: job.terms.product,
                priority: job.terms.priority,
                submittedAt: job.submittedAt
            )
            if job.terms.priority == .critical { index.pressing.enter(job, class: number) }
        case .sleeping(let until):
            index.ready.remove(id)
            index.wakeUps.set(id, until)
        case .waiting: index.ready.remove(id)
        }
    }

    private enum Standing {
        case ready
        case sleeping(until: Instant)
        case waiting
    }

    private mutating func standing(of job: Job) -> Standing {
        guard !job.isLeased else { return .waiting }
        switch job.stage {
        case .queued: return standingInQueue(of: job)
        case .testing: return standingOfShip(of: job)
        default: return .waiting
        }
    }

    private mutating func standingInQueue(of job: Job) -> Standing {
        if job.pause != nil || state.pausedProducts[job.terms.product] != nil { return .waiting }
        for place in job.dependencies.indices where !state.isMet(place, of: job) {
            return .waiting
        }
        if let until = job.backoffUntil, until > now { return .sleeping(until: until) }
        if Sight.job(job).standing != nil { return .waiting }
        return isLocked(job) || isOverlapped(job) ? .waiting : .ready
    }

    /// Whether another job holds this one's lock; if so, its release will look here again.
    private mutating func isLocked(_ job: Job) -> Bool {
        guard let lock = PlacementIndex.lockKey(of: job), let holder = index.lockHolders[lock],
            holder != job.id
        else { return false }
        index.lockWaiters[lock, default: []].insert(job.id)
        return true
    }

    private mutating func standingOfShip(of job: Job) -> Standing {
        let key = PlacementIndex.shipKey(of: job)
        let mustLook = job.cancelRequest != nil
        guard job.shipRequest != nil || mustLook, job.shipBlock == nil || mustLook else {
            return .waiting
        }
        // It would bring along what has not shipped by itself.
        if !mustLook, state.unshippedGround(of: job) != nil { return .waiting }
        if let until = job.backoffUntil, until > now { return .sleeping(until: until) }
        if let other = index.shipping[key], other != job.id {
            index.shipWaiters[key, default: []].insert(job.id)
            return .waiting
        }
        return isLocked(job) ? .waiting : .ready
    }

    /// Jobs whose time has come.
    mutating func wake() {
        for id in index.wakeUps.takeDue(at: now) { reindex(id) }
    }
}
