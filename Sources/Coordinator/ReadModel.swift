package import FleetCore
package import FleetModel
import Synchronization

/// What readers see: a second state that applies each committed event, under a lock of its own.
///
/// Readers never see the writer's `Fleet`: a snapshot of it held by one of them would make the
/// writer's next change copy it whole.
package final class ReadModel: Sendable {
    /// The reading plus what only lists need.
    package struct Contents: Sendable {
        package var reading: FleetReading
        package var liveLeases: [JobID: Presence.LiveLease] = [:]
    }

    private let contents: Mutex<Contents>

    package init(state: FleetState, settings: FleetSettings, now: Instant) {
        contents = Mutex(
            Contents(reading: FleetReading(state: state, seen: [:], settings: settings, now: now))
        )
    }

    /// Called by the writer after each commit.
    func take(_ publication: Publication) {
        contents.withLock { contents in
            for event in publication.events { contents.reading.state.apply(event) }
            for (id, seen) in publication.seen { contents.reading.seen[id] = seen }
            if let leases = publication.liveLeases { contents.liveLeases = leases }
        }
    }

    /// Reads at `now`; the lock is held only for `body`.
    package func read<Value: Sendable, Failure: Error>(
        at now: Instant,
        _ body: (borrowing Contents) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try contents.withLock { contents throws(Failure) in
            contents.reading.now = now
            return try body(contents)
        }
    }
}
