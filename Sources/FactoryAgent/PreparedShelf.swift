import FleetModel
import Processes

/// What `prepare` made, by the hash of its lockfiles; each is made once however many ask for it.
///
/// Whoever gets a folder keeps it until `release`: what is in use is never taken away.
final class PreparedShelf: Sendable {
    private struct State {
        /// Being made, or being taken away.
        var busy: Set<String> = []
        /// Who works with what.
        var users: [String: Set<String>] = [:]
        var isTrimming = false
    }

    private struct Entry {
        let key: String
        let bytes: Int64
        let usedAt: Int64
    }

    let path: String
    /// Above so many bytes in all the oldest that nobody uses goes.
    private let mostBytes: Int64
    /// As long as the disk has less, it goes too.
    private let leastFreeBytes: UInt64
    private let state = Monitor(State())
    /// So long nobody used it, and it goes.
    private static let keptSeconds = 14 * 86_400
    /// The file in each folder that says that it was made to its end.
    private static let markName = "ready"

    init(path: String, mostBytes: Int64 = .max, leastFreeBytes: UInt64 = 0) {
        self.path = path
        self.mostBytes = mostBytes
        self.leastFreeBytes = leastFreeBytes
    }

    /// The one that all runs of a factory share.
    convenience init(of configuration: FactoryConfiguration, in folder: DataFolder) {
        self.init(
            path: "\(folder.path)/prepared",
            mostBytes: configuration.preparedBytes,
            leastFreeBytes: configuration.minimumFreeBytes
        )
    }

    func folder(_ key: String) -> String { "\(path)/\(key)" }
    private func mark(_ key: String) -> String { "\(folder(key))/\(Self.markName)" }
    private func remove(_ key: String) {
        FileTree.remove(folder(key), markedBy: Self.markName)
    }

    /// Gives the folder of what was made, or makes it, unless another thread is at it.
    ///
    /// `isWanted` throws when the run that waits has lost its right to go on.
    func folder(
        for key: String,
        of user: String,
        isWanted: () throws -> Void,
        make: (_ folder: String) throws -> Void
    ) throws -> (folder: String, wasThere: Bool) {
        while true {
            try isWanted()
            let isMine = state.change { $0.busy.insert(key).inserted }
            if isMine { break }
            _ = state.wait(until: .after(.seconds(1))) { $0.busy.contains(key) ? nil : true }
        }
        let wasThere: Bool
        do {
            defer { state.change { _ = $0.busy.remove(key) } }
            state.change { _ = $0.users[key, default: []].insert(user) }
            wasThere = FileTree.exists(mark(key))
            if wasThere { FileTree.touch(mark(key)) } else { try fill(key, for: user, make) }
        }
        if !wasThere { trim() }
        return (folder(key), wasThere)
    }

    private func fill(
        _ key: String,
        for user: String,
        _ make: (_ folder: String) throws -> Void
    ) throws {
        // What a killed maker left is no result.
        remove(key)
        do {
            guard FileTree.make(folder(key), mode: 0o700) else {
                throw RunFailure(.prepareFailed, tail: ["\(folder(key)) could not be made"])
            }
            try make(folder(key))
            let bytes = Array("\(FileTree.bytes(in: folder(key)))\n".utf8)
            guard FileTree.write(bytes, to: mark(key)) else {
                throw RunFailure(.prepareFailed, tail: ["\(mark(key)) could not be written"])
            }
        } catch {
            remove(key)
            state.change { _ = $0.users[key]?.remove(user) }
            throw error
        }
    }

    /// Says that a run works with nothing of it any more.
    func release(_ user: String) {
        let wasUsing = state.change { state in
            var found = false
            for key in state.users.keys where state.users[key]?.remove(user) != nil {
                found = true
                if state.users[key]?.isEmpty == true { state.users[key] = nil }
            }
            return found
        }
        if wasUsing { trim() }
    }

    /// Takes the oldest away that nobody uses, until all are within the bounds.
    func trim() {
        let mayBegin = state.change { state in
            defer { state.isTrimming = true }
            return !state.isTrimming
        }
        guard mayBegin else { return }
        defer { state.change { $0.isTrimming = false } }
        var entries = FileTree.names(in: path).compactMap(entry)
        entries.sort { ($0.usedAt, $0.key) < ($1.usedAt, $1.key) }
        var total = entries.map(\.bytes).saturatingSum
        for entry in entries where total > mostBytes || isDiskShort {
            if takeAway(entry.key) { total -= entry.bytes }
        }
    }

    private var isDiskShort: Bool { (FileTree.freeBytes(at: path) ?? .max) < leastFreeBytes }

    private func entry(_ key: String) -> Entry? {
        guard let stamp = FileTree.stamp(of: mark(key)) else { return nil }
        let noted = FileTree.text(mark(key)).flatMap { Int64($0.filter { $0 != "\n" }) }
        let bytes = noted ?? FileTree.bytes(in: folder(key))
        return Entry(key: key, bytes: bytes, usedAt: stamp.changed)
    }

    /// False where it is in use, or another thread is at it.
    private func takeAway(_ key: String) -> Bool {
        let isMine = state.change { state in
            state.users[key, default: []].isEmpty && state.busy.insert(key).inserted
        }
        guard isMine else { return false }
        remove(key)
        state.change { _ = $0.busy.remove(key) }
        return true
    }

    /// Removes what nobody used for a fortnight, and what was never finished; at a start alone.
    func prune() {
        for key in FileTree.names(in: path) {
            guard let age = FileTree.age(of: mark(key)), age <= Self.keptSeconds else {
                remove(key)
                continue
            }
        }
        trim()
    }
}
