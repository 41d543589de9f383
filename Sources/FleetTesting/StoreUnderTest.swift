package import FleetPorts

/// One store of some kind, empty at first, that a contract may open again and again.
package protocol StoreUnderTest {
    /// Opens the same store once more; the opening before has been closed.
    func open() throws -> any Store

    /// Lets a newer opening exist while an older one is still in use.
    func depose() throws
}

/// Batches that are easy to write down and to recognise.
package struct BatchMaker {
    private let epoch: UInt64
    /// Position of the last event that was made.
    package private(set) var position: UInt64
    private var made = 0

    package init(following store: StoreIdentity) {
        epoch = store.epoch
        position = store.lastPosition
    }

    /// A batch of `count` events behind the last one; 0 makes one without events.
    package mutating func next(
        _ count: Int,
        touching jobs: [TouchedJob] = [],
        rows: [RowChange] = [],
        replies: [StoredReply] = [],
        at instant: Int64 = 1_000
    ) -> StoreBatch {
        made += 1
        let first = position + 1
        position += UInt64(count)
        let lines = (0..<UInt64(count)).map { "{\"position\":\(first + $0)}\n" }
        let events = PackedEvents(
            firstPosition: first,
            lastPosition: position,
            bytes: Array(lines.joined().utf8)
        )
        return StoreBatch(
            id: "batch-\(epoch)-\(made)",
            epoch: epoch,
            events: count == 0 ? nil : events,
            touched: jobs,
            rows: rows,
            replies: replies,
            at: instant
        )
    }
}
