import CSQLite
package import FleetPorts
import Glibc

/// Brings a store's tables up to this program's version, by itself or on trial.
package enum StoreMigration {
    /// Where a store stands, and where this program would bring it.
    package struct Versions: Hashable, Sendable {
        package let stored: Int
        package let known: Int
        package var isNewest: Bool { stored == known }
    }

    /// Looks only; a server may have the store open.
    package static func versions(of folder: String) throws(StoreFault) -> Versions {
        let database = try SQLiteSource.open(folder)
        let stored = try SQLiteSchema.version(of: database) ?? 0
        return Versions(stored: stored, known: SQLiteSchema.known)
    }

    /// Runs every step that is missing, each in a transaction of its own; where it stood before.
    package static func run(_ folder: String) throws(StoreFault) -> Versions {
        let versions = try versions(of: folder)
        guard !versions.isNewest else { return versions }
        let lock = try FolderLock(folder: folder)
        let database = try DataFolder.openForWriting(folder)
        try SQLiteSchema.migrate(database)
        withExtendedLifetime(lock) {}
        return versions
    }

    /// Runs the missing steps on a copy that is thrown away, so that they are known to work.
    package static func tryOut(_ folder: String) throws(BackupFault) {
        let copy = "\(folder)/.giga.trial.db"
        func clear() { for suffix in ["", "-wal", "-shm", "-journal"] { unlink(copy + suffix) } }
        clear()
        defer { clear() }
        _ = try SQLiteSnapshot(of: folder, to: copy, steps: BackupSteps { _ in true })
        try ofStore { () throws(StoreFault) in
            let database = try SQLiteConnection(path: copy, flags: SQLITE_OPEN_READWRITE)
            try SQLiteSchema.migrate(database)
        }
    }
}
