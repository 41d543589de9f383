package import FleetModel

/// What outlives a simulated coordinator: whole batches of events, each known by its number.
package struct SimulatedStore {
    package private(set) var events: [Event] = []
    private var batches: Set<UInt64> = []

    /// Stores a batch whole; one that is there already changes nothing.
    mutating func commit(_ number: UInt64, _ batch: ArraySlice<Event>) {
        guard batches.insert(number).inserted else { return }
        events += batch
    }
}
