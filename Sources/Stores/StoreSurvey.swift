import FleetModel
package import FleetPorts
import Glibc

/// What can be told of a store from outside, while a server has it open or not.
package struct StoreSurvey: Hashable, Sendable {
    package let identity: StoreIdentity
    package let versions: StoreMigration.Versions
    /// The process that has it open for writing; 0 when it did not leave its number.
    package let heldBy: Int32?
    package let databaseBytes: UInt64
    /// Of the write-ahead log, which a checkpoint folds back into the database.
    package let logBytes: UInt64
    package let runFiles: Int
    package let runBytes: UInt64
    /// How many rows each table has, by its name.
    package let rows: [String: Int64]
    package let freeBytes: UInt64?

    package init(of folder: String) throws(StoreFault) {
        let database = try SQLiteSource.open(folder)
        let stored = try SQLiteSchema.version(of: database) ?? 0
        versions = StoreMigration.Versions(stored: stored, known: SQLiteSchema.known)
        identity = try SQLiteReads.storeIdentity(of: database)
        var rows: [String: Int64] = [:]
        for table in StoreTable.allCases.map(\.rawValue) + ["fleet_events", "fleet_replies"] {
            rows[table] = try database.number("SELECT count(*) FROM \(table)")
        }
        self.rows = rows
        heldBy = Self.holder(of: folder)
        databaseBytes = Self.size(DataFolder.database(in: folder))
        logBytes = Self.size(DataFolder.database(in: folder) + "-wal")
        let runs = "\(folder)/\(RunFiles.folder)"
        let files = RunFiles.names(in: folder)
        runFiles = files.count
        runBytes = files.reduce(0) { $0 + Self.size("\(runs)/\($1)") }
        freeBytes = FreeSpace.bytes(at: folder)
    }

    /// Whether somebody has the folder's lock, and who.
    static func holder(of folder: String) -> Int32? {
        do throws(StoreFault) {
            guard PlainFile.exists(folder + "/giga.lock") else { return nil }
            let lock = try FolderLock(folder: folder)
            withExtendedLifetime(lock) {}
            return nil
        } catch {
            if case .busy(_, let pid) = error { return pid ?? 0 }
            return nil
        }
    }

    private static func size(_ path: String) -> UInt64 {
        var facts = stat()
        return lstat(path, &facts) == 0 ? UInt64(clamping: facts.st_size) : 0
    }
}
