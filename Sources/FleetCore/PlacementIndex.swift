import FleetModel
import Routing

/// What makes placement cost nothing per queued job; derived, and rebuilt at every start.
struct PlacementIndex: Sendable {
    var table = ClassTable()
    var ready = ReadyQueue()
    var rarity = Rarity()
    var shapes: [FactoryID: ShapeID] = [:]
    private(set) var stated: [FactoryID: StatedFactory] = [:]
    /// The roster's numbers of factories that have stated nothing new since they were taken up.
    var enrolled: [FactoryID: Int] = [:]

    /// The open jobs that depend on a job, whether it has ended or not.
    private(set) var dependents: [JobID: Set<JobID>] = [:]
    /// Jobs that may have to leave memory: they ended, were recalled, or lost a dependent.
    var mayLeave: Set<JobID> = []
    var lockHolders: [String: JobID] = [:]
    /// Jobs that could start but for a lock that is held.
    var lockWaiters: [String: Set<JobID>] = [:]
    var scopes = ScopeBook()
    /// Jobs that become ready by time alone, or wait for a better factory no longer than that.
    var wakeUps = DeadlineQueue<JobID>()
    var patience = WaitingRoom()
    var leasesByFactory: [FactoryID: Set<JobID>] = [:]
    /// Jobs that hold a station, by product.
    var attempts: [String: Set<JobID>] = [:]
    /// Products whose virtual time, or whether they are active, may be another now.
    var unsettled: Set<String> = []
    var capacity = StationCapacity()
    /// When each factory's silence makes its claim void.
    var silences = DeadlineQueue<FactoryID>()
    var roster = Roster()
    var pressing = PressingWork()
    /// The ship run under way, by repository and target, and who waits for its end.
    var shipping: [String: JobID] = [:]
    var shipWaiters: [String: Set<JobID>] = [:]

    /// Open jobs by the path that they require.
    private var jobsByPath: [String: Set<JobID>] = [:]
    var askedPaths: [String] { jobsByPath.keys.sorted() }

    static func lockKey(of job: Job) -> String? {
        job.terms.lock.map { "\(job.terms.product)\n\($0)" }
    }

    static func shipKey(of job: Job) -> String {
        FleetState.key(repo: job.terms.repo, target: job.terms.target)
    }

    /// Takes up a factory's facts and stations, in place of what it stated before.
    mutating func learn(_ factory: Factory?) {
        guard let factory else { return }
        forget(factory.id)
        let own = StatedFactory(factory)
        stated[factory.id] = own
        rarity.add(own.facts)
        shapes[factory.id] = table.intern(FactoryShape(facts: own.facts, stations: own.kinds))
    }

    mutating func forget(_ id: FactoryID) {
        if let own = stated.removeValue(forKey: id) { rarity.remove(own.facts) }
        shapes[id] = nil
        enrolled[id] = nil
    }

    /// Who holds what, from one state of a job to its next.
    mutating func noteLease(of job: Job, from before: JobMoment?, to after: JobMoment) {
        let product = after.product
        if let old = before?.lease, old.fence != after.lease?.fence {
            leasesByFactory[old.factory]?.remove(job.id)
            attempts[product]?.remove(job.id)
            if attempts[product]?.isEmpty == true { attempts[product] = nil }
            if let lock = Self.lockKey(of: job), lockHolders[lock] == job.id {
                lockHolders[lock] = nil
            }
            if old.kind == .ship, shipping[Self.shipKey(of: job)] == job.id {
                shipping[Self.shipKey(of: job)] = nil
            }
        }
        if let lease = after.lease {
            if before?.lease?.fence != lease.fence {
                leasesByFactory[lease.factory, default: []].insert(job.id)
                if lease.kind == .attempt { attempts[product, default: []].insert(job.id) }
            }
            if let lock = Self.lockKey(of: job) { lockHolders[lock] = job.id }
            if lease.kind == .ship { shipping[Self.shipKey(of: job)] = job.id }
        }
        capacity.note(job)
        pressing.note(job.id, from: before, to: after)
    }

    /// A job opened (it was submitted, requeued or loaded), or it ended.
    mutating func noteOpening(of job: Job) {
        if job.stage.isEnded {
            mayLeave.insert(job.id)
            for other in job.dependencies {
                dependents[other]?.remove(job.id)
                guard dependents[other]?.isEmpty == true else { continue }
                dependents[other] = nil
                mayLeave.insert(other)
            }
        } else {
            for other in job.dependencies { dependents[other, default: []].insert(job.id) }
        }
    }

    /// A job that is looked at anew waits for nothing until the look says so.
    mutating func forgetWaits(of job: Job) {
        scopes.forgetWait(of: job.id)
        if let lock = Self.lockKey(of: job) {
            lockWaiters[lock]?.remove(job.id)
            if lockWaiters[lock]?.isEmpty == true { lockWaiters[lock] = nil }
        }
        let key = Self.shipKey(of: job)
        shipWaiters[key]?.remove(job.id)
        if shipWaiters[key]?.isEmpty == true { shipWaiters[key] = nil }
    }

    mutating func notePaths(of job: Job) {
        guard let path = job.manifest.cwd else { return }
        if job.stage.isEnded {
            jobsByPath[path]?.remove(job.id)
            if jobsByPath[path]?.isEmpty == true { jobsByPath[path] = nil }
        } else {
            jobsByPath[path, default: []].insert(job.id)
        }
    }

    /// What may still be placed while the fleet is halted below `all`.
    func classesOpen(during halt: Halt) -> ClassSet {
        classes { !halt.covers($0.demand) }
    }

    private func classes(where isWanted: (RequirementClass) -> Bool) -> ClassSet {
        var set = ClassSet()
        for id in table.all where isWanted(table[id]) { set.insert(id) }
        return set
    }
}
