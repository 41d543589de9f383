package import FleetModel
import Routing

/// Who must be looked at when, kept in order so that a turn looks at nobody else.
struct Deadlines: Sendable {
    var leases = DeadlineQueue<JobID>()
    var factories = DeadlineQueue<FactoryID>()
}

extension Fleet {
    /// When the writer must look at the clock again even if nothing comes in.
    package var nextDeadline: Instant? {
        // A turn at least this often, so that a gap between turns means a stall.
        let pulse = presence.leases.isEmpty ? nil : now.advanced(by: settings.leases.term / 6)
        return [deadlines.leases.next, deadlines.factories.next, index.wakeUps.next, pulse]
            .compactMap { $0 }.min()
    }

    /// Brings deadlines and the roster up to date for whoever changed since the last call, and for
    /// whoever has been silent for too long since.
    mutating func settle() {
        // Silence may make a claim void before the next tick says so.
        if let next = index.silences.next, next <= now {
            for id in index.silences.takeDue(at: now) { presence.touch(id) }
        }
        guard presence.hasTouched else { return }
        let touched = presence.takeTouched()
        for id in touched.leases { deadlines.leases.set(id, deadline(ofLease: id)) }
        for id in touched.factories {
            deadlines.factories.set(id, deadline(of: id))
            index.silences.set(id, silence(of: id))
            noteCapacity(of: id)
            enrol(id)
        }
    }

    private func deadline(ofLease id: JobID) -> Instant? {
        guard let live = presence.leases[id] else { return nil }
        guard state.jobs[id]?.hasStarted == false else { return live.expires }
        return min(live.expires, live.grantedAt.advanced(by: settings.leases.startWithin))
    }

    /// The end of its claim, or the moment at which its silence means more than before.
    private func deadline(of id: FactoryID) -> Instant? {
        guard let seen = presence.factories[id] else { return nil }
        let silence: Instant? =
            switch state.factories[id]?.standing {
            case .present: silentSince(seen, beats: 2)
            case .late: silentSince(seen, beats: 4)
            default: nil
            }
        guard let until = seen.claim?.until else { return silence }
        return min(until, silence ?? until)
    }

    /// The moment from which nothing is granted to it; nil when that has passed.
    private func silence(of id: FactoryID) -> Instant? {
        guard let seen = presence.factories[id] else { return nil }
        let moment = silentSince(seen, beats: 2)
        return moment > now ? moment : nil
    }

    /// Live leases that changed since the last call; nil where one ended.
    package mutating func takeLeaseChanges() -> [JobID: Presence.LiveLease?] {
        presence.takeUnpublished()
    }
}
