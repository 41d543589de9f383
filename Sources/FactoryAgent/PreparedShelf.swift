import FleetModel
import Processes

/// What `prepare` made, by the hash of its lockfiles; each is made once however many ask for it.
final class PreparedShelf: Sendable {
    let path: String
    private let making: Monitor<Set<String>>
    /// So long nobody used it, and it goes.
    private static let keptSeconds = 14 * 86_400

    init(path: String) {
        self.path = path
        making = Monitor([])
    }

    func folder(_ key: String) -> String { "\(path)/\(key)" }
    private func mark(_ key: String) -> String { "\(folder(key))/ready" }

    /// Gives the folder of what was made, or makes it, unless another thread is at it.
    ///
    /// `isWanted` throws when the run that waits has lost its right to go on.
    func folder(
        for key: String,
        isWanted: () throws -> Void,
        make: (_ folder: String) throws -> Void
    ) throws -> (folder: String, wasThere: Bool) {
        while true {
            try isWanted()
            let isMine = making.change { $0.insert(key).inserted }
            if isMine { break }
            _ = making.wait(until: .after(.seconds(1))) { $0.contains(key) ? nil : true }
        }
        defer { making.change { _ = $0.remove(key) } }
        if FileTree.exists(mark(key)) {
            FileTree.touch(mark(key))
            return (folder(key), true)
        }
        // What a killed maker left is no result.
        FileTree.remove(folder(key))
        guard FileTree.make(folder(key), mode: 0o700) else {
            throw RunFailure(.prepareFailed, tail: ["\(folder(key)) could not be made"])
        }
        do {
            try make(folder(key))
        } catch {
            FileTree.remove(folder(key))
            throw error
        }
        guard FileTree.write([], to: mark(key)) else {
            FileTree.remove(folder(key))
            throw RunFailure(.prepareFailed, tail: ["\(mark(key)) could not be written"])
        }
        return (folder(key), false)
    }

    /// Removes what nobody used for a fortnight, and what was never finished; at a start alone.
    func prune() {
        for key in FileTree.names(in: path) {
            guard let age = FileTree.age(of: mark(key)), age <= Self.keptSeconds else {
                FileTree.remove(folder(key))
                continue
            }
        }
    }
}
