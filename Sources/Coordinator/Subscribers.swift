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
        let older = state.withLock { state in
            state.streams.values.filter { $0.topic == .orders(factory) }.map(\.stream)
        }
        for stream in older { stream.close() }
        open(.orders(factory), responder, backlog: [])
    }

    /// Opens a stream of events; those that the reader missed are sent before any newer one.
    func openEvents(
        product: String?,
        _ responder: HTTPResponder,
        backlog: [(UInt64, [UInt8])]
    ) {
        open(.events(product: product), responder, backlog: backlog)
    }

    private func open(
        _ topic: Topic,
        _ responder: HTTPResponder,
        backlog: [(UInt64, [UInt8])]
    ) {
        state.withLock { state in
            state.last += 1
            let number = state.last
            let stream = responder.stream(onClose: { [weak self] _ in
                self?.state.withLock { $0.streams[number] = nil }
            })
            guard let stream else { return }
            stream.send(Array(": welcome\n\n".utf8))
            for (position, line) in backlog { stream.send(Self.message(position, line)) }
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
