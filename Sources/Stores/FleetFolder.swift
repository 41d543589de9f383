import FleetPorts
import Glibc

/// The data folder of a coordinator whose records lie elsewhere: locked, and named by its fleet.
///
/// Runs are numbered anew in every fleet, so logs of two must never lie in one folder.
final class FleetFolder {
    private let path: String
    private let lock: FolderLock

    /// - Throws: `busy` when another coordinator has the folder, `broken` when it is a store itself.
    init(_ path: String) throws(StoreFault) {
        self.path = path
        try DataFolder.make(path)
        lock = try FolderLock(folder: path)
        guard !PlainFile.exists(DataFolder.database(in: path)) else {
            let reason = "it holds a store of its own, giga.db, and its logs: choose another --data"
            throw .broken(path: path, reason: reason)
        }
    }

    /// Refuses the folder of another fleet than that of the store at `address`.
    func admit(_ fleet: String?, of address: PostgresAddress) throws(StoreFault) {
        guard let owner, owner != fleet else { return }
        let whose = fleet.map { "is of fleet \($0)" } ?? "is new"
        let reason = "it holds logs of fleet \(owner), but the store at \(address) \(whose)"
        throw .broken(path: path, reason: "\(reason): choose another --data")
    }

    /// Makes the folder that fleet's.
    func name(_ fleet: String) throws(StoreFault) {
        guard owner != fleet else { return }
        let file = open(path + Self.file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw .broken(path: path + Self.file, reason: systemMessage(errno))
        }
        defer { close(file) }
        let line = Array("\(fleet)\n".utf8)
        guard write(file, line, line.count) == line.count, fsync(file) == 0 else {
            throw .broken(path: path + Self.file, reason: systemMessage(errno))
        }
        try DataFolder.sync(path)
    }

    private static let file = "/giga.fleet"

    /// The fleet whose logs lie here; nil in a new folder.
    private var owner: String? {
        let file = open(path + Self.file, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = read(file, &buffer, buffer.count)
        let name = buffer.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }
        return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
    }
}
