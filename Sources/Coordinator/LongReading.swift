import HTTPServing
import Processes

/// Answers long questions on a thread of its own, a step of each in turn.
///
/// So none of them holds up the server's threads, nor a short one behind it. Whoever leaves, or loses
/// the right to ask, is no longer worked for.
final class LongReading: Sendable {
    private struct Waiting: Sendable {
        let number: UInt64
        var read: any LongRead
        let standing: Standing?
        let responder: HTTPResponder
    }

    private struct State: Sendable {
        var waiting: [Waiting] = []
        /// Its step is being made; nil once its client has left.
        var current: UInt64?
        var last: UInt64 = 0
        var isStopping = false
    }

    private static let limit = 256
    private let state = Monitor(State())

    func start() throws(SpawnFault) {
        try DedicatedThread.start { [self] in
            while let waiting = next() { goOn(waiting) }
        }
    }

    /// Ends the thread; what is not answered by then is answered with 500.
    func stop() {
        let left = state.change { state in
            state.isStopping = true
            defer { state.waiting = [] }
            return state.waiting
        }
        withExtendedLifetime(left) {}
    }

    /// Questions that are not answered yet.
    var count: Int { state.read { $0.waiting.count + ($0.current == nil ? 0 : 1) } }

    func ask(
        _ read: some LongRead,
        by standing: Standing?,
        _ responder: HTTPResponder
    ) throws(Problem) {
        let number = state.change { state -> UInt64? in
            guard !state.isStopping, state.waiting.count < Self.limit else { return nil }
            state.last += 1
            state.waiting.append(
                Waiting(
                    number: state.last,
                    read: read,
                    standing: standing,
                    responder: responder
                )
            )
            return state.last
        }
        guard let number else { throw Writer.overloaded.problem }
        responder.onClientGone { [weak self] in self?.leave(number) }
    }

    private func leave(_ number: UInt64) {
        // The responder inside may be the last one: it answers as it goes, so not under lock.
        let gone = state.change { state -> Waiting? in
            if state.current == number { state.current = nil }
            guard let place = state.waiting.firstIndex(where: { $0.number == number }) else {
                return nil
            }
            return state.waiting.remove(at: place)
        }
        withExtendedLifetime(gone) {}
    }

    private func next() -> Waiting? {
        _ = state.wait { $0.isStopping || !$0.waiting.isEmpty ? true : nil }
        return state.change { state in
            guard !state.isStopping, !state.waiting.isEmpty else { return nil }
            let next = state.waiting.removeFirst()
            state.current = next.number
            return next
        }
    }

    private func goOn(_ waiting: Waiting) {
        var waiting = waiting
        do throws(Problem) {
            if let problem = waiting.standing?.end() { throw problem }
            if let response = try waiting.read.step() {
                waiting.responder.respond(response)
            } else {
                let isWanted = state.change { state in
                    guard state.current != nil, !state.isStopping else { return false }
                    state.waiting.append(waiting)
                    state.current = nil
                    return true
                }
                if isWanted { return }
            }
        } catch {
            waiting.responder.respond(error)
        }
        state.change { $0.current = nil }
    }
}
