/// The one answer to one request; may be given later, from any thread.
///
/// A responder that is dropped without an answer answers 500, so that no client waits for ever.
package final class HTTPResponder: Sendable {
    private enum Asker: Sendable {
        case client(Exchange)
        case caller(@Sendable (HTTPResponse) -> Bool)
    }

    private let asker: Asker

    init(_ exchange: Exchange) { asker = .client(exchange) }

    /// For a request of this very process: `answer` gets each answer, and says whether it was taken.
    package init(answer: @escaping @Sendable (HTTPResponse) -> Bool) { asker = .caller(answer) }

    deinit {
        respond(
            Problem(
                code: "http.no-answer",
                title: "The request was not answered",
                status: 500,
                detail: "Its handler ended without giving an answer",
                hint: "Try again, and report this if it comes back"
            ).response()
        )
    }

    /// Answers; false when the client has left or an answer was given before, and nothing happens.
    @discardableResult
    package func respond(_ response: HTTPResponse) -> Bool {
        switch asker {
        case .client(let exchange): exchange.answer(.whole(response))
        case .caller(let answer): answer(response)
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
        guard case .client(let exchange) = asker else { return nil }
        let stream = exchange.makeStream(onRoom, onClose)
        let accepted = exchange.answer(.stream(stream, status: status, headers: headers))
        return accepted ? stream : nil
    }

    /// Calls once when the client leaves before it is answered: at once if it already has.
    ///
    /// Called on a thread of the server; must not block. A client that closes its sending side
    /// while it waits counts as gone, for the two cannot be told apart.
    package func onClientGone(_ callback: @escaping @Sendable () -> Void) {
        if case .client(let exchange) = asker { exchange.onClientGone(callback) }
    }
}
