import FleetModel
import HTTPServing
import Synchronization

/// Open streams of orders, one for each factory; those of events are the `EventFeed`'s.
final class Subscribers: Sendable {
    private struct State {
        var streams: [UInt64: (factory: FactoryID, stream: HTTPStream)] = [:]
        var last: UInt64 = 0
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.streams.count } }

    /// Opens a factory's order stream; an older one of the same factory is closed.
    func openOrders(of factory: FactoryID, _ responder: HTTPResponder) {
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
            state.streams[number] = (factory, stream)
        }
    }

    func publish(_ publication: Publication) {
        guard !publication.orders.isEmpty else { return }
        state.withLock { state in
            for (factory, stream) in state.streams.values {
                for order in publication.orders where order.factory == factory {
                    guard let body = JSONBody.bytes(order) else { continue }
                    stream.send(Array("event: order\ndata: ".utf8) + body + [10, 10])
                }
            }
        }
    }

    /// A comment now and then, so that both sides notice a dead connection.
    func keepAlive() {
        let comment = ServerSentEvent.comment("alive")
        state.withLock { state in
            for (_, stream) in state.streams.values { stream.send(comment) }
        }
    }

    func closeAll() {
        let streams = state.withLock { $0.streams.values.map(\.stream) }
        for stream in streams { stream.close() }
    }
}
