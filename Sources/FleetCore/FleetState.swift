package import FleetModel
package import Routing

/// The durable part of state: changed by stored events only, and equal to their replay.
package struct FleetState: Hashable, Sendable {
    /// All jobs, except where finished ones have left memory; see `Fleet.dismissFinished`.
    package var jobs: [JobID: Job] = [:]
    package var factories: [FactoryID: Factory] = [:]
    /// By the hash of the token that they had: a name may join anew, with another token.
    package var removedFactories: [String: RemovedFactory] = [:]
    package var repositories: [String: Repository] = [:]
    /// All versions, oldest first.
    package var profiles: [String: [Profile]] = [:]
    /// The newest version of each name that a second person was asked about, ended or not.
    package var proposals: [String: ProfileProposal] = [:]
    package var halt: Halt?
    /// All that were ever issued, by name: the newest of each.
    package var tokens: [String: Token] = [:]
    /// Products whose queue a person holds.
    package var pausedProducts: [String: Hold] = [:]
    package var counters = Counters()
    /// Job by product and idempotency key; derived from the jobs.
    package var keys: [String: JobID] = [:]

    package init() {}

    package struct Counters: Hashable, Sendable, Codable {
        package var position: UInt64 = 0
        package var seq: [String: UInt64] = [:]
        package var lastJob: UInt64 = 0
        package var lastInstant = Instant.epoch
        /// Last commit shipped, by repository and target.
        package var lastShipped: [String: String] = [:]
        /// How many jobs stand in a final stage, by product and the stage's name.
        package var ended: [String: [String: Int]] = [:]
        /// The newest restore from a backup; older ones are contained in it.
        package var restored: Restored?
        /// What each product had of the stations; nil before the first charge.
        package var shares: FairShares?

        package init() {}
    }

    /// Jobs in a stage, those that have left memory too; nil asks for all products.
    package func count(in stage: Stage, of product: String? = nil) -> Int {
        guard stage.isEnded else {
            return jobs.values.count { job in
                job.stage == stage && (product == nil || job.terms.product == product)
            }
        }
        if let product { return counters.ended[product]?[stage.rawValue] ?? 0 }
        return counters.ended.values.reduce(0) { $0 + ($1[stage.rawValue] ?? 0) }
    }

    /// Takes up a job that was stored; its key is known again with it.
    package mutating func recall(_ job: Job) {
        jobs[job.id] = job
        if let key = job.manifest.idempotencyKey {
            keys[Self.key(product: job.terms.product, key: key)] = job.id
        }
    }

    /// Lets a job go that is stored.
    package mutating func dismiss(_ id: JobID) {
        guard let job = jobs.removeValue(forKey: id) else { return }
        if let key = job.manifest.idempotencyKey {
            keys[Self.key(product: job.terms.product, key: key)] = nil
        }
    }

    package func profile(_ reference: ProfileReference) -> Profile? {
        guard let versions = profiles[reference.name] else { return nil }
        guard let version = reference.version else { return versions.last }
        return versions.first { $0.version == version }
    }

    /// Finds the jobs' keys again after the jobs were loaded from rows.
    package mutating func deriveKeys() {
        keys = [:]
        for job in jobs.values {
            guard let key = job.manifest.idempotencyKey else { continue }
            keys[Self.key(product: job.terms.product, key: key)] = job.id
        }
    }

    package static func key(product: String, key: String) -> String { "\(product)\n\(key)" }
    package static func key(repo: String, target: String) -> String { "\(repo)\n\(target)" }
}
