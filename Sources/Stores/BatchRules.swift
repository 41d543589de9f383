import FleetPorts

/// What every store asks of a batch before it stores it.
extension StoreBatch {
    /// Refuses a batch of another epoch than the newest, or one that leaves a gap.
    func mayFollow(position: UInt64, epoch newest: UInt64, path: String) throws(StoreFault) {
        guard epoch >= newest else { throw .deposed(epoch: epoch, newest: newest) }
        guard epoch == newest else {
            let reason = "a batch of epoch \(epoch) came, but no opening after \(newest) is known"
            throw .broken(path: path, reason: reason)
        }
        guard let events else { return }
        guard events.firstPosition == position + 1 else {
            throw .gap(expected: position + 1, actual: events.firstPosition)
        }
        guard events.lastPosition >= events.firstPosition else {
            let reason = "batch \(id) ends at \(events.lastPosition), before it begins"
            throw .broken(path: path, reason: reason)
        }
    }

    /// The bytes that this batch brings, without the store's own overhead.
    var byteCount: UInt64 {
        var count = id.utf8.count + (events?.bytes.count ?? 0)
        for job in touched { count += job.product.utf8.count + job.job.utf8.count }
        for row in rows {
            count += row.product.utf8.count + row.key.utf8.count + (row.body?.count ?? 0)
        }
        for reply in replies {
            count += reply.key.utf8.count + reply.requestHash.utf8.count + reply.body.count
        }
        return UInt64(count)
    }
}
