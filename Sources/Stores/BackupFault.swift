package import FleetPorts

/// Why a backup could not be made, or cannot be put in place.
///
/// Whatever is thrown, the files that were there before are as they were.
package enum BackupFault: Error, Hashable, Sendable {
    /// There is a file of that name already; backups never replace one.
    case exists(path: String)
    /// Another backup is being written to the same name, or another restore to the same folder.
    case busy(path: String)
    /// The file is not a backup, or not whole: what was found, and where.
    case damaged(path: String, what: String)
    /// The form of the backup is newer than this program.
    case newer(path: String, format: Int, known: Int)
    /// The folder to restore to has something in it already.
    case occupied(folder: String, by: String)
    /// No room left; figures in bytes, nil when the system did not say.
    case full(path: String, free: UInt64?)
    /// A file cannot be read or written, in the system's words.
    case file(path: String, reason: String)
    case store(StoreFault)
    /// The caller asked to stop.
    case stopped
}

/// A step of a backup or a restore, for those who watch it.
package struct BackupProgress: Hashable, Sendable {
    package enum Step: String, Hashable, Sendable, CaseIterable {
        case copyDatabase = "copying the database"
        case checkDatabase = "checking the database"
        case hashFiles = "hashing run files"
        case writeArchive = "writing the archive"
        case verifyArchive = "verifying the archive"
        case unpack = "unpacking and verifying"
    }

    package let step: Step
    package let done: UInt64
    package let total: UInt64
}

/// Told of each piece of work; false stops it, and what was begun is cleared away.
package typealias BackupWatch = (BackupProgress) -> Bool

/// Asks the watcher whether to go on.
struct BackupSteps {
    let watch: BackupWatch

    func note(
        _ step: BackupProgress.Step,
        _ done: UInt64,
        of total: UInt64
    ) throws(BackupFault) {
        let progress = BackupProgress(step: step, done: done, total: total)
        guard watch(progress) else { throw .stopped }
    }
}

/// Runs what a store may refuse, and gives the refusal on as a fault of the backup.
func ofStore<Result>(_ body: () throws(StoreFault) -> Result) throws(BackupFault) -> Result {
    do { return try body() } catch { throw .store(error) }
}
