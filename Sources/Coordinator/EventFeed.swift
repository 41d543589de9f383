import FleetModel
import FleetPorts
import HTTPServing
import Processes

/// How many streams of events there may be, and how patient they are.
package struct StreamLimits: Sendable {
    package var total = 4_096
    package var perAddress = 2_048
    /// What a reader has not taken yet; beyond it the reader is left alone until it has.
    package var readerBytes = 64 << 10
    /// The newest events, kept in memory for all readers together.
    package var recentBytes = 4 << 20
    /// A reader that takes nothing of what is there for so long is dropped.
    package var stall: Duration = .seconds(30)
    package var keepAlive: Duration = .seconds(15)

    package init() {}
}

/// Streams of events: a thread of its own leads each reader from where it is to what is new.
///
/// The writer only leaves its lines here. A reader that is far behind is paged through the store's
/// read connection; one that is near is served from memory; one that is slow keeps its place, and
/// one that stalls is dropped. So no reader costs the writer anything, nor much memory.
final class EventFeed: Sendable {
    /// Where a reader wants to begin.
    enum Start: Hashable, Sendable {
        case now
        case after(UInt64)
        /// It has a position that means nothing here.
        case unknown
    }

    /// One open stream, as the feed's thread gets to know it.
    struct Opened: Sendable {
        let number: UInt64
        let stream: HTTPStream
        let product: String?
        let position: UInt64
        let standing: Standing?
    }

    struct State: Sendable {
        var recent: RecentEvents
        var open: [UInt64: HTTPStream] = [:]
        /// Streams that were let in, from before they are open until they have ended.
        var admitted: [UInt64: String] = [:]
        var countByAddress: [String: Int] = [:]
        var last: UInt64 = 0
        /// News for the thread.
        var opened: [Opened] = []
        var withRoom: Set<UInt64> = []
        var gone: [UInt64] = []
        /// A token may have lost its worth.
        var keysChanged = false
        var isClosed = false
    }

    let state: Monitor<State>
    let limits: StreamLimits
    private let history: any StoreHistory

    /// `newest` is the position of the last stored event.
    init(newest: UInt64, history: any StoreHistory, limits: StreamLimits) {
        let recent = RecentEvents(newest: newest, limit: limits.recentBytes)
        state = Monitor(State(recent: recent))
        self.history = history
        self.limits = limits
    }

    /// Starts the thread, which ends with `close`.
    func start() throws(SpawnFault) {
        try DedicatedThread.start { [self] in
            var round = FeedRound(self, history: history)
            round.run()
        }
    }

    var count: Int { state.read { $0.open.count } }

    /// Called by the writer's thread after each commit: it leaves the lines, and goes on.
    func publish(_ publication: Publication) {
        guard !publication.lines.isEmpty else { return }
        let changesKeys = publication.events.contains(where: \.changesKeys)
        state.change { state in
            state.recent.append(publication.lines)
            if changesKeys { state.keysChanged = true }
        }
    }

    /// Opens a stream, or says why there is none to have; it ends with the right it was opened by.
    func open(
        from start: Start,
        product: String?,
        address: String,
        by standing: Standing?,
        _ responder: HTTPResponder
    ) throws(Problem) {
        let number = try admit(address)
        let stream = responder.stream(
            onRoom: { [weak self] in self?.state.change { _ = $0.withRoom.insert(number) } },
            onClose: { [weak self] _ in self?.leave(number) }
        )
        guard let stream else {
            leave(number)
            return
        }
        let isClosed = state.change { state in
            let newest = state.recent.newest
            var position = newest
            var reset: String?
            switch start {
            case .now: break
            case .after(let wanted) where wanted <= newest: position = wanted
            case .after: reset = "ahead"
            case .unknown: reset = "unknown"
            }
            stream.send(Array("retry: 1000\n: welcome\n\n".utf8))
            if let reset { stream.send(Self.reset(to: newest, because: reset)) }
            // The client may have left in the meantime, and the server may stop.
            guard state.admitted[number] != nil, !state.isClosed else { return true }
            state.open[number] = stream
            state.opened.append(
                Opened(
                    number: number,
                    stream: stream,
                    product: product,
                    position: position,
                    standing: standing
                )
            )
            return false
        }
        if isClosed { stream.close() }
    }

    /// What tells a reader that its position is of no use here: it begins anew after this one.
    static func reset(to position: UInt64, because reason: String) -> [UInt8] {
        let body = "{\"position\":\(position),\"reason\":\"\(reason)\"}"
        return Array("id: \(position)\nevent: reset\ndata: \(body)\n\n".utf8)
    }

    /// Ends every stream, and the thread.
    func close() {
        let streams = state.change { state in
            state.isClosed = true
            return Array(state.open.values)
        }
        for stream in streams { stream.close() }
    }

    private func admit(_ address: String) throws(Problem) -> UInt64 {
        let limits = limits
        let admitted = state.change { state -> Result<UInt64, Problem> in
            guard state.admitted.count < limits.total else {
                return .failure(Self.full(limits.total))
            }
            guard state.countByAddress[address, default: 0] < limits.perAddress else {
                return .failure(Self.full(limits.perAddress, of: address))
            }
            state.countByAddress[address, default: 0] += 1
            state.last += 1
            state.admitted[state.last] = address
            return .success(state.last)
        }
        return try admitted.get()
    }

    private func leave(_ number: UInt64) {
        state.change { state in
            guard let address = state.admitted.removeValue(forKey: number) else { return }
            state.open[number] = nil
            state.withRoom.remove(number)
            state.gone.append(number)
            let rest = state.countByAddress[address, default: 1] - 1
            state.countByAddress[address] = rest > 0 ? rest : nil
        }
    }

    private static func full(_ limit: Int) -> Problem {
        Problem(
            code: "stream.too-many",
            title: "There are too many streams",
            status: 503,
            detail: "The limit is \(limit) at a time, for all clients together",
            hint: "Try again in a moment, or read /fleet/events?after=POSITION now and then"
        )
    }

    private static func full(_ limit: Int, of address: String) -> Problem {
        Problem(
            code: "stream.too-many-of-client",
            title: "This client has too many streams",
            status: 429,
            detail: "\(address) has \(limit) open, which is the limit for one address",
            hint: "Close some, and share one stream between readers"
        )
    }
}
