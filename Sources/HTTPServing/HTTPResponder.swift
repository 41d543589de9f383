import Synchronization

/// The one answer to one request; may be given later, from any thread.
///
/// A responder that is dropped without an answer answers 500, so that no client waits for ever.
package final class HTTPResponder: Sendable {
    private enum Asker: Sendable {
        case client(Exchange)
        case caller(@Sendable (HTTPResponse) -> Bool)
        case noted(HTTPResponder, FirstAnswer)
    }

    /// Tells once.
    private final class FirstAnswer: Sendable {
        private let isTold = Atomic(false)
        private let note: @Sendable (Int) -> Void

        init(_ note: @escaping @Sendable (Int) -> Void) { self.note = note }

        var isOpen: Bool { !isTold.load(ordering: .relaxed) }

        func tell(_ status: Int) {
            if !isTold.exchange(true, ordering: .relaxed) { note(status) }
        }
    }

    private let asker: Asker
    /// An answer was given: if it was not taken, nobody is there who could take another.
    private let isDone = Atomic(false)

    init(_ exchange: Exchange) { asker = .client(exchange) }

    /// For a request of this very process: `answer` gets each answer, and says whether it was taken.
    package init(answer: @escaping @Sendable (HTTPResponse) -> Bool) { asker = .caller(answer) }

    private init(_ asker: Asker) { self.asker = asker }

    /// Stands for this one; `note` hears the status of its first answer before that goes out.
    ///
    /// Of a client that left before it was answered nothing is heard.
    package func noting(_ note: @escaping @Sendable (Int) -> Void) -> HTTPResponder {
        HTTPResponder(.noted(self, FirstAnswer(note)))
    }

    deinit {
        if isDone.load(ordering: .relaxed) { return }
        guard case .noted(let inner, let first) = asker else {
            respond(Self.unanswered)
            return
        }
        guard first.isOpen else { return }
        if inner.respond(Self.unanswered) { first.tell(Self.unanswered.status) }
    }

    /// Made once: every responder asks whether it is needed as it dies.
    private static let unanswered = Problem(
        code: "http.no-answer",
        title: "The request was not answered",
        status: 500,
        detail: "Its handler ended without giving an answer",
        hint: "Try again, and report this if it comes back"
    ).response()

    /// Answers; false when the client has left or an answer was given before, and nothing happens.
    @discardableResult
    package func respond(_ response: HTTPResponse) -> Bool {
        isDone.store(true, ordering: .relaxed)
        switch asker {
        case .client(let exchange): return exchange.answer(.whole(response))
        case .caller(let answer): return answer(response)
        case .noted(let inner, let first):
            first.tell(response.status)
            return inner.respond(response)
        }
    }

    @discardableResult
    package func respond(_ problem: Problem) -> Bool { respond(problem.response()) }

    /// Begins an answer without end; nil when the client has left or an answer was given before,
    /// and in this very process.
    ///
    /// `onClose` is called exactly once, and `onRoom` after each offer that was not taken, on a
    /// thread of the server: they must not block.
    package func stream(
        status: Int = 200,
        headers: HTTPHeaders = ["Content-Type": "text/event-stream", "Cache-Control": "no-store"],
        onRoom: (@Sendable () -> Void)? = nil,
        onClose: (@Sendable (HTTPStream.End) -> Void)? = nil
    ) -> HTTPStream? {
        switch asker {
        case .client(let exchange):
            let stream = exchange.makeStream(onRoom, onClose)
            guard exchange.answer(.stream(stream, status: status, headers: headers)) else {
                return nil
            }
            isDone.store(true, ordering: .relaxed)
            return stream
        case .caller: return nil
        case .noted(let inner, let first):
            let stream = inner.stream(
                status: status,
                headers: headers,
                onRoom: onRoom,
                onClose: onClose
            )
            if stream != nil {
                first.tell(status)
                isDone.store(true, ordering: .relaxed)
            }
            return stream
        }
    }

    /// Calls once when the client leaves before it is answered: at once if it already has.
    ///
    /// Called on a thread of the server; must not block. A client that closes its sending side
    /// while it waits counts as gone, for the two cannot be told apart.
    package func onClientGone(_ callback: @escaping @Sendable () -> Void) {
        switch asker {
        case .client(let exchange): exchange.onClientGone(callback)
        case .caller: break
        case .noted(let inner, _): inner.onClientGone(callback)
        }
    }
}
