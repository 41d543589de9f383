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

    /// Brings deadlines, offers and the roster up to date for whoever changed since the last call.
    mutating func settle() {
        guard presence.hasTouched else { return }
        let touched = presence.takeTouched()
        for id in touched.leases { deadlines.leases.set(id, deadline(ofLease: id)) }
        for id in touched.factories {
            deadlines.factories.set(id, deadline(of: id))
            index.offers.set(id, offer(of: id))
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

    /// What the factory's waiting claim offers, if it may be answered with work.
    ///
    /// Silence may make a claim void before the next tick says so; the router refuses it then.
    private func offer(of id: FactoryID) -> WaitingOffers.Offer? {
        guard let claim = presence.factories[id]?.claim, let shape = index.shapes[id],
            let factory = state.factories[id], factory.drainingBy == nil, !isOverdue(id)
        else { return nil }
        let groups = Sight.stations(
            of: factory,
            stating: stated(by: factory),
            claim: claim,
            busy: [:]
        )
        return WaitingOffers.Offer(
            shape: shape,
            stations: groups.filter { $0.free > 0 }.map(\.kind),
            takesShip: claim.takesShip
        )
    }

    /// Live leases that changed since the last call; nil where one ended.
    package mutating func takeLeaseChanges() -> [JobID: Presence.LiveLease?] {
        presence.takeUnpublished()
    }
}
