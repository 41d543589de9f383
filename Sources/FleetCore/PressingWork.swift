import FleetModel
import FleetRules
import Routing

/// Critical jobs that found no station, and the low runs that could give theirs up.
///
/// It holds no other work, so that a fleet without critical jobs pays nothing for it.
struct PressingWork: Sendable {
    private struct Place: Sendable {
        let requirementClass: ClassID
        let submittedAt: Instant
    }

    /// Critical jobs that are ready, those among them that somebody gives way to too.
    private var places: [JobID: Place] = [:]
    /// The others, the oldest first.
    private var waiting: [ClassID: DeadlineQueue<JobID>] = [:]
    /// Who gives way, by the critical job that it is for.
    private(set) var givers: [JobID: JobID] = [:]
    /// Runs that could be asked, by their factory.
    private(set) var yielding: [FactoryID: Set<JobID>] = [:]

    var isEmpty: Bool { waiting.isEmpty || yielding.isEmpty }

    /// The oldest critical job that nobody gives way to yet, of the classes that are left.
    ///
    /// - Complexity: one look at each class in which critical work waits.
    func first(besides vain: Set<ClassID>) -> (class: ClassID, job: JobID)? {
        var best: (since: Instant, job: JobID, class: ClassID)?
        for (id, queue) in waiting where !vain.contains(id) {
            guard let job = queue.first, let since = queue.next else { continue }
            if let best, (best.since, best.job) < (since, job) { continue }
            best = (since, job, id)
        }
        return best.map { ($0.class, $0.job) }
    }

    /// A critical job became ready.
    mutating func enter(_ job: Job, class id: ClassID) {
        leave(job.id)
        places[job.id] = Place(requirementClass: id, submittedAt: job.submittedAt)
        settle(job.id)
    }

    /// A job is not ready any more, or not critical.
    mutating func leave(_ id: JobID) {
        guard let place = places.removeValue(forKey: id) else { return }
        wait(id, at: place, isWaiting: false)
    }

    /// Takes up what became of a run, from one state of its job to the next.
    mutating func note(_ id: JobID, from before: JobMoment?, to after: JobMoment) {
        if let factory = before?.lease?.factory, before?.couldGiveWay == true {
            yielding[factory]?.remove(id)
            if yielding[factory]?.isEmpty == true { yielding[factory] = nil }
        }
        if let factory = after.lease?.factory, after.couldGiveWay {
            yielding[factory, default: []].insert(id)
        }
        let (old, new) = (before?.givesWayTo, after.givesWayTo)
        guard old != new else { return }
        if let old { givers[old] = nil }
        if let new { givers[new] = id }
        for critical in [old, new] { if let critical { settle(critical) } }
    }

    /// One that somebody gives way to asks for nothing more.
    private mutating func settle(_ id: JobID) {
        guard let place = places[id] else { return }
        wait(id, at: place, isWaiting: givers[id] == nil)
    }

    private mutating func wait(_ id: JobID, at place: Place, isWaiting: Bool) {
        let number = place.requirementClass
        waiting[number, default: DeadlineQueue()].set(id, isWaiting ? place.submittedAt : nil)
        if waiting[number]?.next == nil { waiting[number] = nil }
    }
}
