package import FleetPorts
import Synchronization

/// Reads a store on PostgreSQL over a connection of its own, beside a server or without one.
package final class PostgresHistory: StoreHistory {
    /// As it was at the opening; reading raises no epoch.
    package let identity: StoreIdentity
    private let line: Mutex<PostgresLine>

    /// - Throws: `unreachable`, `rejected`, `newer`, or `broken` for a database without a store.
    package init(_ address: PostgresAddress) throws(StoreFault) {
        let opened = try PostgresLine(address)
        identity = try opened.use { (database) throws(StoreFault) in
            guard let version = try PostgresSchema.version(of: database),
                let identity = try PostgresReads(database).storeIdentity()
            else {
                let reason = "no store was ever initialised in this database"
                throw .broken(path: address.label, reason: reason)
            }
            guard version == PostgresSchema.known else {
                let reason = "its schema is \(version), of an older giga: run giga store migrate"
                throw .broken(path: address.label, reason: reason)
            }
            return identity
        }
        line = Mutex(opened)
    }

    /// Every row of every table.
    package func load() throws(StoreFault) -> [StoredRow] {
        try read { (reads) throws(StoreFault) in try reads.load() }
    }

    package func index() throws(StoreFault) -> Set<IndexedBatch> {
        try read { (reads) throws(StoreFault) in try reads.index() }
    }

    package func batches(from position: UInt64, limit: Int) throws(StoreFault) -> [PackedEvents] {
        try read { (reads) throws(StoreFault) in
            try reads.batches(from: position, limit: limit)
        }
    }

    package func batches(
        ofJob job: String,
        product: String
    ) throws(StoreFault) -> [PackedEvents] {
        try read { (reads) throws(StoreFault) in
            try reads.batches(ofJob: job, product: product)
        }
    }

    package func fetch(
        table: StoreTable,
        product: String,
        key: String
    ) throws(StoreFault) -> [UInt8]? {
        try read { (reads) throws(StoreFault) in
            try reads.fetch(table: table, product: product, key: key)
        }
    }

    package func job(_ number: UInt64) throws(StoreFault) -> [UInt8]? {
        try read { (reads) throws(StoreFault) in try reads.job(number) }
    }

    package func jobs(_ page: JobPage) throws(StoreFault) -> [ListedJob] {
        try read { (reads) throws(StoreFault) in try reads.jobs(page) }
    }

    package func close() { line.withLock { $0.close() } }

    private func read<Result: Sendable>(
        _ body: @Sendable (PostgresReads) throws(StoreFault) -> Result
    ) throws(StoreFault) -> Result {
        try line.withLock { (line) throws(StoreFault) in try line.read(body) }
    }
}
