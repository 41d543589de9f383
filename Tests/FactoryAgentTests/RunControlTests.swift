import FleetModel
import Glibc
import Processes
import Testing

@testable import FactoryAgent

@Suite struct RunControlTests {
    private let lease = Lease(
        job: JobID(1),
        kind: .attempt,
        fence: 1,
        attempt: 1,
        factory: FactoryID("mac"),
        boot: "boot",
        station: "shell",
        granted: .epoch,
        term: .seconds(60)
    )

    private func start(
        _ script: String,
        _ marker: RunMarker,
        heard: @escaping @Sendable () -> Void = {}
    ) throws -> ChildProcess {
        let invocation = Invocation(
            "sh",
            ["-c", script],
            marker: marker,
            searchPath: "/usr/bin:/bin"
        )
        return try ChildProcess.start(invocation, output: .lines { _ in heard() })
    }

    /// They have one marker, by which a ladder finds whoever strayed from the process that it stops.
    @Test func `what stops one process of a run does not reach its next`() throws {
        try ProcessTree.becomeSubreaper()
        let marker = RunMarker("\(getpid()) run control")
        let control = RunControl(lease, deadline: .seconds(1 << 40))
        // Somebody of the first stays when it ends, so that its ladder is climbed on.
        let seen = Monitor(false)
        let first = try start(
            "(trap '' INT; echo up; exec sleep 300 >/dev/null 2>&1) & exec sleep 300",
            marker
        ) {
            seen.change { $0 = true }
        }
        #expect(seen.wait(until: .after(.seconds(60))) { $0 ? true : nil } == true)
        control.adopt(first)
        let rungs = [SIGINT, SIGTERM].map { StopLadder.Rung($0, grace: .milliseconds(300)) }
        control.end(.paused("somebody asked"), ladder: StopLadder(polite: rungs))
        _ = first.wait()
        control.release()
        let next = try start("exec sleep 1", marker)
        #expect(next.wait()?.isSuccess == true)
    }

    @Test func `an ending that comes before its process stops it too`() throws {
        try ProcessTree.becomeSubreaper()
        let control = RunControl(lease, deadline: .seconds(1 << 40))
        control.end(.asked(.cancelled, "somebody asked"))
        let child = try start("exec sleep 300", RunMarker("\(getpid()) run control early"))
        control.adopt(child)
        #expect(child.wait()?.isSuccess == false)
        control.release()
    }
}
