import Glibc

/// The processes of one run: the leader, and whoever descends from it by any route.
package struct ProcessFamily: Sendable {
    /// Not reaped yet, or nil: a number that is given back may name a stranger.
    let leader: Int32?
    private let marker: RunMarker?

    package init(leader: Int32?, marker: RunMarker?) {
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
        var found: Set<Int32> = []
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
