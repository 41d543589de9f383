package import FleetPorts

/// A history that can also hand out every row at once, to be compared with a replay.
package protocol WholeHistory: StoreHistory {
    /// As `Store.load`.
    func load() throws(StoreFault) -> [StoredRow]
    /// Every entry of the index from jobs to batches.
    func index() throws(StoreFault) -> Set<IndexedBatch>
    /// Looks through every page and index, where that is for this program to do.
    func checkPages() throws(StoreFault)
    func close()
}

extension SQLiteReader: WholeHistory {}

extension PostgresHistory: WholeHistory {
    /// Its server's administrator has `pg_amcheck` and checksums for that.
    package func checkPages() throws(StoreFault) {}
}
