import FleetModel
import HTTPServing
import Synchronization

/// Open streams of orders, one for each factory; those of events are the `EventFeed`'s.
final class Subscribers: Sendable {
    private struct Opened {
        let factory: FactoryID
        let stream: HTTPStream
        let standing: Standing?

        /// Ends the stream, and says why, when the right to it is over.
        func review() {
            if let problem = standing?.end() { stream.end(with: problem.lastEvent) }
        }
    }

    private struct State {
        var streams: [UInt64: Opened] = [:]
        var last: UInt64 = 0
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.streams.count } }

    /// Opens a factory's order stream, which ends with the right it was opened by.
    ///
    /// An older one of the same factory is closed.
    func openOrders(
        of factory: FactoryID,
        by standing: Standing?,
        _ responder: HTTPResponder
    ) {
        state.withLock { state in
            state.last += 1
            let number = state.last
            let stream = responder.stream(onClose: { [weak self] _ in
                self?.state.withLock { $0.streams[number] = nil }
            })
            guard let stream else { return }
            for older in state.streams.values where older.factory == factory {
                older.stream.close()
            }
            stream.send(Array(": welcome\n\n".utf8))
            let opened = Opened(factory: factory, stream: stream, standing: standing)
            state.streams[number] = opened
            // The right may have ended since it was looked at.
            opened.review()
        }
    }

    func publish(_ publication: Publication) {
        let rekeyed = Set(publication.events.filter(\.changesKeys).compactMap(\.factory))
        guard !publication.orders.isEmpty || !rekeyed.isEmpty else { return }
        state.withLock { state in
            for opened in state.streams.values {
                if rekeyed.contains(opened.factory) { opened.review() }
                for order in publication.orders where order.factory == opened.factory {
                    guard let body = JSONBody.bytes(order) else { continue }
                    opened.stream.send(Array("event: order\ndata: ".utf8) + body + [10, 10])
                }
            }
        }
    }

    /// A comment now and then, so that both sides notice a dead connection.
    func keepAlive() {
        let comment = ServerSentEvent.comment("alive")
        state.withLock { state in
            for opened in state.streams.values { opened.stream.send(comment) }
        }
    }

    func closeAll() {
        let streams = state.withLock { $0.streams.values.map(\.stream) }
        for stream in streams { stream.close() }
    }
}
