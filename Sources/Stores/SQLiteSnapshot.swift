import CSQLite
import FleetModel
import FleetPorts

/// A copy of a database as it was at one moment, made beside a server that goes on writing.
struct SQLiteSnapshot {
    let identity: StoreIdentity
    let schema: Int
    /// The runs that its rows know of; logs and artifacts of those belong to it.
    let runs: Set<String>

    private static let pagesPerStep: Int32 = 512

    /// Copies the database of a data folder to the new file `path`, and checks the copy.
    init(
        of folder: String,
        to path: String,
        steps: BackupSteps
    ) throws(BackupFault) {
        let source = try ofStore { () throws(StoreFault) in try SQLiteSource.open(folder) }
        try Self.copy(source, to: path, steps)
        try steps.note(.checkDatabase, 0, of: 1)
        self = try ofStore { () throws(StoreFault) in try SQLiteSnapshot(checking: path) }
        try steps.note(.checkDatabase, 1, of: 1)
    }

    /// Looks through a database that no server has: its schema, its every page, who it is.
    init(checking path: String) throws(StoreFault) {
        let database = try SQLiteSource.unchanging(path)
        guard let version = try SQLiteSchema.version(of: database) else {
            throw .broken(path: path, reason: "no store was ever initialised in it")
        }
        try database.checkPages()
        // Not through the statements of this version: an older store is worth a backup, too.
        identity = try SQLiteReads.storeIdentity(of: database)
        schema = version
        var runs: Set<String> = []
        try database.prepare("SELECT key FROM fleet_runs").each { runs.insert($0.text(0)) }
        self.runs = runs
    }

    private static func copy(
        _ source: SQLiteConnection,
        to path: String,
        _ steps: BackupSteps
    ) throws(BackupFault) {
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        let copy = try ofStore { () throws(StoreFault) in
            let copy = try SQLiteConnection(path: path, flags: flags)
            // Nobody sees the copy before it is whole and synced.
            try copy.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
            // Held over all steps: without it SQLite begins again after each commit of another
            // connection (sqlite.org/backup.html), and beside a busy server never comes to an end.
            try source.execute("BEGIN")
            _ = try source.number("SELECT count(*) FROM sqlite_schema")
            return copy
        }
        let pages = try ofStore { () throws(StoreFault) in try source.beginCopy(to: copy) }
        defer { pages.end() }
        var isDone = false
        while !isDone {
            isDone = try ofStore { () throws(StoreFault) in try pages.step(pagesPerStep) }
            try steps.note(.copyDatabase, pages.done, of: pages.total)
        }
    }
}

/// How a database that others may have open is read.
enum SQLiteSource {
    /// Reads beside a server, or takes in what a killed one left in the log; changes no page.
    static func open(_ folder: String) throws(StoreFault) -> SQLiteConnection {
        let path = DataFolder.database(in: folder)
        guard PlainFile.exists(path) else {
            throw .broken(path: path, reason: "there is no store here")
        }
        let database = try SQLiteReader.open(path)
        guard try SQLiteSchema.version(of: database) != nil else {
            throw .broken(path: path, reason: "it is empty: no store was ever initialised here")
        }
        return database
    }

    /// A file that nobody writes: no log, no lock, no file beside it.
    static func unchanging(_ path: String) throws(StoreFault) -> SQLiteConnection {
        let name = "file:\(SQLiteReader.escaped(path))?immutable=1"
        let flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
        return try SQLiteConnection(path: path, name: name, flags: flags)
    }
}
