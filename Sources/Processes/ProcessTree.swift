import CShims
import Glibc

/// This process as the keeper of all that descends from it.
package enum ProcessTree {
    /// Makes orphaned descendants children of this process instead of the system's first.
    package static func becomeSubreaper() throws(SpawnFault) {
        guard giga_become_subreaper() == 0 else { throw .system(call: "prctl", code: errno) }
    }

    /// Has the kernel kill this process as soon as `parent`, which started it, is gone.
    ///
    /// - Returns: false when it is gone already.
    package static func dieWithParent(_ parent: Int32) throws(SpawnFault) -> Bool {
        let answer = giga_die_with_parent(parent)
        guard answer >= 0 else { throw .system(call: "prctl", code: errno) }
        return answer == 0
    }

    /// Collects the status of every orphan that has ended, so that no zombie is left.
    @discardableResult
    package static func reapStrays() -> Int {
        let mine = getpid()
        return ProcessEntry.all().count { entry in
            entry.isZombie && entry.parent == mine && ChildRegistry.reapOrphan(entry.pid)
        }
    }

    /// Kills all that is left of a run, known by its marker alone; for a factory that restarts.
    @discardableResult
    package static func sweep(_ marker: RunMarker) -> StopReport {
        ProcessFamily(leader: nil, marker: marker).stop(.killAtOnce, isSandboxed: false)
    }
}
