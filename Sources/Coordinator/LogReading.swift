import FleetModel
import FleetProtocol
import Glibc
import HTTPServing
import Processes

/// Answers readers of logs on a thread of its own: a search through a long log holds up nothing else.
final class LogReading: Sendable {
    enum Question: Sendable {
        /// The bytes from an offset on.
        case bytes(from: Int64)
        case lines(LogQuery)
    }

    private struct Waiting: Sendable {
        let run: RunID
        let question: Question
        /// Until then it waits for something new.
        let deadline: Processes.Deadline
        let standing: Standing?
        let responder: HTTPResponder
    }

    private struct State: Sendable {
        var asked: [UInt64: Waiting] = [:]
        var order: [UInt64] = []
        /// Asked, found nothing new, and waiting.
        var parked: [UInt64: Waiting] = [:]
        var last: UInt64 = 0
        var isStopping = false
    }

    private static let limit = 1_024
    private let logs: RunLogs
    let isGrowing: @Sendable (RunID) -> Bool
    private let state = Monitor(State())

    init(_ logs: RunLogs, isGrowing: @escaping @Sendable (RunID) -> Bool) {
        self.logs = logs
        self.isGrowing = isGrowing
    }

    func start() throws {
        logs.whenGrown { [weak self] runs in self?.wake { runs.contains($0.run) } }
        try DedicatedThread.start { [self] in
            var shelf = LogShelf()
            while let (number, waiting) = next() { answer(number, waiting, &shelf) }
        }
    }

    /// Ends the thread; what is not answered by then is answered by nobody.
    func stop() { state.change { $0.isStopping = true } }

    /// Answers as soon as there is something or the right to it ends, at the latest after `wait`.
    func ask(
        _ question: Question,
        of run: RunID,
        wait: Duration,
        by standing: Standing?,
        _ responder: HTTPResponder
    ) throws(Problem) {
        let expiry = Processes.Deadline.after(standing?.remaining)
        let waiting = Waiting(
            run: run,
            question: question,
            deadline: Processes.Deadline.after(wait).sooner(expiry),
            standing: standing,
            responder: responder
        )
        let number = state.change { state -> UInt64? in
            guard !state.isStopping, state.asked.count + state.parked.count < Self.limit else {
                return nil
            }
            state.last += 1
            state.asked[state.last] = waiting
            state.order.append(state.last)
            return state.last
        }
        guard let number else { throw Self.tooMany }
        responder.onClientGone { [weak self] in
            // The responder inside may be the last one: it answers as it goes, so not under lock.
            let gone = self?.state.change { state in
                (state.asked.removeValue(forKey: number), state.parked.removeValue(forKey: number))
            }
            _ = gone
        }
    }

    /// Readers that found nothing new and wait for it.
    var waitingCount: Int { state.read { $0.parked.count } }

    /// Something happened to these jobs: a run may be over.
    func changed(_ jobs: Set<JobID>) { wake { jobs.contains($0.run.job) } }

    /// Tokens may have lost their worth: who waits by one of them waits no longer.
    func keysChanged() { wake { $0.standing?.end() != nil } }

    private func wake(_ isMeant: (Waiting) -> Bool) {
        guard state.read({ !$0.parked.isEmpty }) else { return }
        state.change { state in
            for (number, waiting) in state.parked where isMeant(waiting) {
                state.parked[number] = nil
                state.asked[number] = waiting
                state.order.append(number)
            }
        }
    }

    /// The next question, or one whose time is up; nil at the end.
    private func next() -> (UInt64, Waiting)? {
        while true {
            let deadline = state.read { state in
                state.parked.values.map(\.deadline).reduce(Processes.Deadline.never) {
                    $0.sooner($1)
                }
            }
            _ = state.wait(until: deadline) { $0.isStopping || !$0.order.isEmpty ? true : nil }
            let taken = state.change { state -> (isOver: Bool, (UInt64, Waiting)?) in
                if state.isStopping { return (true, nil) }
                for (number, waiting) in state.parked where waiting.deadline.hasPassed {
                    state.parked[number] = nil
                    state.asked[number] = waiting
                    state.order.append(number)
                }
                guard !state.order.isEmpty else { return (false, nil) }
                let number = state.order.removeFirst()
                return (false, state.asked.removeValue(forKey: number).map { (number, $0) })
            }
            if taken.isOver { return nil }
            if let question = taken.1 { return question }
        }
    }

    private func answer(_ number: UInt64, _ waiting: Waiting, _ shelf: inout LogShelf) {
        if let problem = waiting.standing?.end() {
            waiting.responder.respond(problem)
            return
        }
        // Looked at before the log: whoever ends after that wakes this reader once more.
        let isComplete = !isGrowing(waiting.run)
        let length = logs.length(of: waiting.run) ?? 0
        let (response, hasNews) =
            switch waiting.question {
            case .bytes(let offset): bytes(of: waiting.run, from: offset, isComplete: isComplete)
            case .lines(let query): page(query, waiting.run, length, isComplete, &shelf)
            }
        if hasNews || isComplete || waiting.deadline.hasPassed {
            waiting.responder.respond(response)
            return
        }
        state.change { $0.parked[number] = waiting }
        // Whatever came in between found nobody parked.
        if logs.length(of: waiting.run) ?? 0 != length || !isGrowing(waiting.run) {
            wake { $0.run == waiting.run }
        }
        if waiting.standing?.end() != nil { keysChanged() }
    }

    private func bytes(
        of run: RunID,
        from offset: Int64,
        isComplete: Bool
    ) -> (HTTPResponse, hasNews: Bool) {
        let bytes = logs.read(run, from: offset, limit: 4 << 20)
        let headers: HTTPHeaders = [
            "Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff",
            "Log-Complete": "\(isComplete)",
        ]
        return (HTTPResponse(status: 200, headers: headers, body: bytes), !bytes.isEmpty)
    }

    private func page(
        _ query: LogQuery,
        _ run: RunID,
        _ length: Int64,
        _ isComplete: Bool,
        _ shelf: inout LogShelf
    ) -> (HTTPResponse, hasNews: Bool) {
        let file = logs.file(of: run) ?? -1
        defer { if file >= 0 { close(file) } }
        let lines = LogLines(file: file, length: file < 0 ? 0 : length, isComplete: isComplete)
        let page = shelf.page(query, of: run, lines, length: length, isComplete: isComplete)
        guard let page else { return (Self.noPlace(query).response(), true) }
        return (.encoding(page), !page.lines.isEmpty)
    }

    private static func noPlace(_ query: LogQuery) -> Problem {
        if case .line(let number) = query.place {
            return Problem(
                code: "log.unknown-line",
                title: "The log has no line \(number)",
                status: 404,
                detail: "It is shorter, at least so far",
                hint: "Leave out line= for the newest lines"
            )
        }
        return badCursor
    }

    static let badCursor = Problem(
        code: "log.bad-cursor",
        title: "This cursor does not belong to this log",
        status: 400,
        detail: "Cursors are what before and after said in an earlier answer",
        hint: "Leave it out for the newest lines"
    )

    private static let tooMany = Problem(
        code: "log.too-many-readers",
        title: "Too many readers of logs are waiting",
        status: 503,
        detail: "The limit is \(limit) at a time",
        hint: "Try again in a moment"
    )
}
