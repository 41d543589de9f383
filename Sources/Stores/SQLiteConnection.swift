import CSQLite
import CShims
import FleetPorts
import Glibc

/// One open database handle; used by one thread at a time, which its owner sees to.
final class SQLiteConnection {
    /// The database's file, for messages.
    let path: String
    private var handle: OpaquePointer?

    /// Opens `name`, or `path` itself, with SQLite's own lock off: the handle is never shared.
    init(path: String, name: String? = nil, flags: Int32) throws(StoreFault) {
        self.path = path
        let code = sqlite3_open_v2(name ?? path, &handle, flags | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK else {
            let fault = fault(code)
            sqlite3_close(handle)
            handle = nil
            throw fault
        }
        sqlite3_extended_result_codes(handle, 1)
        sqlite3_busy_timeout(handle, 5_000)
    }

    deinit { sqlite3_close_v2(handle) }

    /// Runs statements that give no rows back.
    func execute(_ sql: String) throws(StoreFault) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw fault(code) }
    }

    func prepare(_ sql: String) throws(StoreFault) -> SQLiteStatement {
        var statement: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        let code = sqlite3_prepare_v3(handle, sql, -1, flags, &statement, nil)
        guard code == SQLITE_OK, let statement else { throw fault(code) }
        return SQLiteStatement(statement, of: self)
    }

    /// The first column of the first row of a statement that is needed only once.
    func number(_ sql: String) throws(StoreFault) -> Int64? {
        let statement = try prepare(sql)
        return try statement.first { $0.integer(0) }
    }

    /// Looks through every page and index.
    ///
    /// - Throws: `broken` with the first thing that is wrong.
    func checkPages() throws(StoreFault) {
        let words = try prepare("PRAGMA integrity_check(1)").first { $0.text(0) }
        guard words == "ok" else {
            let found = words ?? "nothing can be read"
            throw .broken(path: path, reason: "it is damaged: \(found)")
        }
    }

    /// Runs `body` in one write transaction; a fault inside it leaves nothing behind.
    func transaction<Result>(
        _ body: () throws(StoreFault) -> Result
    ) throws(StoreFault) -> Result {
        try execute("BEGIN IMMEDIATE")
        do {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            // SQLite itself has rolled back after some faults, a full disk among them.
            if sqlite3_get_autocommit(handle) == 0 {
                sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
            }
            throw error
        }
    }

    /// Leaves the write-ahead log in its file at closing, so that reading changes nothing.
    func keepLogOnClose() { _ = shim_sqlite_keep_log_on_close(handle) }

    /// Neither commits nor closing move anything from the log into the database any more.
    func leaveLogAlone() throws(StoreFault) {
        keepLogOnClose()
        try execute("PRAGMA wal_autocheckpoint = 0")
    }

    /// Begins to copy every page to `target`; this connection holds a read transaction meanwhile.
    func beginCopy(to target: SQLiteConnection) throws(StoreFault) -> SQLitePageCopy {
        guard let copy = sqlite3_backup_init(target.handle, "main", handle, "main") else {
            throw target.fault(sqlite3_errcode(target.handle))
        }
        return SQLitePageCopy(copy, from: self, to: target)
    }

    /// What a result code of this handle means to the inside.
    func fault(_ code: Int32) -> StoreFault {
        let primary = code & 0xff
        let free = FreeSpace.bytes(at: path)
        switch primary {
        case SQLITE_FULL:
            return .full(path: path, needed: nil, free: free)
        case SQLITE_IOERR, SQLITE_CANTOPEN:
            // The log's index is mapped memory, and a failure to grow it has a code of its own.
            let cause = sqlite3_system_errno(handle)
            if cause == ENOSPC || cause == EDQUOT || (primary == SQLITE_IOERR && free == 0) {
                return .full(path: path, needed: nil, free: free)
            }
            return .broken(path: path, reason: "\(message(code)): \(systemMessage(cause))")
        case SQLITE_BUSY, SQLITE_LOCKED:
            return .busy(path: path, pid: nil)
        default:
            return .broken(path: path, reason: message(code))
        }
    }

    private func message(_ code: Int32) -> String {
        let text = handle.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
        return "\(text.map { String(cString: $0) } ?? "unknown") (SQLite code \(code))"
    }
}

/// A copy of all pages of one database to another, some at a time.
final class SQLitePageCopy {
    private var handle: OpaquePointer?
    private let source: SQLiteConnection
    private let target: SQLiteConnection

    fileprivate init(
        _ handle: OpaquePointer,
        from source: SQLiteConnection,
        to target: SQLiteConnection
    ) {
        self.handle = handle
        self.source = source
        self.target = target
    }

    deinit { end() }

    var total: UInt64 { UInt64(clamping: sqlite3_backup_pagecount(handle)) }
    var done: UInt64 { total - UInt64(clamping: sqlite3_backup_remaining(handle)) }

    /// Copies so many pages more; true when that were the last.
    func step(_ pages: Int32) throws(StoreFault) -> Bool {
        switch sqlite3_backup_step(handle, pages) {
        case SQLITE_DONE: return true
        case SQLITE_OK: return false
        case let code: throw target.fault(code)
        }
    }

    /// Lets both databases go.
    func end() {
        sqlite3_backup_finish(handle)
        handle = nil
    }
}

/// The system's words for an error number.
func systemMessage(_ number: Int32) -> String {
    number == 0 ? "no system error" : String(cString: strerror(number))
}
