import FleetCore
import FleetModel

/// Since when each queued job could have been given away, as far as its stage does not say so.
///
/// For figures only. It remembers jobs that waited for something: a dependency, a pause, the time
/// before a retry. All others wait since they came into the queue.
struct QueueWaits: Sendable {
    private var held: [JobID: Instant] = [:]
    /// Who waits for a job that may ship.
    private var dependents: [JobID: Set<JobID>] = [:]
    /// Who waits for a job that may pass its gates.
    private var starters: [JobID: Set<JobID>] = [:]

    init(_ state: FleetState) {
        for job in state.jobs.values where !job.stage.isEnded {
            if let until = job.backoffUntil, job.stage == .queued { held[job.id] = until }
            enter(job)
        }
    }

    /// The job is open.
    mutating func enter(_ job: Job) {
        for (place, other) in job.dependencies.enumerated() {
            if job.startsFromTesting(place) {
                starters[other, default: []].insert(job.id)
            } else {
                dependents[other, default: []].insert(job.id)
            }
        }
    }

    /// The job is not held before `instant`.
    mutating func hold(_ id: JobID, until instant: Instant) {
        held[id] = max(held[id] ?? .epoch, instant)
    }

    mutating func shipped(_ id: JobID, at now: Instant) {
        for dependent in dependents.removeValue(forKey: id) ?? [] { hold(dependent, until: now) }
    }

    mutating func passed(_ id: JobID, at now: Instant) {
        for starter in starters[id] ?? [] { hold(starter, until: now) }
    }

    /// The job waits no more: it was given away, or it ended; since when it could have been.
    mutating func leave(_ job: Job) -> Instant {
        for other in job.dependencies {
            dependents[other]?.remove(job.id)
            if dependents[other]?.isEmpty == true { dependents[other] = nil }
            starters[other]?.remove(job.id)
            if starters[other]?.isEmpty == true { starters[other] = nil }
        }
        return max(job.stageSince, held.removeValue(forKey: job.id) ?? .epoch)
    }
}
