import FleetModel
import Glibc
import HTTPServing
import Processes

/// Artifacts of runs: each content once, in a file named by its hash, and under a name for each run.
///
/// `objects/<sha256>` is the content; `runs/<run>.<name>` is a further link to it. So a content goes
/// when its last run's name has gone, however many had it, and nothing has to count.
package final class ArtifactShelf: Sendable {
    enum Fault: Error, Hashable {
        /// The disk or the user's share of it is full.
        case noRoom(path: String, free: UInt64)
        case broken(path: String, reason: String)
        case otherHash(sent: String, named: String)
        /// The run has stored all that one run may.
        case tooMuch(String)
        /// Too many uploads of the run are under way, or the shelf is stopping.
        case busy

        /// What the last failed call of the system said.
        static func last(_ path: String) -> Fault {
            let code = errno
            guard [ENOSPC, EDQUOT, EFBIG].contains(code) else {
                return .broken(path: path, reason: String(cString: strerror(code)))
            }
            var facts = statvfs()
            let folder = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
            let isKnown = statvfs(folder, &facts) == 0
            let free = isKnown ? UInt64(facts.f_bavail) * UInt64(facts.f_frsize) : 0
            return .noRoom(path: folder, free: free)
        }
    }

    private struct Upload: Sendable {
        let spool: ArtifactSpool
        let name: String
        let run: RunID
        let hash: String?
        let reply: @Sendable (Fault?) -> Void
    }

    private struct Queue: Sendable {
        var works: [@Sendable () -> Void] = []
        var isStopping = false
        var hasStopped = true
    }

    /// Beside the runs' folder, and cleared by `giga gc`.
    package static let folderName = "objects"

    private let runs: String
    private let objects: String
    private let queue = Monitor(Queue())
    private let tally = ArtifactTally()

    init(dataFolder: String) {
        runs = "\(dataFolder)/runs"
        objects = "\(dataFolder)/\(Self.folderName)"
        mkdir(runs, 0o700)
        mkdir(objects, 0o700)
    }

    /// Clears away what a killed predecessor was receiving, and starts the thread that syncs.
    func start() throws(SpawnFault) {
        for name in Self.names(in: objects) where name.hasPrefix(".") {
            unlink("\(objects)/\(name)")
        }
        queue.change { $0.hasStopped = false }
        try DedicatedThread.start { [self] in
            while let work = next() { work() }
            queue.change { $0.hasStopped = true }
        }
    }

    /// Finishes what waits, and returns when that is done.
    func stop() {
        queue.change { $0.isStopping = true }
        _ = queue.wait { $0.hasStopped ? true : nil }
    }

    private func next() -> (@Sendable () -> Void)? {
        _ = queue.wait { $0.works.isEmpty && !$0.isStopping ? nil : true }
        return queue.change { $0.works.isEmpty ? nil : $0.works.removeFirst() }
    }

    /// Has the shelf's thread do it; false once that is stopping.
    private func enqueue(_ work: @escaping @Sendable () -> Void) -> Bool {
        queue.change { queue in
            if queue.isStopping || queue.hasStopped { return false }
            queue.works.append(work)
            return true
        }
    }

    // MARK: Writing

    /// A place for the body of one upload of a run, unless the run has all that it may have.
    func spool(for name: String, of run: RunID) throws(Fault) -> ArtifactSpool {
        if let why = tally.objection(to: name, 0, of: run) { throw .tooMuch(why) }
        guard tally.begin(run) else { throw .busy }
        do throws(Fault) {
            return try ArtifactSpool(in: objects) { [tally] in tally.end(run) }
        } catch {
            tally.end(run)
            throw error
        }
    }

    /// Keeps what has been received under a run's name; `reply` gets nil once it is safe.
    ///
    /// Where the sender named a hash, the content must have it.
    func keep(
        _ spool: ArtifactSpool,
        name: String,
        of run: RunID,
        hash: String?,
        reply: @escaping @Sendable (Fault?) -> Void
    ) {
        let upload = Upload(spool: spool, name: name, run: run, hash: hash, reply: reply)
        let isTaken = enqueue { [self] in reply(keep(upload)) }
        if !isTaken { reply(.broken(path: objects, reason: "the coordinator is stopping")) }
    }

    private func keep(_ upload: Upload) -> Fault? {
        // Before the answer: whoever got it finds nothing that is left over.
        defer { upload.spool.discard() }
        do throws(Fault) {
            let hash = try upload.spool.finish()
            if let named = upload.hash, named != hash {
                throw .otherHash(sent: hash, named: named)
            }
            let place = "\(runs)/\(upload.run).\(upload.name)"
            if !Self.isSame(place, "\(objects)/\(hash)") {
                let bytes = upload.spool.bytes
                if !tally.knows(upload.run) { tally.remember(upload.run, files(of: upload.run)) }
                if let why = tally.objection(to: upload.name, bytes, of: upload.run) {
                    throw .tooMuch(why)
                }
                try link(upload.spool, hash, as: place, "\(runs)/.\(upload.run).\(upload.name).new")
                tally.add(upload.name, bytes, of: upload.run)
            }
            return nil
        } catch {
            return error
        }
    }

    /// The files under a run's names, with their bytes.
    private func files(of run: RunID) -> [String: Int64] {
        var found: [String: Int64] = [:]
        for file in Self.names(in: runs) where file.hasPrefix("\(run).") {
            var facts = stat()
            guard lstat("\(runs)/\(file)", &facts) == 0 else { continue }
            found[String(file.dropFirst("\(run).".count))] = Int64(facts.st_size)
        }
        return found
    }

    /// Content first, then the name that leads to it: a name never leads to half a content.
    private func link(
        _ spool: ArtifactSpool,
        _ hash: String,
        as place: String,
        _ temporary: String
    ) throws(Fault) {
        let object = "\(objects)/\(hash)"
        unlink(temporary)
        if Glibc.link(object, temporary) != 0 {
            guard errno == ENOENT || errno == EMLINK else { throw .last(temporary) }
            guard fdatasync(spool.descriptor) == 0 else { throw .last(spool.path) }
            guard rename(spool.path, object) == 0 else { throw .last(object) }
            spool.kept()
            guard LogFile.sync(folderOf: object) else { throw .last(object) }
            guard Glibc.link(object, temporary) == 0 else { throw .last(temporary) }
        }
        guard rename(temporary, place) == 0 else {
            let fault = Fault.last(place)
            unlink(temporary)
            throw fault
        }
        // Two names of one file are not renamed onto each other, and both stay.
        unlink(temporary)
        guard LogFile.sync(folderOf: place) else { throw .last(place) }
    }

    // MARK: Reading, on any thread

    /// Whether a run has this very content under this name already.
    func holds(_ hash: String, as name: String, of run: RunID) -> Bool {
        Self.isSame("\(runs)/\(run).\(name)", "\(objects)/\(hash)")
    }

    /// Finds the content with this hash, which a run had under a name; nil where it was cleared
    /// away.
    ///
    /// The answer comes at once, or from the shelf's thread where a content has to prove itself.
    func file(
        _ hash: String,
        as name: String,
        of run: RunID,
        reply: @escaping @Sendable (Result<FileBody?, Fault>) -> Void
    ) {
        if let file = Self.opened("\(objects)/\(hash)") { return reply(.success(file)) }
        guard Self.isFile("\(runs)/\(run).\(name)") else { return reply(.success(nil)) }
        let isTaken = enqueue { [self] in reply(.success(proven(hash, as: name, of: run))) }
        if !isTaken { reply(.failure(.busy)) }
    }

    /// A restored folder has the names alone: what lies there is hashed, and has its content's name
    /// again from then on.
    private func proven(_ hash: String, as name: String, of run: RunID) -> FileBody? {
        let (object, place) = ("\(objects)/\(hash)", "\(runs)/\(run).\(name)")
        // Somebody may have asked for the same before.
        if let file = Self.opened(object) { return file }
        guard let file = Self.opened(place), Self.hash(of: file) == hash else { return nil }
        // Names change on this thread alone. Without the link it is hashed again, and that is all.
        _ = Glibc.link(place, object)
        return file
    }

    /// What lies under a name of a run.
    func bytes(_ name: String, of run: RunID) -> [UInt8]? {
        LogFile.bytes("\(runs)/\(run).\(name)")
    }

    private static func isFile(_ path: String) -> Bool {
        var facts = stat()
        return lstat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG
    }

    private static func opened(_ path: String) -> FileBody? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        return FileBody(descriptor: descriptor, bytes: Int64(facts.st_size))
    }

    private static func hash(of file: FileBody) -> String {
        let digest = RunningDigest()
        var offset: Int64 = 0
        while offset < file.bytes {
            let piece = LogFile.bytes(file.descriptor, from: offset, count: 1 << 20)
            guard !piece.isEmpty else { break }
            digest.update(piece)
            offset += Int64(piece.count)
        }
        return digest.finish().hex
    }

    private static func isSame(_ path: String, _ other: String) -> Bool {
        var (first, second) = (stat(), stat())
        return lstat(path, &first) == 0 && lstat(other, &second) == 0
            && first.st_ino == second.st_ino && first.st_dev == second.st_dev
    }

    private static func names(in folder: String) -> [String] {
        guard let opened = opendir(folder) else { return [] }
        defer { closedir(opened) }
        var names: [String] = []
        while let item = readdir(opened) {
            let name = withUnsafePointer(to: &item.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
