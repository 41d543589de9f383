import Glibc
import Synchronization

/// The children that this process started itself and has not reaped yet.
///
/// A subreaper is handed orphans too; only what is not listed here may be reaped or swept as one.
enum ChildRegistry {
    private struct Entries {
        var children: [pid_t: RunMarker?] = [:]
        var isSubreaper = false
    }

    private static let entries = Mutex(Entries())

    /// Starts a child and lists it in one step, so that nobody can take it for an orphan.
    static func register(
        _ marker: RunMarker?,
        _ spawn: () -> Result<pid_t, SpawnFault>
    ) throws(SpawnFault) -> pid_t {
        try entries.withLock { entries in
            let result = spawn()
            if case .success(let pid) = result { entries.children[pid] = .some(marker) }
            return result
        }.get()
    }

    /// Reaps a listed child; from here on its number may belong to another process.
    static func remove(_ pid: pid_t, reap: () -> Void) {
        entries.withLock {
            reap()
            $0.children[pid] = nil
        }
    }

    static func contains(_ pid: pid_t) -> Bool { entries.withLock { $0.children[pid] != nil } }

    /// The marked runs that are still listed.
    static var runs: Set<RunMarker> {
        entries.withLock { Set($0.children.values.compactMap(\.self)) }
    }

    static var isSubreaper: Bool {
        get { entries.withLock(\.isSubreaper) }
        set { entries.withLock { $0.isSubreaper = newValue } }
    }

    /// Collects the status of an orphan that has ended; never that of a listed child.
    static func reapOrphan(_ pid: pid_t) -> Bool {
        entries.withLock { entries in
            guard entries.children[pid] == nil else { return false }
            var status: Int32 = 0
            return waitpid(pid, &status, WNOHANG) == pid
        }
    }
}
