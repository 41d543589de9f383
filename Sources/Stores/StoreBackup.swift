package import FleetModel
package import FleetPorts
import Glibc

/// Copies a store to one file, online: a server may write to the store all the while.
///
/// What was acknowledged before the call began is in the copy. The file has its name only once it
/// is whole, synced and read back; a kill before that leaves a hidden `.NAME.partial`, which the
/// next backup to that name takes over.
package enum StoreBackup {
    /// Copies the store in `folder` to the new file `target`, an absolute path.
    ///
    /// The manifest says that it was made by `version` of this program at `instant`, in ms since
    /// 1970 UTC. `unseenRuns` reads the runs whose leases the copy's rows have not seen yet from its
    /// events, which only those who write them can read.
    package static func make(
        of folder: String,
        to target: String,
        version: String,
        at instant: Int64,
        unseenRuns: (any StoreHistory) throws -> Set<RunID>,
        watch: @escaping BackupWatch
    ) throws(BackupFault) -> BackupManifest {
        guard !PlainFile.exists(target) else { throw .exists(path: target) }
        let steps = BackupSteps(watch: watch)
        let partial = try PartialFile(of: target)
        let copy = partial.file.path + ".db"
        unlink(copy)
        defer { unlink(copy) }
        do throws(BackupFault) {
            let snapshot = try SQLiteSnapshot(of: folder, to: copy, steps: steps)
            let runs = try snapshot.runs.union(unseen(in: copy, of: snapshot.schema, unseenRuns))
            let manifest = BackupManifest(
                fleet: snapshot.identity.fleetID,
                epoch: snapshot.identity.epoch,
                position: snapshot.identity.lastPosition,
                lastInstant: snapshot.identity.lastInstant,
                schema: snapshot.schema,
                madeAt: instant,
                version: version,
                database: try content(of: copy),
                files: try runFiles(folder, of: runs, steps)
            )
            try write(manifest, to: partial.file, folder, copy, steps)
            try partial.publish()
            return manifest
        } catch {
            partial.discard()
            throw error
        }
    }

    /// Rows of a schema before this one never lie behind their events.
    private static func unseen(
        in copy: String,
        of schema: Int,
        _ runs: (any StoreHistory) throws -> Set<RunID>
    ) throws(BackupFault) -> Set<String> {
        guard schema == SQLiteSchema.known else { return [] }
        let history = try ofStore { () throws(StoreFault) in try SQLiteReader(unchanging: copy) }
        defer { history.close() }
        do {
            return Set(try runs(history).map(\.description))
        } catch {
            throw .damaged(path: copy, what: "\(error)")
        }
    }

    private static func write(
        _ manifest: BackupManifest,
        to file: PlainFile,
        _ folder: String,
        _ copy: String,
        _ steps: BackupSteps
    ) throws(BackupFault) {
        let paths = Dictionary(
            manifest.files.map { (BackupManifest.Member.object($0.content.sha256), $0.path) },
            uniquingKeysWith: { first, _ in first }
        )
        try BackupWriter(file: file, manifest: manifest, steps: steps).write { member in
            paths[member.name].map { "\(folder)/\($0)" } ?? copy
        }
        try file.sync()
        try file.rewind()
        let reader = try BackupReader(file, steps: steps)
        guard reader.manifest == manifest else {
            throw .damaged(path: file.path, what: "it does not read as it was written")
        }
        try reader.readAll(.verifyArchive) { _, _ in }
    }

    /// Everything that lies in the folder of the runs that the snapshot knows.
    private static func runFiles(
        _ folder: String,
        of runs: Set<String>,
        _ steps: BackupSteps
    ) throws(BackupFault) -> [BackupManifest.File] {
        let place = "\(folder)/\(RunFiles.folder)"
        let names = PlainFile.names(in: place).filter { name in
            RunFiles.run(of: name).map { runs.contains($0.description) } ?? false
        }
        var files: [BackupManifest.File] = []
        for (index, name) in names.enumerated() {
            let path = "\(place)/\(name)"
            do {
                let content = try content(of: path)
                files.append(.init(path: "\(RunFiles.folder)/\(name)", content: content))
            } catch .file where !PlainFile.exists(path) {
                // Cleared away since its name was read: nothing needs it any more.
            } catch {
                throw error
            }
            try steps.note(.hashFiles, UInt64(index + 1), of: UInt64(names.count))
        }
        return files
    }

    /// Length and hash of a file as it is now; a growing log is taken as far as it was read.
    private static func content(of path: String) throws(BackupFault) -> BackupManifest.Content {
        let file = try PlainFile(reading: path)
        let digest = RunningDigest()
        var bytes: UInt64 = 0
        while true {
            let piece = try file.read(PlainFile.pieceBytes)
            guard !piece.isEmpty else { break }
            digest.update(piece)
            bytes += UInt64(piece.count)
        }
        return .init(bytes: bytes, sha256: digest.finish().hex)
    }
}

/// A file on its way to its name, locked against a second writer.
final class PartialFile {
    let file: PlainFile
    private let target: String

    init(of target: String) throws(BackupFault) {
        self.target = target
        let folder = PlainFile.folder(of: target)
        let name = target[
            (target.lastIndex(of: "/").map(target.index(after:)) ?? target.startIndex)...
        ]
        let path = "\(folder)/.\(name).partial"
        let file = try Self.open(path, of: target, in: folder)
        guard flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 else { throw .busy(path: target) }
        // Between opening and locking, its former holder may have given it its final name.
        var (own, named) = (stat(), stat())
        guard fstat(file.descriptor, &own) == 0, lstat(path, &named) == 0,
            own.st_ino == named.st_ino, own.st_dev == named.st_dev
        else { throw .busy(path: target) }
        try file.clear()
        self.file = file
    }

    /// Nobody knows of the partial file: the folder is named when that is what is missing.
    private static func open(
        _ path: String,
        of target: String,
        in folder: String
    ) throws(BackupFault) -> PlainFile {
        do { return try PlainFile(writing: path) } catch {
            guard case .file(_, let reason) = error else { throw error }
            var facts = stat()
            let isFolder = stat(folder, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
            throw .file(path: isFolder ? target : folder, reason: reason)
        }
    }

    /// Gives the file its name, for good.
    func publish() throws(BackupFault) {
        guard !PlainFile.exists(target) else { throw .exists(path: target) }
        guard rename(file.path, target) == 0 else { throw PlainFile.fault(target) }
        try PlainFile.syncFolder(PlainFile.folder(of: target))
    }

    func discard() { unlink(file.path) }
}
