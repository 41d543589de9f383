import Glibc
import Processes
import Synchronization
import Testing

/// Every process here waits on something; the tests wait on lines that the processes write.
@Suite struct StopLadderTests {
    private static let quick = StopLadder(
        polite: [
            .init(SIGINT, grace: .milliseconds(200)), .init(SIGTERM, grace: .milliseconds(200)),
        ],
        killGrace: .patience
    )

    /// With time for a busy machine to let the killed go.
    private static let kill = StopLadder(polite: [], killGrace: .patience)

    /// Starts a script and returns when it has written `lines` lines.
    private func start(
        _ script: String,
        marker: String,
        lines count: Int = 1,
        afterwards: Invocation.Afterwards = .leaveOthers
    ) throws -> (ChildProcess, [String]) {
        try ProcessTree.becomeSubreaper()
        let seen = Monitor<[String]>([])
        var invocation = ChildProcessTests.shell(script)
        invocation.marker = Self.mark(marker)
        invocation.afterwards = afterwards
        let child = try ChildProcess.start(
            invocation,
            output: .lines { line in seen.change { $0.append(line.text) } }
        )
        let lines = seen.wait(until: .after(.patience)) { $0.count >= count ? $0 : nil }
        return (child, try #require(lines))
    }

    /// Marks hold on the whole machine: another run of these tests must not end our processes.
    private static func mark(_ name: String) -> RunMarker { RunMarker("\(getpid()) \(name)") }

    private func isAlive(_ pid: String) -> Bool {
        guard let pid = pid_t(pid), let entry = ProcessEntry.read(pid) else { return false }
        return !entry.isZombie
    }

    @Test func `a process that listens goes at the first rung`() throws {
        // It never ends by itself; between short naps the shell runs its trap.
        let (child, _) = try start(
            "trap 'exit 9' INT; echo up; while :; do sleep 0.05; done",
            marker: "polite"
        )
        let report = child.stop(StopLadder(polite: [.init(SIGINT, grace: .patience)]))
        #expect(report.lastSignal == SIGINT)
        #expect(child.wait(.patience) != nil)
        #expect(report.survivors.isEmpty)
    }

    @Test func `a process that ignores INT and TERM is killed`() throws {
        let (child, _) = try start("trap '' INT TERM; echo up; sleep 300", marker: "deaf")
        let report = child.stop(Self.quick)
        #expect(report.lastSignal == SIGKILL)
        #expect(report.survivors.isEmpty)
        #expect(child.wait(.patience) == .signal(SIGKILL))
    }

    @Test(arguments: [
        ("a session of its own", "setsid sleep 300 & echo $!; wait"),
        ("a double fork", "(setsid sh -c 'sleep 300 & echo $!; wait' &) ; sleep 300"),
        (
            "a wiped environment",
            "(setsid env -i /bin/sh -c 'echo $$; exec /bin/sleep 300' &) ; sleep 300"
        ),
    ])
    func `a descendant cannot escape`(_ name: String, script: String) throws {
        let (child, lines) = try start(script, marker: "escape \(name)")
        let stray = try #require(lines.first)
        #expect(isAlive(stray), "there must be something to stop")
        let report = child.stop(Self.kill)
        #expect(report.survivors.isEmpty)
        #expect(!isAlive(stray))
        #expect(child.wait(.patience) != nil)
    }

    @Test func `what outlives its leader is killed when asked, and told`() throws {
        let (child, lines) = try start(
            "setsid sleep 300 & echo $!; exit 4",
            marker: "outlives",
            afterwards: .killOthers
        )
        #expect(child.wait(.patience) == .code(4))
        #expect(child.strays.map { String($0.pid) } == lines)
        #expect(child.survivors.isEmpty)
        #expect(lines.allSatisfy { !isAlive($0) })
    }

    @Test func `a marker alone finds the processes of a leader long gone`() throws {
        let (child, lines) = try start(
            "setsid sleep 300 >&- 2>&- & echo $!; exit 0",
            marker: "orphaned"
        )
        #expect(child.wait(.patience) == .code(0))
        #expect(lines.allSatisfy { isAlive($0) })
        #expect(
            ProcessTree.sweep(Self.mark("orphaned-not")).signalled.isEmpty,
            "prefixes do not match"
        )
        let report = ProcessTree.sweep(Self.mark("orphaned"))
        #expect(report.signalled.count == 1)
        #expect(lines.allSatisfy { !isAlive($0) })
    }

    @Test func `one run's end leaves the next run alone`() throws {
        let (one, _) = try start("sleep 300 & echo up; wait", marker: "run-1")
        let (two, _) = try start("sleep 300 & echo up; wait", marker: "run-2")
        one.stop(Self.kill)
        #expect(one.wait(.patience) != nil)
        #expect(two.members().count == 2)
        two.stop(Self.kill)
        #expect(two.wait(.patience) != nil)
    }

    @Test func `a process that forks all the time is caught`() throws {
        // The naps only keep the bomb from taking the whole machine; nothing waits for them.
        let (child, _) = try start(
            "f() { setsid sh -c 'while :; do (sleep 300 &); sleep 0.01; done' & }; f; f; echo up; wait",
            marker: "bomb"
        )
        let report = child.stop(Self.kill)
        #expect(report.survivors.isEmpty)
        #expect(child.members().isEmpty)
        #expect(child.wait(.patience) != nil)
    }

    @Test func `a name with brackets and blanks does not mislead`() throws {
        let line = "42 (a) S 1 (b c) R 7 8 9 0 -1 4 1 2 3 4 5 6 7 8 20 0 1 0 777 0\n"
        let entry = try #require(ProcessEntry(parsing: Array(line.utf8)))
        #expect(entry.pid == 42)
        #expect(entry.name == "a) S 1 (b c")
        #expect([entry.parent, entry.group, entry.session] == [7, 8, 9])
        #expect(entry.started == 777)
        #expect(ProcessEntry(parsing: Array("42 (short) R 1".utf8)) == nil)
    }
}
