import FleetCore
package import FleetModel
package import FleetPorts

/// Whether anything still needs what a job left behind.
package enum Retention {
    package enum Standing: Hashable, Sendable {
        /// Nothing needs it any more.
        case expired
        /// Why it is still needed, as a part of a sentence.
        case kept(String)
        /// Nobody here knows the job.
        case unknown
    }

    /// Judges one job; what ended at or before `cutoff` has been kept for long enough.
    package static func standing(
        stage: Stage,
        hasLease: Bool,
        endedAt: Instant,
        neededBy: JobID? = nil,
        cutoff: Instant
    ) -> Standing {
        guard stage.isEnded else { return .kept("its job is in \(stage.rawValue)") }
        if hasLease { return .kept("a lease on its job is live") }
        if let neededBy { return .kept("\(neededBy) depends on its job") }
        return endedAt <= cutoff ? .expired : .kept("its job ended not long enough ago")
    }

    /// Judges jobs by a store, looked up anew each time: a job may be requeued meanwhile.
    package struct OfStore: Sendable {
        private let store: any StoreHistory
        private let cutoff: Instant
        /// A finished job, and an open one that depends on it.
        private let needed: [JobID: JobID]

        /// `open` are the rows that a coordinator starts from (`Store.loadOpen`).
        package init(
            _ store: any StoreHistory,
            open rows: [StoredRow],
            cutoff: Instant
        ) throws {
            self.store = store
            self.cutoff = cutoff
            var needed: [JobID: JobID] = [:]
            for row in rows where row.table == .jobs {
                let job = try StoredState.job(of: row.body)
                guard !job.stage.isEnded else { continue }
                for dependency in job.dependencies { needed[dependency] = job.id }
            }
            let watermark = try StoredState.watermark(of: rows)
            try UnseenEvents.forEach(in: store, after: watermark) { event in
                guard case .jobSubmitted(let submitted) = event.body, let id = event.job else {
                    return
                }
                for dependency in submitted.dependencies { needed[dependency] = id }
            }
            self.needed = needed
        }

        /// Whether the job was shipped; false for one that nobody knows.
        package func isShipped(_ id: JobID) throws -> Bool {
            try UnseenEvents.job(id, in: store)?.stage == .shipped
        }

        package func standing(of id: JobID) throws -> Standing {
            guard let job = try UnseenEvents.job(id, in: store) else { return .unknown }
            return Retention.standing(
                stage: job.stage,
                hasLease: job.lease != nil,
                endedAt: job.stageSince,
                neededBy: needed[id],
                cutoff: cutoff
            )
        }
    }
}
