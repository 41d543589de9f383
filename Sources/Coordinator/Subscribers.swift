import FleetModel
import HTTPServing
import Synchronization

/// Open streams of server-sent events: each factory's orders, and events for people.
final class Subscribers: Sendable {
    private enum Topic: Hashable, Sendable {
        case orders(FactoryID)
        case events(product: String?)
    }

    private struct State {
        var streams: [UInt64: (topic: Topic, stream: HTTPStream)] = [:]
        var last: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Opens a factory's order stream; an older one of the same factory is closed.
    func openOrders(of factory: FactoryID, _ responder: HTTPResponder) {
        open(.orders(factory), responder) { _ in }
    }

    var count: Int { state.withLock { $0.streams.count } }

    /// What a reader of events is sent before anything newer.
    struct Backlog: Sendable {
        var lines: [(position: UInt64, line: [UInt8])] = []
        /// The reader's position is of no use here: it begins anew after this one.
        var resetsTo: UInt64?
        /// There is more than fits: the reader comes back for it.
        var isCut = false
    }

    /// Opens a stream of events; those that the reader missed are sent before any newer one.
    func openEvents(product: String?, _ responder: HTTPResponder, _ backlog: Backlog) {
        open(.events(product: product), responder) { stream in
            if let position = backlog.resetsTo {
                stream.send(Array("id: \(position)\nevent: reset\ndata: {}\n\n".utf8))
            }
            for (position, line) in backlog.lines { stream.send(Self.message(position, line)) }
            if backlog.isCut { stream.close() }
        }
    }

    /// Under one lock, so that nothing is published between the backlog and what is live, and no
    /// factory has two streams of orders.
    private func open(
        _ topic: Topic,
        _ responder: HTTPResponder,
        _ begin: (HTTPStream) -> Void
    ) {
        state.withLock { state in
            state.last += 1
            let number = state.last
            let stream = responder.stream(onClose: { [weak self] _ in
                self?.state.withLock { $0.streams[number] = nil }
            })
            guard let stream else { return }
            if case .orders = topic {
                for older in state.streams.values where older.topic == topic {
                    older.stream.close()
                }
            }
            stream.send(Array(": welcome\n\n".utf8))
            begin(stream)
            state.streams[number] = (topic, stream)
        }
    }

    func publish(_ publication: Publication) {
        state.withLock { state in
            for (topic, stream) in state.streams.values {
                switch topic {
                case .orders(let factory):
                    for order in publication.orders where order.factory == factory {
                        guard let body = JSONBody.bytes(order) else { continue }
                        stream.send(Array("event: order\ndata: ".utf8) + body + [10, 10])
                    }
                case .events(let product):
                    for (event, line) in zip(publication.events, publication.lines)
                    where product == nil || event.product == product {
                        stream.send(Self.message(event.position, line))
                    }
                }
            }
        }
    }

    /// A comment now and then, so that both sides notice a dead connection.
    func keepAlive() {
        state.withLock { state in
            for (_, stream) in state.streams.values { stream.send(Array(": alive\n\n".utf8)) }
        }
    }

    func closeAll() {
        let streams = state.withLock { $0.streams.values.map(\.stream) }
        for stream in streams { stream.close() }
    }

    private static func message(_ position: UInt64, _ line: [UInt8]) -> [UInt8] {
        Array("id: \(position)\nevent: event\ndata: ".utf8) + line + [10, 10]
    }
}
