import CSQLite
package import FleetPorts
import Glibc
import Synchronization

/// Reads a store that no server has open, and leaves its files as they are.
///
/// It takes the same lock as a server, so the two never meet. What a killed server left in the
/// write-ahead log is read too, and stays there for the next server to take over.
package final class SQLiteReader: StoreHistory {
    /// The epoch is that of the last opening for writing; reading raises nothing.
    package let identity: StoreIdentity
    private let path: String
    private let opened: Mutex<Opened>

    private struct Opened {
        var reads: SQLiteReads?
        var lock: FolderLock?
    }

    /// Opens the store alone, or, when `isShared`, beside whoever has it open.
    ///
    /// - Throws: `busy` with the pid while a server has the store open, `newer`, `broken`.
    package init(folder: String, isShared: Bool = false) throws(StoreFault) {
        path = DataFolder.database(in: folder)
        guard access(path, F_OK) == 0 else {
            throw .broken(path: path, reason: "there is no store here: \(systemMessage(errno))")
        }
        // Nobody can have a store open for writing that lies in a folder nobody can write to.
        let locks = !isShared && access(folder, W_OK) == 0
        let lock = locks ? try FolderLock(folder: folder) : nil
        let database = try Self.open(path)
        guard let version = try SQLiteSchema.version(of: database) else {
            throw .broken(path: path, reason: "it is empty: no store was ever initialised here")
        }
        guard version == SQLiteSchema.known else {
            let reason = "its schema is \(version), of an older giga: run giga store migrate"
            throw .broken(path: path, reason: reason)
        }
        let reads = try SQLiteReads(database)
        identity = try reads.storeIdentity()
        opened = Mutex(Opened(reads: reads, lock: lock))
    }

    /// Opens a file that nobody writes, such as a copy.
    init(unchanging path: String) throws(StoreFault) {
        self.path = path
        let reads = try SQLiteReads(try SQLiteSource.unchanging(path))
        identity = try reads.storeIdentity()
        opened = Mutex(Opened(reads: reads, lock: nil))
    }

    deinit { close() }

    /// Every row of every table.
    package func load() throws(StoreFault) -> [StoredRow] {
        try read { (reads) throws(StoreFault) in try reads.load() }
    }

    /// As `Store.loadOpen`.
    package func loadOpen() throws(StoreFault) -> [StoredRow] {
        try read { (reads) throws(StoreFault) in try reads.loadOpen() }
    }

    package func index() throws(StoreFault) -> Set<IndexedBatch> {
        try read { (reads) throws(StoreFault) in try reads.index() }
    }

    package func checkPages() throws(StoreFault) {
        try read { (reads) throws(StoreFault) in
            try reads.database.checkPages()
            try reads.checkJobColumns()
        }
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

    package func close() {
        opened.withLock { opened in
            opened.reads = nil
            opened.lock = nil
        }
    }

    /// Opens a database for reading alone, beside a server or without one.
    static func open(_ path: String) throws(StoreFault) -> SQLiteConnection {
        if access(PlainFile.folder(of: path), W_OK) == 0 {
            // Recovering the log needs the right to write, although no page is ever changed.
            let database = try SQLiteConnection(path: path, flags: SQLITE_OPEN_READWRITE)
            try database.execute("PRAGMA query_only = ON")
            database.keepLogOnClose()
            return database
        }
        var log = stat()
        let hasLog = stat(path + "-wal", &log) == 0 && log.st_size > 0
        guard !hasLog else {
            let reason = "a server was killed here, and the folder is read-only: copy it to read it"
            throw .broken(path: path, reason: reason)
        }
        return try SQLiteSource.unchanging(path)
    }

    /// The three characters that mean something in SQLite's file names of the URI kind.
    static func escaped(_ path: String) -> String {
        var text = ""
        for character in path {
            switch character {
            case "%": text += "%25"
            case "?": text += "%3f"
            case "#": text += "%23"
            default: text.append(character)
            }
        }
        return text
    }

    private func read<Result: Sendable>(
        _ body: (SQLiteReads) throws(StoreFault) -> Result
    ) throws(StoreFault) -> Result {
        try opened.withLock { (opened) throws(StoreFault) in
            guard let reads = opened.reads else {
                throw .broken(path: path, reason: "this store is closed")
            }
            return try body(reads)
        }
    }
}
