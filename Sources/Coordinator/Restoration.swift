import FleetCore
package import FleetModel
package import FleetPorts
import Routing

/// The first thing that happens to a store that was restored: it learns that it was.
package enum Restoration {
    /// Stores `restored` and what follows from it, as a coordinator would.
    ///
    /// `now` is later than every event of the store; `salt` is random, for the events' hashes.
    package static func note(
        _ restored: Restored,
        in store: any Store,
        by person: Principal,
        now: Instant,
        salt: [UInt8]
    ) throws(CoordinatorServer.Fault) {
        let settings = FleetSettings(fleetID: store.identity.fleetID, weights: .standard)
        let opened = try CoordinatorServer.load(store)
        let fleet = Fleet(
            state: opened.state,
            settings: settings,
            coding: Explanations.coded
        )
        let bench = WriterBench(
            fleet: fleet,
            unwritten: opened.unwritten,
            store: PatientStore(store),
            clock: { now },
            salt: { salt },
            announce: { $0.tell { _ in } }
        )
        do throws(StoreFault) {
            try bench.perform(.restore(restored, by: person)) { _ in }
            try bench.finishBatch()
            try bench.writeRows()
        } catch {
            throw .store(error)
        }
    }
}
