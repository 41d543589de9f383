import CSQLite
import FleetModel
import FleetPorts
import Glibc

/// A backup that is being put in place: unpacked and verified beside the folder it is meant for.
///
/// The folder has its name only at `publish`, by one rename. A kill before that leaves a hidden
/// `.NAME.restoring` beside it, which the next restore to that folder clears away.
package final class StagedRestore {
    package let manifest: BackupManifest
    /// Where the data folder lies until it is published.
    package let folder: String
    private let target: String
    private let lock: Int32
    private var isDone = false

    /// Unpacks `archive` and checks all of it against its manifest, and the database page by page.
    ///
    /// `archive` is a file that `StoreBackup` made; `target` the data folder to be, an absolute
    /// path: not there, or empty.
    package init(
        of archive: String,
        for target: String,
        watch: @escaping BackupWatch
    ) throws(BackupFault) {
        let steps = BackupSteps(watch: watch)
        try Self.refuseOccupied(target)
        // Before anything is made: a file that is no backup leaves no trace.
        let reader = try BackupReader(try PlainFile(reading: archive), steps: steps)
        let parent = PlainFile.folder(of: target)
        try ofStore { () throws(StoreFault) in try DataFolder.make(parent) }
        let name = target[
            (target.lastIndex(of: "/").map(target.index(after:)) ?? target.startIndex)...
        ]
        folder = "\(parent)/.\(name).restoring"
        self.target = target
        manifest = reader.manifest
        lock = try Self.take(folder)
        do throws(BackupFault) {
            try unpack(reader)
            try check(steps, archive)
        } catch {
            discard()
            throw error
        }
    }

    deinit {
        discard()
        close(lock)
    }

    /// Makes it another fleet: what it sends out never meets what the first one sent.
    package func giveNewFleetID() throws(BackupFault) {
        try ofStore { () throws(StoreFault) in
            let database = try DataFolder.openForWriting(folder)
            try database.prepare("UPDATE fleet_identity SET fleet_id = ?")
                .run(.text(FleetID.random()))
        }
    }

    /// Syncs everything and gives the folder its name; from here on it is the store.
    package func publish() throws(BackupFault) {
        for path in ["\(folder)/\(RunFiles.folder)", folder] {
            for name in PlainFile.names(in: path) {
                var facts = stat()
                guard lstat("\(path)/\(name)", &facts) == 0, facts.st_mode & S_IFMT == S_IFREG
                else { continue }
                try PlainFile(writing: "\(path)/\(name)").sync()
            }
            try PlainFile.syncFolder(path)
        }
        guard rename(folder, target) == 0 else {
            if errno == ENOTEMPTY || errno == EEXIST {
                throw .occupied(folder: target, by: "something that came meanwhile")
            }
            throw PlainFile.fault(target)
        }
        isDone = true
        try PlainFile.syncFolder(PlainFile.folder(of: target))
    }

    /// Clears away what was unpacked, unless it was published.
    package func discard() {
        guard !isDone else { return }
        isDone = true
        Self.clear(folder)
        rmdir(folder)
    }

    private func unpack(_ reader: BackupReader) throws(BackupFault) {
        let runs = "\(folder)/\(RunFiles.folder)"
        guard mkdir(runs, 0o700) == 0 else { throw PlainFile.fault(runs) }
        let paths = Dictionary(grouping: manifest.files, by: \.content.sha256)
        var open: (name: String, file: PlainFile)?
        try reader.readAll(.unpack) { (member, bytes) throws(BackupFault) in
            if open?.name != member.name {
                let own = paths[member.content.sha256]?.first.map { "\(folder)/\($0.path)" }
                let isDatabase = member.name == BackupManifest.Member.database
                let place = isDatabase ? DataFolder.database(in: folder) : own
                open = try place.map { (place) throws(BackupFault) in
                    (member.name, try PlainFile(writing: place))
                }
            }
            try open?.file.write(bytes)
        }
        for files in paths.values {
            guard let first = files.first else { continue }
            for other in files.dropFirst() {
                try copy("\(folder)/\(first.path)", to: "\(folder)/\(other.path)")
            }
        }
    }

    private func copy(_ path: String, to other: String) throws(BackupFault) {
        let (input, output) = (try PlainFile(reading: path), try PlainFile(writing: other))
        while true {
            let piece = try input.read(PlainFile.pieceBytes)
            guard !piece.isEmpty else { return }
            try output.write(piece)
        }
    }

    private func check(_ steps: BackupSteps, _ archive: String) throws(BackupFault) {
        try steps.note(.checkDatabase, 0, of: 1)
        let found = try ofStore { () throws(StoreFault) in
            try SQLiteSnapshot(checking: DataFolder.database(in: folder))
        }
        guard found.identity.fleetID == manifest.fleet, found.schema == manifest.schema,
            found.identity.lastPosition == manifest.position,
            found.identity.epoch == manifest.epoch
        else {
            throw .damaged(path: archive, what: "its database is not the one its manifest names")
        }
        try steps.note(.checkDatabase, 1, of: 1)
    }

    /// A folder that is there may be empty, and nothing else.
    private static func refuseOccupied(_ target: String) throws(BackupFault) {
        guard PlainFile.exists(target) else { return }
        var facts = stat()
        guard lstat(target, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR else {
            throw .occupied(folder: target, by: "it is not a folder")
        }
        if PlainFile.exists(target + "/giga.lock") {
            _ = try ofStore { () throws(StoreFault) in try FolderLock(folder: target) }
        }
        if let name = PlainFile.names(in: target).first {
            throw .occupied(folder: target, by: "there is \(name) in it")
        }
    }

    /// Makes the folder, or takes over one that a killed restore left; its descriptor is the lock.
    private static func take(_ folder: String) throws(BackupFault) -> Int32 {
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw PlainFile.fault(folder) }
        let lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard lock >= 0 else { throw PlainFile.fault(folder) }
        var (own, named) = (stat(), stat())
        guard flock(lock, LOCK_EX | LOCK_NB) == 0, fstat(lock, &own) == 0,
            lstat(folder, &named) == 0, own.st_ino == named.st_ino
        else {
            close(lock)
            throw .busy(path: folder)
        }
        clear(folder)
        return lock
    }

    /// Removes what a restore makes; it makes one folder in its folder.
    private static func clear(_ folder: String) {
        for name in PlainFile.names(in: "\(folder)/\(RunFiles.folder)") {
            unlink("\(folder)/\(RunFiles.folder)/\(name)")
        }
        for name in PlainFile.names(in: folder) where unlink("\(folder)/\(name)") != 0 {
            rmdir("\(folder)/\(name)")
        }
    }
}
