import FleetCore
package import FleetModel
package import FleetPorts

/// The events behind the watermark: committed, and not yet seen by the rows that are made of them.
///
/// The watermark is the position in the row of the counters, which is written together with every
/// other row and never without them.
package enum UnseenEvents {
    /// Every event after `position`, in order; a gap is a fault.
    static func forEach(
        in store: borrowing any Store,
        after position: UInt64,
        _ body: (Event) throws -> Void
    ) throws {
        try forEach(after: position, { try store.batches(from: $0, limit: 256) }, body)
    }

    /// The same for a store that somebody else may write to.
    static func forEach(
        in store: any StoreHistory,
        after position: UInt64,
        _ body: (Event) throws -> Void
    ) throws {
        try forEach(after: position, { try store.batches(from: $0, limit: 256) }, body)
    }

    /// The job after every event; nil when the store knows none of that number.
    ///
    /// Rows and watermark are read one after the other, so they are read again if rows were
    /// written in between.
    static func job(_ id: JobID, in store: any StoreHistory) throws -> Job? {
        while true {
            var state = try counters(of: store)
            let row = try store.job(id.number)
            guard try counters(of: store) == state else { continue }
            if let row { state.recall(try StoredState.job(of: row)) }
            try forEach(in: store, after: state.counters.position) { state.apply($0) }
            return state.jobs[id]
        }
    }

    /// The runs whose leases no row shows yet.
    package static func runs(in store: any StoreHistory) throws -> Set<RunID> {
        var runs: Set<RunID> = []
        let watermark = try counters(of: store).counters.position
        try forEach(in: store, after: watermark) { event in
            if case .leaseGranted(let lease) = event.body { runs.insert(lease.run) }
        }
        return runs
    }

    /// A state with nothing but the counters as their row has them.
    private static func counters(of store: any StoreHistory) throws -> FleetState {
        let (fleet, key) = (Event.fleetProduct, StoredState.counters)
        guard let body = try store.fetch(table: .state, product: fleet, key: key) else {
            return FleetState()
        }
        return try StoredState.state(
            of: [StoredRow(table: .state, product: fleet, key: key, body: body)]
        )
    }

    private static func forEach(
        after position: UInt64,
        _ batches: (UInt64) throws -> [PackedEvents],
        _ body: (Event) throws -> Void
    ) throws {
        var next = position + 1
        // Whoever lets rows lie behind seals its events. What a start applies becomes state, so a
        // flipped bit must not pass here either.
        var isSealed = true
        while true {
            let found = try batches(next)
            let before = next
            for line in found.flatMap({ EventCodec.lines(of: $0.bytes) }) {
                let event = try EventCodec.verifiedEvent(
                    of: line,
                    at: next,
                    isSealed: &isSealed
                )
                // The first batch may begin before the watermark.
                if event.position < next { continue }
                guard event.position == next else {
                    let reason = "position \(next) is missing; found \(event.position)"
                    throw EventCodingFault(position: next, reason: reason)
                }
                try body(event)
                next += 1
            }
            // Also what keeps a batch without a line from being read for ever.
            if next == before { return }
        }
    }
}
