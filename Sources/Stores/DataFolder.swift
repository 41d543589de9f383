import CSQLite
import FleetPorts
import Glibc

/// The folder a coordinator keeps everything in, and how its database is opened.
enum DataFolder {
    static func database(in folder: String) -> String { folder + "/giga.db" }

    /// Makes the folder and those above it, closed to other users.
    static func make(_ folder: String) throws(StoreFault) {
        var info = stat()
        if stat(folder, &info) == 0 { return }
        if let slash = folder.dropFirst().lastIndex(of: "/") {
            try make(String(folder[..<slash]))
        }
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            let number = errno
            if number == ENOSPC || number == EDQUOT {
                throw .full(path: folder, needed: nil, free: nil)
            }
            let reason = "the folder cannot be made: \(systemMessage(number))"
            throw .broken(path: folder, reason: reason)
        }
    }

    /// Makes the names in the folder as durable as what the files hold.
    static func sync(_ folder: String) throws(StoreFault) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .broken(path: folder, reason: systemMessage(errno))
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw .broken(path: folder, reason: "it cannot be synced: \(systemMessage(errno))")
        }
    }

    /// A connection that syncs the write-ahead log in each commit.
    static func openForWriting(_ folder: String) throws(StoreFault) -> SQLiteConnection {
        let path = database(in: folder)
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        let database = try SQLiteConnection(path: path, flags: flags)
        // Looked at before anything is written: another program's database stays as it is.
        _ = try SQLiteSchema.version(of: database)
        let mode = try database.prepare("PRAGMA journal_mode = WAL").first { $0.text(0) }
        guard mode == "wal" else {
            let reason = "write-ahead logging is not to be had here, but \(mode ?? "nothing")"
            throw .broken(path: path, reason: reason)
        }
        try database.execute(
            """
            PRAGMA synchronous = FULL;
            PRAGMA wal_autocheckpoint = \(pagesPerCheckpoint);
            PRAGMA cache_size = -16384;
            PRAGMA temp_store = MEMORY;
            PRAGMA trusted_schema = OFF;
            """
        )
        return database
    }

    /// 8 MiB of log: a checkpoint every few hundred commits, and a start that replays little.
    private static let pagesPerCheckpoint = 2_000
}
