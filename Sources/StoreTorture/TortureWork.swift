import FleetPorts

/// Batches whose every part can be checked against every other afterwards.
///
/// Each batch replaces the row `state/last` by its last position, so a store whose row and events
/// disagree has taken half a batch.
struct TortureWork {
    private let epoch: UInt64
    private(set) var position: UInt64

    init(following identity: StoreIdentity) {
        epoch = identity.epoch
        position = identity.lastPosition
    }

    mutating func next(_ count: Int, bytesPerEvent size: Int) -> StoreBatch {
        let first = position + 1
        position += UInt64(count)
        let filler = String(repeating: "x", count: size)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * (size + 40))
        for event in first...position {
            bytes += "{\"position\":\(event),\"body\":\"\(filler)\"}\n".utf8
        }
        // As in life: each event touches a job that goes through a few changes and is done.
        let jobs = (first...position).map { "job-\($0 / 5)" }
        let last = RowChange(
            table: .state,
            product: "fleet",
            key: "last",
            body: Array("\(position)".utf8)
        )
        let rows = jobs.map { job in
            RowChange(table: .jobs, product: "p", key: job, body: Array("\"\(filler)\"".utf8))
        }
        return StoreBatch(
            id: "batch-\(epoch)-\(first)",
            epoch: epoch,
            events: PackedEvents(firstPosition: first, lastPosition: position, bytes: bytes),
            touched: Set(jobs).map { TouchedJob(product: "p", job: $0) },
            rows: rows + [last],
            replies: [
                StoredReply(
                    key: "key-\(first)",
                    requestHash: "hash",
                    status: 200,
                    body: [],
                    at: 1
                )
            ],
            at: 1_000 + Int64(clamping: position)
        )
    }
}
