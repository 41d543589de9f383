import CShims
import Glibc

/// How to stop a family: polite signals with time to react to each, and KILL in the end.
package struct StopLadder: Hashable, Sendable {
    package struct Rung: Hashable, Sendable {
        package let signal: Int32
        package let grace: Duration

        package init(_ signal: Int32, grace: Duration) {
            self.signal = signal
            self.grace = grace
        }
    }

    package var polite: [Rung]
    /// How long to wait for the killed to be gone.
    package var killGrace: Duration

    package init(polite: [Rung], killGrace: Duration = .seconds(15)) {
        self.polite = polite
        self.killGrace = killGrace
    }

    package static let standard = StopLadder(polite: [
        Rung(SIGINT, grace: .seconds(5)), Rung(SIGTERM, grace: .seconds(5)),
    ])
    /// For commands that only need to take their lock files away.
    package static let brisk = StopLadder(polite: [Rung(SIGTERM, grace: .seconds(2))])
    package static let killAtOnce = StopLadder(polite: [])
}

/// What a climb met.
package struct StopReport: Sendable {
    /// Every process that was sent a signal, in the order of the first one.
    package internal(set) var signalled: [ProcessEntry] = []
    /// The last signal that was needed; nil when nobody was left to begin with.
    package internal(set) var lastSignal: Int32?
    /// Who is still there; normally nobody.
    package internal(set) var survivors: [ProcessEntry] = []
}

extension ProcessFamily {
    /// Climbs the ladder until no member is left; waits on the members themselves, never sleeps.
    package func stop(_ ladder: StopLadder, isSandboxed: Bool) -> StopReport {
        var report = StopReport()
        for rung in ladder.polite {
            if climb(rung, sparesWrapper: isSandboxed, &report) { return report }
        }
        let last = StopLadder.Rung(SIGKILL, grace: ladder.killGrace)
        if !climb(last, sparesWrapper: false, &report) { report.survivors = members() }
        return report
    }

    /// One rung; true when nobody is left.
    private func climb(
        _ rung: StopLadder.Rung,
        sparesWrapper: Bool,
        _ report: inout StopReport
    ) -> Bool {
        let deadline = Deadline.after(rung.grace)
        var told: Set<ProcessEntry.ID> = []
        while true {
            let present = rung.signal == SIGKILL ? frozenMembers() : members()
            if present.isEmpty { return true }
            let spared = sparesWrapper ? wrappers(among: present) : []
            var handles: [ProcessHandle] = []
            for entry in present {
                guard let handle = ProcessHandle(entry) else { continue }
                handles.append(handle)
                guard !spared.contains(entry.pid), told.insert(entry.id).inserted else { continue }
                handle.send(rung.signal)
                report.lastSignal = rung.signal
                if !report.signalled.contains(where: { $0.id == entry.id }) {
                    report.signalled.append(entry)
                }
            }
            let areGone = ProcessHandle.waitForAll(handles, until: deadline)
            for entry in present { _ = ChildRegistry.reapOrphan(entry.pid) }
            if !areGone { return members().isEmpty }
        }
    }

    /// Stops everyone first, so that nobody can fork away from the signal that kills.
    private func frozenMembers() -> [ProcessEntry] {
        var frozen: Set<ProcessEntry.ID> = []
        var present = members()
        for _ in 0..<64 {
            let fresh = present.filter { frozen.insert($0.id).inserted }
            if fresh.isEmpty { break }
            for entry in fresh { ProcessHandle(entry)?.send(SIGSTOP) }
            present = members()
        }
        return present
    }

    /// Bubblewrap and its first process: they pass no signal on, and die of the first one.
    private func wrappers(among present: [ProcessEntry]) -> Set<pid_t> {
        guard let outer = present.first(where: { $0.pid == leader }) else { return [] }
        let inner = present.filter { $0.parent == outer.pid && $0.name == outer.name }
        return Set([outer.pid] + inner.map(\.pid))
    }
}

extension ProcessEntry: Identifiable {
    /// A number alone may be reused; with its start it is unique until the next boot.
    package struct ID: Hashable, Sendable {
        let pid: pid_t
        let started: UInt64
    }

    package var id: ID { ID(pid: pid, started: started) }
}

/// A hold on one process that a reused number cannot mislead.
final class ProcessHandle {
    private let pidfd: Int32

    /// Nil when the process is gone, or its number belongs to another by now.
    init?(_ entry: ProcessEntry) {
        let opened = giga_pidfd_open(entry.pid)
        guard opened >= 0 else { return nil }
        guard let now = ProcessEntry.read(entry.pid), now.id == entry.id, !now.isZombie else {
            close(opened)
            return nil
        }
        pidfd = opened
    }

    deinit { close(pidfd) }

    func send(_ signal: Int32) { _ = giga_pidfd_send_signal(pidfd, signal) }

    /// Waits until every one of them has ended; false when the deadline comes first.
    static func waitForAll(_ handles: [ProcessHandle], until deadline: Deadline) -> Bool {
        var waits = handles.map { pollfd(fd: $0.pidfd, events: Int16(POLLIN), revents: 0) }
        while waits.contains(where: { $0.fd >= 0 }) {
            let ready = poll(&waits, nfds_t(waits.count), deadline.pollTimeout)
            if ready == 0 { return false }
            if ready < 0, errno != EINTR { return false }
            for index in waits.indices where waits[index].revents != 0 { waits[index].fd = -1 }
        }
        return !deadline.hasPassed
    }
}
