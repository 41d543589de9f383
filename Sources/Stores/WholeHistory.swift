package import FleetPorts

/// A history that can also hand out every row at once, to be compared with a replay.
package protocol WholeHistory: StoreHistory {
    /// As `Store.load`.
    func load() throws(StoreFault) -> [StoredRow]
    func close()
}

extension SQLiteReader: WholeHistory {}
extension PostgresHistory: WholeHistory {}
