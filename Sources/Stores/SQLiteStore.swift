package import FleetPorts
import Synchronization

/// The default store: one SQLite database, `giga.db`, in the data folder.
///
/// Write-ahead logging with a sync in every commit. `giga.lock` keeps a second opening out, the
/// epoch in the database keeps out one that slipped past it, and `giga.reserve` is room for the
/// day on which the disk is full.
package final class SQLiteStore: Store, Sendable {
    package let identity: StoreIdentity
    private let folder: String
    private let opened: Mutex<Opened>

    /// What is open; emptied by `close`, in an order of its own.
    private struct Opened {
        var writer: SQLiteWriter?
        var history: SQLiteHistory?
        var lock: FolderLock?
    }

    /// Opens the store in `folder` for writing, and makes both if they are not there.
    ///
    /// - Parameters:
    ///   - folder: The data folder; made with mode 0700 if it is missing.
    ///   - isRescue: True on a full disk: the room that the reserve gave up goes to the log alone,
    ///     so no new reserve is made and the log is not folded back into the database.
    /// - Throws: `busy` with the pid while another process has it open, `newer`, `full`, `broken`.
    package init(folder: String, isRescue: Bool = false) throws(StoreFault) {
        try DataFolder.make(folder)
        let lock = try FolderLock(folder: folder)
        let database = try DataFolder.openForWriting(folder)
        if isRescue { try database.leaveLogAlone() }
        try SQLiteSchema.migrate(database)
        // Durable before the first batch can carry it: the commit below is synced like any other.
        try database.transaction { () throws(StoreFault) in
            try database.prepare(
                """
                INSERT INTO fleet_identity (product_id, fleet_id, epoch) VALUES ('fleet', ?, 1)
                ON CONFLICT DO UPDATE SET epoch = epoch + 1
                """
            ).run(.text(FleetID.random()))
        }
        try DataFolder.sync(folder)
        if !isRescue { ReserveFile.keep(in: folder) }
        let writer = try SQLiteWriter(database)
        identity = try writer.reads.storeIdentity()
        self.folder = folder
        opened = Mutex(Opened(writer: writer, history: nil, lock: lock))
    }

    deinit { close() }

    package func load() throws(StoreFault) -> [StoredRow] {
        try write { (writer) throws(StoreFault) in try writer.reads.load() }
    }

    package func loadOpen() throws(StoreFault) -> [StoredRow] {
        try write { (writer) throws(StoreFault) in try writer.reads.loadOpen() }
    }

    package func job(_ number: UInt64) throws(StoreFault) -> [UInt8]? {
        try write { (writer) throws(StoreFault) in try writer.reads.job(number) }
    }

    package func job(withKey key: String, product: String) throws(StoreFault) -> [UInt8]? {
        try write { (writer) throws(StoreFault) in
            try writer.reads.job(withKey: key, product: product)
        }
    }

    package func commit(_ batch: StoreBatch) throws(StoreFault) {
        try write { (writer) throws(StoreFault) in try writer.commit(batch) }
    }

    package func batches(from position: UInt64, limit: Int) throws(StoreFault) -> [PackedEvents] {
        try write { (writer) throws(StoreFault) in
            try writer.reads.batches(from: position, limit: limit)
        }
    }

    package func batches(
        ofJob job: String,
        product: String
    ) throws(StoreFault) -> [PackedEvents] {
        try write { (writer) throws(StoreFault) in
            try writer.reads.batches(ofJob: job, product: product)
        }
    }

    package func fetch(
        table: StoreTable,
        product: String,
        key: String
    ) throws(StoreFault) -> [UInt8]? {
        try write { (writer) throws(StoreFault) in
            try writer.reads.fetch(table: table, product: product, key: key)
        }
    }

    package func reply(forKey key: String, notBefore: Int64) throws(StoreFault) -> StoredReply? {
        try write { (writer) throws(StoreFault) in
            try writer.reads.reply(forKey: key, notBefore: notBefore)
        }
    }

    /// A second connection, opened at the first call and shared by all later ones.
    package func history() throws(StoreFault) -> any StoreHistory {
        try opened.withLock { (opened) throws(StoreFault) in
            guard opened.writer != nil else { throw closed }
            if let history = opened.history { return history }
            let history = try SQLiteHistory(folder: folder)
            opened.history = history
            return history
        }
    }

    /// Gives up the reserve, so that the store can be opened once more on a full disk.
    package func releaseReserve() { ReserveFile.release(in: folder) }

    package func close() {
        opened.withLock { opened in
            opened.history?.close()
            opened.history = nil
            opened.writer = nil
            // Last: whoever gets the lock next must find the database closed.
            opened.lock = nil
        }
    }

    private func write<Result: Sendable>(
        _ body: (SQLiteWriter) throws(StoreFault) -> Result
    ) throws(StoreFault) -> Result {
        try opened.withLock { (opened) throws(StoreFault) in
            guard let writer = opened.writer else { throw closed }
            return try body(writer)
        }
    }

    private var closed: StoreFault {
        .broken(path: DataFolder.database(in: folder), reason: "this store is closed")
    }
}
