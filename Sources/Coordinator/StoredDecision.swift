package import FleetModel
package import FleetPorts
package import Routing

/// A placement as a store has it, with the hash that its event carries.
package struct StoredDecision: Sendable {
    package let run: RunID
    package let explanation: Explanation
    /// Whether the record is the one whose hash the assignment carries; nil for ship runs, whose
    /// events carry none.
    package let isOriginal: Bool?

    /// Why there is nothing to look at.
    package enum Fault: Error, Sendable {
        case unknownJob(JobID)
        case neverPlaced(JobID)
        /// Retention may drop records; the event of the assignment stays.
        case dropped(RunID)
        case unreadable(RunID, String)
    }

    /// Finds the record of a run, or of a job's newest attempt.
    package init(
        of job: JobID,
        run wanted: RunID?,
        in store: any StoreHistory
    ) throws {
        guard let known = try UnseenEvents.job(job, in: store) else { throw Fault.unknownJob(job) }
        let newest = known.runs.last { $0.kind == .attempt }?.id
        guard let run = wanted ?? newest.flatMap(RunID.init(text:)) else {
            throw Fault.neverPlaced(job)
        }
        let product = known.terms.product
        let bytes = try store.fetch(table: .decisions, product: product, key: "\(run)")
        guard let bytes else {
            let wasPlaced = known.runs.contains { $0.id == "\(run)" }
            throw wasPlaced ? Fault.dropped(run) : Fault.neverPlaced(job)
        }
        do { explanation = try Explanations.read(bytes) } catch {
            throw Fault.unreadable(run, "\(error)")
        }
        self.run = run
        isOriginal = try Self.hash(of: run, product, in: store).map { hash in
            hash == Digest(sha256: bytes).hex
        }
    }

    /// The hash in the newest assignment of that run: one that never started left its name to it.
    private static func hash(
        of run: RunID,
        _ product: String,
        in store: any StoreHistory
    ) throws -> String? {
        guard case .attempt(let job, let attempt) = run else { return nil }
        var found: String?
        for batch in try store.batches(ofJob: "\(job)", product: product) {
            for line in EventCodec.lines(of: batch.bytes) {
                let event = try EventCodec.event(of: line)
                if event.job == job, event.attempt == attempt,
                    case .jobAssigned(let assigned) = event.body
                {
                    found = assigned.decisionHash
                }
            }
        }
        return found
    }
}
