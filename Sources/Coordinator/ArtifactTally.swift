import FleetModel
import Synchronization

/// What each run has stored, and how many of its uploads are under way, so that neither goes on
/// without end whatever its factory is.
///
/// A content that another one replaced under its name stays on the disk, so it goes on counting.
/// What was stored before the coordinator started counts as it lies there.
final class ArtifactTally: Sendable {
    private struct Stored {
        var names: Set<String>
        var bytes: Int64
    }

    private struct State {
        var stored: [RunID: Stored] = [:]
        /// Runs in `stored`, the first that came first.
        var order: [RunID] = []
        var uploads: [RunID: Int] = [:]
    }

    /// Runs that are remembered; what a run forgotten has on the disk is looked up again.
    private static let mostRuns = 1024
    /// A factory sends one at a time; those whose line broke off are noticed late.
    static let mostUploadsOfRun = 8

    private let state = Mutex(State())

    /// Whether one more upload of a run may begin; each that did is to end.
    func begin(_ run: RunID) -> Bool {
        state.withLock { state in
            guard state.uploads[run, default: 0] < Self.mostUploadsOfRun else { return false }
            state.uploads[run, default: 0] += 1
            return true
        }
    }

    func end(_ run: RunID) {
        state.withLock { state in
            let left = state.uploads[run, default: 0] - 1
            state.uploads[run] = left > 0 ? left : nil
        }
    }

    /// Whether a run is remembered; else `remember` it before it is asked about.
    func knows(_ run: RunID) -> Bool { state.withLock { $0.stored[run] != nil } }

    /// Takes note of what a run has on the disk.
    func remember(_ run: RunID, _ files: [String: Int64]) {
        let kept = files.filter { !Artifact.reservedNames.contains($0.key) }
        state.withLock { state in
            if state.order.count >= Self.mostRuns { state.stored[state.order.removeFirst()] = nil }
            state.order.append(run)
            state.stored[run] = Stored(
                names: Set(kept.keys),
                bytes: kept.values.reduce(0, +)
            )
        }
    }

    /// Why a run cannot have so many bytes more under a name; nil when it can, or is not remembered.
    func objection(to name: String, _ bytes: Int64, of run: RunID) -> String? {
        guard !Artifact.reservedNames.contains(name) else { return nil }
        return state.withLock { state in
            guard let stored = state.stored[run] else { return nil }
            if !stored.names.contains(name), stored.names.count >= Artifact.mostOfRun {
                return "\(run) has \(stored.names.count) artifacts, and \(Artifact.mostOfRun) "
                    + "is the most of one run"
            }
            guard stored.bytes + bytes > Artifact.mostBytesOfRun else { return nil }
            return "\(run) has stored \(stored.bytes) bytes, and \(bytes) more would pass the "
                + "\(Artifact.mostBytesOfRun) of one run"
        }
    }

    /// So many bytes were stored under a name of a run.
    func add(_ name: String, _ bytes: Int64, of run: RunID) {
        guard !Artifact.reservedNames.contains(name) else { return }
        state.withLock { state in
            state.stored[run]?.names.insert(name)
            state.stored[run]?.bytes += bytes
        }
    }
}
