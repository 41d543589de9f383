import Glibc

/// A running program, the leader of a process group of its own.
///
/// Safe to use from any thread. Nothing is polled: one thread per child sleeps until the child
/// writes, reads or ends.
package final class ChildProcess: Sendable {
    package let pid: Int32
    private let invocation: Invocation
    private let state: Monitor<ChildState>

    private init(pid: pid_t, invocation: Invocation, state: Monitor<ChildState>) {
        self.pid = pid
        self.invocation = invocation
        self.state = state
    }

    /// Starts a program.
    ///
    /// Both sinks and `onExit` are called on the child's own thread; `onExit` comes last, once,
    /// after the last line.
    package static func start(
        _ invocation: Invocation,
        output: OutputSink = .discard,
        errorOutput: OutputSink = .discard,
        onExit: (@Sendable (ProcessExit) -> Void)? = nil
    ) throws(SpawnFault) -> ChildProcess {
        let state = Monitor(ChildState())
        try DedicatedThread.start {
            var pump = ChildPump(
                invocation,
                output: output,
                errorOutput: errorOutput,
                state: state,
                onExit: onExit
            )
            pump.run()
        }
        let started: Result<pid_t, SpawnFault>? = state.wait { state in
            if case .failed(let fault) = state.phase { return .failure(fault) }
            return state.pid.map { .success($0) }
        }
        // Without a deadline the wait always ends with a value.
        let pid = try (started ?? .failure(.system(call: "wait", code: ETIMEDOUT))).get()
        return ChildProcess(pid: pid, invocation: invocation, state: state)
    }

    /// Waits until the child has ended and all its output is delivered; nil after `timeout`.
    package func wait(_ timeout: Duration? = nil) -> ProcessExit? {
        state.wait(until: .after(timeout), for: \.finalExit)
    }

    /// Waits until the leader has ended; output may still be on its way, and nil is a timeout.
    package func waitForLeader(_ timeout: Duration? = nil) -> ProcessExit? {
        state.wait(until: .after(timeout), for: \.exit)
    }

    package var output: CollectedOutput { state.read(\.output) }
    package var errorOutput: CollectedOutput { state.read(\.errorOutput) }
    /// Descendants that were still there when the leader had ended, and were killed for it.
    package var strays: [ProcessEntry] { state.read(\.strays) }
    /// Descendants that even then did not end; normally none.
    package var survivors: [ProcessEntry] { state.read(\.survivors) }

    /// The leader's number is reserved while it is not reaped, so that it names nobody else.
    private var family: ProcessFamily {
        ProcessFamily(leader: state.read(\.reservedPID), marker: invocation.marker)
    }

    /// Sends a signal to the whole process group; false when it is gone already.
    @discardableResult
    package func signal(_ signal: Int32) -> Bool {
        state.read { state in
            guard let pid = state.reservedPID else { return false }
            return killpg(pid, signal) == 0
        }
    }

    /// The living processes of this child: its group, session, descendants and marked strays.
    package func members() -> [ProcessEntry] { family.members() }

    /// Climbs the ladder until no process of the family is left.
    @discardableResult
    package func stop(_ ladder: StopLadder = .standard) -> StopReport {
        family.stop(ladder, isSandboxed: invocation.isSandboxed)
    }
}

/// What a short command left behind.
package struct CompletedProcess: Sendable {
    package let exit: ProcessExit
    package let output: CollectedOutput
    package let errorOutput: CollectedOutput
    /// Whether it had to be stopped at its deadline.
    package let isTimedOut: Bool
}

extension ChildProcess {
    /// Runs a short command to its end, or stops it and its family at the deadline.
    package static func run(
        _ invocation: Invocation,
        outputLimit: Int = 16 << 20,
        errorLimit: Int = 64 << 10,
        deadline: Duration
    ) throws(SpawnFault) -> CompletedProcess {
        let child = try start(
            invocation,
            output: .collect(limit: outputLimit),
            errorOutput: .collect(limit: errorLimit)
        )
        var exit = child.wait(deadline)
        let isTimedOut = exit == nil
        if isTimedOut {
            child.stop(.brisk)
            exit = child.wait()
        }
        return CompletedProcess(
            exit: exit ?? .signal(SIGKILL),
            output: child.output,
            errorOutput: child.errorOutput,
            isTimedOut: isTimedOut
        )
    }
}
