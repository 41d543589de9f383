import FleetModel
import Routing

/// What makes placement cost nothing per queued job; derived, and rebuilt at every start.
struct PlacementIndex: Sendable {
    /// Who waits for whom.
    var dependents: [JobID: Set<JobID>] = [:]
    var lockHolders: [String: JobID] = [:]
    var lockWaiters: [String: Set<JobID>] = [:]
    /// Jobs that become ready by time alone.
    var wakeUps: [JobID: Instant] = [:]
    var leasesByFactory: [FactoryID: Set<JobID>] = [:]
    var waitingClaims: Set<FactoryID> = []
    /// Jobs in testing that may ship now, by repository and target.
    var shipReady: [String: Set<JobID>] = [:]
    var shipping: [String: JobID] = [:]
    /// Paths that open jobs require, with the number of jobs.
    var pathCounts: [String: Int] = [:]
    var askedPaths: [String] { pathCounts.keys.sorted() }

    static func lockKey(of job: Job) -> String? {
        job.terms.lock.map { "\(job.terms.product)\n\($0)" }
    }

    static func shipKey(of job: Job) -> String {
        FleetState.key(repo: job.terms.repo, target: job.terms.target)
    }

    /// Who holds what, from one state of a job to its next.
    mutating func noteLease(of job: Job, before: Job?) {
        if let old = before?.lease, old.fence != job.lease?.fence {
            leasesByFactory[old.factory]?.remove(job.id)
            if let lock = Self.lockKey(of: job), lockHolders[lock] == job.id {
                lockHolders[lock] = nil
            }
            if old.kind == .ship, shipping[Self.shipKey(of: job)] == job.id {
                shipping[Self.shipKey(of: job)] = nil
            }
        }
        if let lease = job.lease {
            leasesByFactory[lease.factory, default: []].insert(job.id)
            if let lock = Self.lockKey(of: job) { lockHolders[lock] = job.id }
            if lease.kind == .ship { shipping[Self.shipKey(of: job)] = job.id }
        }
    }
}
