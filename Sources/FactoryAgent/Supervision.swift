import FleetModel
import Processes
import Synchronization

/// One process of a run, watched from its start to its end.
struct Supervision: Sendable {
    let control: RunControl
    let timeout: Timespan
    /// How long without output is worth a note; nil for never.
    var silence: Timespan?
    /// Whether silence ends it.
    var stopsWhenSilent = false
    var say: @Sendable (String) -> Void

    struct Outcome: Sendable {
        var exit: ProcessExit
        var isTimedOut: Bool
        var strays: [ProcessEntry]
        var survivors: [ProcessEntry]
        var milliseconds: Int64
    }

    /// Runs it to its end, to its timeout, or until the run is told to end.
    func run(
        _ invocation: Invocation,
        line: @escaping @Sendable (OutputLine, _ isError: Bool) -> Void
    ) throws -> Outcome {
        let start = BootClock.now()
        let lastOutput = Mutex(start)
        let hear: @Sendable (OutputLine, Bool) -> Void = { output, isError in
            lastOutput.withLock { $0 = BootClock.now() }
            line(output, isError)
        }
        let child = try ChildProcess.start(
            invocation,
            output: .lines { hear($0, false) },
            errorOutput: .lines { hear($0, true) }
        )
        control.adopt(child)
        defer { control.release() }
        let limit = start + .milliseconds(timeout.milliseconds)
        var isTimedOut = false
        var exit: ProcessExit?
        var quietSince: Duration?
        while exit == nil {
            let now = BootClock.now()
            let last = lastOutput.withLock(\.self)
            if last != quietSince { quietSince = nil }
            if now >= limit {
                isTimedOut = true
            } else if let silence, quietSince == nil,
                now >= last + .milliseconds(silence.milliseconds)
            {
                quietSince = last
                say("silent: no output for \(silence)")
                isTimedOut = stopsWhenSilent
            }
            if isTimedOut {
                say("stopping it: it ran for \((now - start).milliseconds / 1000) s")
                child.stop(.standard)
                exit = child.wait()
                break
            }
            var next = limit
            if let silence, quietSince == nil {
                next = min(next, last + .milliseconds(silence.milliseconds))
            }
            exit = child.wait(max(next - now, .milliseconds(1)))
        }
        try control.check()
        return Outcome(
            exit: exit ?? .signal(9),
            isTimedOut: isTimedOut,
            strays: child.strays,
            survivors: child.survivors,
            milliseconds: (BootClock.now() - start).milliseconds
        )
    }
}
