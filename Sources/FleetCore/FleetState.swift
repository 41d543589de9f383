package import FleetModel

/// The durable part of state: changed by stored events only, and equal to their replay.
package struct FleetState: Hashable, Sendable {
    package var jobs: [JobID: Job] = [:]
    package var factories: [FactoryID: Factory] = [:]
    package var repositories: [String: Repository] = [:]
    /// All versions, oldest first.
    package var profiles: [String: [Profile]] = [:]
    package var halt: Halt?
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

        package init() {}
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
