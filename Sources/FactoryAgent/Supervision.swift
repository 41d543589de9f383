import FleetModel
import Processes
import Synchronization

/// One process of a run, watched from its start to its end.
struct Supervision: Sendable {
    let control: RunControl
    let timeout: Timespan
    /// What of the job's budget is time; nil for no such bound.
    var wall: Timespan?
    /// How long without output is worth a note; nil for never.
    var silence: Timespan?
    /// Whether silence ends it.
    var stopsWhenSilent = false
    /// How long it may live on after it said that it is at its end.
    var lingering = Timespan.seconds(10)
    /// How to follow what it says of itself; nil where only its exit counts.
    var ear: Ear?
    var say: @Sendable (String) -> Void

    /// What a process has said of itself so far.
    enum Word: Hashable, Sendable {
        case goesOn
        /// Its end line is written: what comes after it adds nothing.
        case ended
        case overBudget(String)
        /// It waits for an answer that nobody gives while it runs.
        case asks(String)
    }

    /// Listens to a process while it works.
    struct Ear: Sendable {
        /// Time between two looks at what it says elsewhere than in its output; nil for no looks.
        var interval: Duration?
        /// Takes a look; true when there was something new.
        var look: @Sendable () -> Bool
        /// Asked after each line and each look.
        var word: @Sendable () -> Word
    }

    /// Why it was stopped rather than left to end by itself.
    enum Stop: Hashable, Sendable {
        case timeout
        case silence
        case lingering
        case budget(String)
        case question(String)
    }

    struct Outcome: Sendable {
        var exit: ProcessExit
        var stop: Stop?
        var strays: [ProcessEntry]
        var survivors: [ProcessEntry]
        var milliseconds: Int64

        var isTimedOut: Bool { stop == .timeout || stop == .silence }
    }

    private struct Seen: Sendable {
        var word = Word.goesOn
        var hasExited = false
    }

    /// Runs it to its end, to its timeout, or until the run is told to end.
    func run(
        _ invocation: Invocation,
        line: @escaping @Sendable (OutputLine, _ isError: Bool) -> Void
    ) throws -> Outcome {
        let start = BootClock.now()
        let lastOutput = Mutex(start)
        let seen = Monitor(Seen())
        let hear: @Sendable (OutputLine, Bool) -> Void = { [ear] output, isError in
            lastOutput.withLock { $0 = BootClock.now() }
            line(output, isError)
            // A flood of lines must not wake the watcher line by line.
            guard let word = ear?.word(), word != seen.read(\.word) else { return }
            seen.change { $0.word = word }
        }
        let child = try ChildProcess.start(
            invocation,
            output: .lines { hear($0, false) },
            errorOutput: .lines { hear($0, true) },
            onExit: { _ in seen.change { $0.hasExited = true } }
        )
        control.adopt(child)
        defer { control.release() }
        var vigil = Vigil(self, start: start)
        var stop: Stop?
        while !seen.read(\.hasExited) {
            let now = BootClock.now()
            if let ear, vigil.isTimeToLook(now), ear.look() {
                lastOutput.withLock { $0 = now }
                let word = ear.word()
                seen.change { $0.word = word }
            }
            let (last, word) = (lastOutput.withLock(\.self), seen.read(\.word))
            stop = vigil.judge(now, lastOutput: last, word: word, say)
            if stop != nil { break }
            let left = max(vigil.next(lastOutput: last) - now, .milliseconds(1))
            _ = seen.wait(until: .after(left)) { $0.hasExited || $0.word != word ? true : nil }
        }
        if let stop {
            say("stopping it after \((BootClock.now() - start).milliseconds / 1000) s: \(stop)")
            child.stop(.standard)
        }
        let exit = child.wait()
        try control.check()
        return Outcome(
            exit: exit ?? .signal(9),
            stop: stop,
            strays: child.strays,
            survivors: child.survivors,
            milliseconds: (BootClock.now() - start).milliseconds
        )
    }
}

extension Supervision.Stop: CustomStringConvertible {
    var description: String {
        switch self {
        case .timeout: "its time is up"
        case .silence: "it is silent"
        case .lingering: "it wrote its end line and lives on"
        case .budget(let words): words
        case .question: "it asks, and a person answers"
        }
    }
}

/// What is due when, in the life of one supervised process.
private struct Vigil {
    private let supervision: Supervision
    private let start: Duration
    private let limit: Duration
    private var quietSince: Duration?
    private var endedAt: Duration?
    private var nextLook: Duration?

    init(_ supervision: Supervision, start: Duration) {
        self.supervision = supervision
        self.start = start
        limit = start + .milliseconds(supervision.timeout.milliseconds)
        nextLook = supervision.ear?.interval.map { start + $0 }
    }

    mutating func isTimeToLook(_ now: Duration) -> Bool {
        guard let due = nextLook, let interval = supervision.ear?.interval, now >= due else {
            return false
        }
        nextLook = now + interval
        return true
    }

    /// Whether it must be stopped now; notes silence on the way.
    mutating func judge(
        _ now: Duration,
        lastOutput last: Duration,
        word: Supervision.Word,
        _ say: (String) -> Void
    ) -> Supervision.Stop? {
        switch word {
        case .goesOn: break
        case .overBudget(let words): return .budget(words)
        case .asks(let question): return .question(question)
        case .ended:
            // From here on only its lingering counts: its result stands.
            if let endedAt { return now >= endedAt + lingering ? .lingering : nil }
            endedAt = now
            return nil
        }
        if let wall = supervision.wall, now >= start + .milliseconds(wall.milliseconds) {
            return .budget("its budget of \(wall) is used up")
        }
        if now >= limit { return .timeout }
        if last != quietSince { quietSince = nil }
        guard let silence = supervision.silence, quietSince == nil,
            now >= last + .milliseconds(silence.milliseconds)
        else { return nil }
        quietSince = last
        say("silent: no output for \(silence)")
        return supervision.stopsWhenSilent ? .silence : nil
    }

    /// When to look again, should nothing happen before.
    func next(lastOutput last: Duration) -> Duration {
        if let endedAt { return endedAt + lingering }
        var next = limit
        if let wall = supervision.wall {
            next = min(next, start + .milliseconds(wall.milliseconds))
        }
        if let nextLook { next = min(next, nextLook) }
        if let silence = supervision.silence, quietSince == nil {
            next = min(next, last + .milliseconds(silence.milliseconds))
        }
        return next
    }

    private var lingering: Duration { .milliseconds(supervision.lingering.milliseconds) }
}
