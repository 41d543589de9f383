import CSQLite
import FleetPorts
import Synchronization

/// A read connection of its own, so that long reads never hold up the writer.
final class SQLiteHistory: StoreHistory {
    private let path: String
    private let reads: Mutex<SQLiteReads?>

    init(folder: String) throws(StoreFault) {
        path = DataFolder.database(in: folder)
        let database = try SQLiteConnection(path: path, flags: SQLITE_OPEN_READONLY)
        reads = Mutex(try SQLiteReads(database))
    }

    func batches(from position: UInt64, limit: Int) throws(StoreFault) -> [PackedEvents] {
        try read { (reads) throws(StoreFault) in
            try reads.batches(from: position, limit: limit)
        }
    }

    func batches(ofJob job: String, product: String) throws(StoreFault) -> [PackedEvents] {
        try read { (reads) throws(StoreFault) in
            try reads.batches(ofJob: job, product: product)
        }
    }

    func fetch(table: StoreTable, product: String, key: String) throws(StoreFault) -> [UInt8]? {
        try read { (reads) throws(StoreFault) in
            try reads.fetch(table: table, product: product, key: key)
        }
    }

    func job(_ number: UInt64) throws(StoreFault) -> [UInt8]? {
        try read { (reads) throws(StoreFault) in try reads.job(number) }
    }

    func jobs(_ page: JobPage) throws(StoreFault) -> [ListedJob] {
        try read { (reads) throws(StoreFault) in try reads.jobs(page) }
    }

    func close() { reads.withLock { $0 = nil } }

    private func read<Result: Sendable>(
        _ body: (SQLiteReads) throws(StoreFault) -> Result
    ) throws(StoreFault) -> Result {
        try reads.withLock { (reads) throws(StoreFault) in
            guard let reads else { throw .broken(path: path, reason: "this store is closed") }
            return try body(reads)
        }
    }
}
