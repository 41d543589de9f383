import Synchronization

/// Says what long work is at: nothing in its first second, then a line at each step and now and
/// then; after ten seconds also how to stop it.
final class Progress: Sendable {
    private struct State: Sendable {
        var saidAt = Duration.zero
        var step = ""
    }

    private let console: Console
    private let steps: [String]
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private let state = Mutex(State())

    /// `steps` are the names of all steps, in order.
    init(_ console: Console, steps: [String]) {
        self.console = console
        self.steps = steps
        start = clock.now
    }

    func note(_ step: String, done: UInt64, of total: UInt64) {
        let elapsed = clock.now - start
        let isDue = state.withLock { state in
            let isNew = state.step != step
            let wait = isNew ? Duration.seconds(1) : .seconds(5)
            guard elapsed >= .seconds(1), elapsed - state.saidAt >= wait || isNew else {
                return false
            }
            (state.saidAt, state.step) = (elapsed, step)
            return true
        }
        guard isDue else { return }
        console.say(Self.line(step, of: steps, done: done, total: total, after: elapsed))
    }

    static func line(
        _ step: String,
        of steps: [String],
        done: UInt64,
        total: UInt64,
        after elapsed: Duration
    ) -> String {
        let seconds = elapsed.components.seconds
        let share = total > 1 ? ", \(done * 100 / total) %" : ""
        guard seconds >= 10 else { return "\(step)\(share), \(seconds) s" }
        let number = (steps.firstIndex(of: step) ?? 0) + 1
        return "step \(number) of \(steps.count): \(step)\(share), \(seconds) s"
            + " (Ctrl-C stops it and leaves nothing behind)"
    }
}
