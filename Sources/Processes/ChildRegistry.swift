import Glibc
import Synchronization

/// The children that this process started itself and has not reaped yet.
///
/// A subreaper is handed orphans too; only what is not listed here may be reaped as one.
enum ChildRegistry {
    private static let children = Mutex<Set<pid_t>>([])

    /// Starts a child and lists it in one step, so that nobody can take it for an orphan.
    static func register(
        _ spawn: () -> Result<pid_t, SpawnFault>
    ) throws(SpawnFault) -> pid_t {
        try children.withLock { children in
            let result = spawn()
            if case .success(let pid) = result { children.insert(pid) }
            return result
        }.get()
    }

    /// Reaps a listed child; from here on its number may belong to another process.
    static func remove(_ pid: pid_t, reap: () -> Void) {
        children.withLock {
            reap()
            $0.remove(pid)
        }
    }

    /// Collects the status of an orphan that has ended; never that of a listed child.
    static func reapOrphan(_ pid: pid_t) -> Bool {
        children.withLock { children in
            guard !children.contains(pid) else { return false }
            var status: Int32 = 0
            return waitpid(pid, &status, WNOHANG) == pid
        }
    }
}
