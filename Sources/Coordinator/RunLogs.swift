import FleetModel
import Glibc
import Synchronization

/// Growing logs of runs: one append-only file each, synced before a chunk is acknowledged.
///
/// They bypass the writer: a flood of output must not hold up a claim.
final class RunLogs: Sendable {
    private let folder: String
    private let lengths = Mutex<[String: Int64]>([:])

    init(folder: String) {
        self.folder = folder
        mkdir(folder, 0o700)
    }

    enum Fault: Error {
        case gap(acknowledged: Int64)
        case broken(path: String, reason: String)
    }

    /// Appends what is new of `bytes`, which begin at `offset` of the log.
    ///
    /// - Returns: how much of the log is safe now.
    func append(_ bytes: [UInt8], at offset: Int64, to run: RunID) throws(Fault) -> Int64 {
        let path = path(of: run)
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw .broken(path: path, reason: Self.lastError) }
        defer { close(file) }
        return try lengths.withLock { lengths throws(Fault) in
            let known = lengths[run.description] ?? Int64(lseek(file, 0, SEEK_END))
            guard offset <= known else { throw .gap(acknowledged: known) }
            let fresh = bytes.dropFirst(Int(min(known - offset, Int64(bytes.count))))
            guard !fresh.isEmpty else { return known }
            let written = fresh.withUnsafeBytes { buffer in
                pwrite(file, buffer.baseAddress, buffer.count, off_t(known))
            }
            guard written == fresh.count, fdatasync(file) == 0, known > 0 || syncFolder() else {
                throw .broken(path: path, reason: Self.lastError)
            }
            lengths[run.description] = known + Int64(written)
            return known + Int64(written)
        }
    }

    /// The bytes of a log from `offset` on, at most `limit`; empty when there is none yet.
    func read(_ run: RunID, from offset: Int64, limit: Int) -> [UInt8] {
        read(path(of: run), from: offset, limit: limit)
    }

    /// Stores an uploaded artifact whole: temporary name, sync, rename.
    func store(_ bytes: [UInt8], name: String, of run: RunID) throws(Fault) {
        let final = "\(folder)/\(run).\(name)"
        // No run's name begins with a dot: another artifact can never be meant.
        let temporary = "\(folder)/.\(run).\(name).new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw .broken(path: temporary, reason: Self.lastError) }
        let written = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        let isSafe = written == bytes.count && fdatasync(file) == 0
        close(file)
        guard isSafe, rename(temporary, final) == 0 else {
            throw .broken(path: final, reason: Self.lastError)
        }
        guard syncFolder() else { throw .broken(path: folder, reason: Self.lastError) }
    }

    /// A new name is safe only once its folder is.
    private func syncFolder() -> Bool {
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return false }
        defer { close(directory) }
        return fsync(directory) == 0
    }

    func artifact(_ name: String, of run: RunID) -> [UInt8]? {
        let path = "\(folder)/\(run).\(name)"
        guard access(path, R_OK) == 0 else { return nil }
        return read(path, from: 0, limit: .max)
    }

    private func read(_ path: String, from offset: Int64, limit: Int) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return [] }
        defer { close(file) }
        let length = Int64(lseek(file, 0, SEEK_END))
        guard offset < length else { return [] }
        let count = Int(min(length - offset, Int64(limit)))
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = max(0, pread(file, buffer.baseAddress, count, off_t(offset)))
        }
    }

    private func path(of run: RunID) -> String { "\(folder)/\(run).log" }

    private static var lastError: String { String(cString: strerror(errno)) }
}
