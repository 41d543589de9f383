import CShims
package import Glibc

/// This process as the keeper of all that descends from it.
package enum ProcessTree {
    /// Makes orphaned descendants children of this process instead of the system's first.
    package static func becomeSubreaper() throws(SpawnFault) {
        guard giga_become_subreaper() == 0 else { throw .system(call: "prctl", code: errno) }
    }

    /// Has the kernel kill this process as soon as `parent`, which started it, is gone.
    ///
    /// - Returns: false when it is gone already.
    package static func dieWithParent(_ parent: pid_t) throws(SpawnFault) -> Bool {
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

/// The processes of one run: the leader, and whoever descends from it by any route.
package struct ProcessFamily: Sendable {
    /// Not reaped yet, or nil: a number that is given back may name a stranger.
    let leader: pid_t?
    private let marker: RunMarker?

    package init(leader: pid_t?, marker: RunMarker?) {
        self.leader = leader
        self.marker = marker
    }

    /// The living members.
    ///
    /// Found by the leader's group and session, by the mark in limits or environment, and by
    /// descent from any of these: no new session, double fork or wiped environment hides anyone.
    package func members() -> [ProcessEntry] {
        let mine = getpid()
        let all = ProcessEntry.all()
        let leaderEntry = leader.flatMap { pid in all.first { $0.pid == pid } }
        var found: Set<pid_t> = []
        for entry in all where entry.pid != mine && entry.pid != 1 {
            if isMember(entry, leaderEntry) { found.insert(entry.pid) }
        }
        var grew = true
        while grew {
            grew = false
            for entry in all where found.contains(entry.parent) && entry.pid != mine {
                if found.insert(entry.pid).inserted { grew = true }
            }
        }
        return all.filter { found.contains($0.pid) && !$0.isZombie }
    }

    private func isMember(_ entry: ProcessEntry, _ leader: ProcessEntry?) -> Bool {
        if let leader, entry.started >= leader.started,
            entry.pid == leader.pid || entry.group == leader.pid || entry.session == leader.pid
        {
            return true
        }
        guard let marker, !entry.isZombie else { return false }
        return entry.isMarked(with: marker)
    }
}
