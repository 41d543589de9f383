import FleetCore
package import FleetModel
package import FleetPorts
package import FleetProtocol
package import HTTPServing
import Processes
package import Routing

/// A running coordinator: the writer, the API in front of it, and the store behind it.
package final class CoordinatorServer: Sendable {
    package struct Configuration: Sendable {
        package var http: ServerConfiguration
        package var leases: LeaseTerms
        package var weights: RoutingWeights
        package var sharing: SharingTerms
        /// Where run logs and artifacts lie.
        package var dataFolder: String
        package var operatorToken: String
        /// `user:<login>` of whoever starts the server.
        package var operatorName: String
        /// Nobody reads without a token either: behind a proxy all the world is loopback.
        package var readsNeedToken: Bool
        package var version: String
        /// Answers reads and accepts `cancel` only.
        package var isRescue: Bool
        package var streams = StreamLimits()
        /// What is told of all this, with the origin of each value; no secret is among it.
        package var settings: [ServerSettings.Row] = []

        package init(
            http: ServerConfiguration,
            leases: LeaseTerms = LeaseTerms(),
            weights: RoutingWeights = .standard,
            sharing: SharingTerms = .standard,
            dataFolder: String,
            operatorToken: String,
            operatorName: String,
            readsNeedToken: Bool = false,
            version: String,
            isRescue: Bool = false
        ) {
            self.http = http
            self.leases = leases
            self.weights = weights
            self.sharing = sharing
            self.dataFolder = dataFolder
            self.operatorToken = operatorToken
            self.operatorName = operatorName
            self.readsNeedToken = readsNeedToken
            self.version = version
            self.isRescue = isRescue
        }

        fileprivate func settings(of fleetID: String) -> FleetSettings {
            FleetSettings(
                fleetID: fleetID,
                leases: leases,
                weights: weights,
                sharing: sharing,
                operatorName: operatorName
            )
        }

        fileprivate func authority(_ clock: @escaping @Sendable () -> Instant) -> Authority {
            Authority(
                operatorToken: operatorToken,
                name: operatorName,
                readsNeedToken: readsNeedToken,
                clock: clock
            )
        }
    }

    /// Why the coordinator cannot serve, or cannot go on.
    package enum Fault: Error, Sendable {
        case unreadableStore(EventCodingFault)
        case store(StoreFault)
        case http(HTTPServerFault)
        case thread(String)
    }

    private let writer: Writer
    private let server: HTTPServer
    private let router: HTTPServing.Router
    private let listeners: Listeners
    private let model: ReadModel
    private let alive = Monitor(true)
    package let fleetID: String

    /// Loads the store, gives every live lease its full term, and begins to answer.
    ///
    /// `fail` is called once, on the writer's thread, when a commit failed for good; `notice` there
    /// when the store's server is lost, and with nil when it is back.
    package init(
        _ configuration: Configuration,
        store: sending any Store,
        history: any StoreHistory,
        random: @escaping @Sendable (Int) -> [UInt8],
        fail: @escaping @Sendable (StoreFault) -> Void,
        notice: @escaping @Sendable (StoreFault?) -> Void = { _ in }
    ) throws(Fault) {
        let identity = store.identity
        fleetID = identity.fleetID
        let opened = try Self.load(store)
        let state = opened.state
        let clock = CoordinatorClock(notBefore: Instant(milliseconds: identity.lastInstant))
        let now: @Sendable () -> Instant = { clock.now }
        let settings = configuration.settings(of: identity.fleetID)
        let fleet = Fleet(
            state: state,
            settings: settings,
            coding: Explanations.coded
        )
        let model = ReadModel(state: state, settings: settings, now: now())
        let listeners = Listeners(
            newest: state.counters.position,
            history: history,
            limits: configuration.streams,
            dataFolder: configuration.dataFolder,
            isUnderWay: { run in
                model.read(at: now()) { $0.reading.state.jobs[run.job]?.lease?.run == run }
            }
        )
        try listeners.start()
        let writer = Writer()
        let meters = ServerMeters(calls: FleetAPI.calls.map(\.name))
        let api = FleetAPI(
            writer: writer,
            model: model,
            authority: configuration.authority(now),
            listeners: listeners,
            history: history,
            settings: settings,
            configuration: configuration.settings,
            version: configuration.version,
            startedAt: now(),
            clock: now,
            randomToken: { Hexadecimal.text(of: random(24)) },
            isRescue: configuration.isRescue,
            meters: meters
        )
        do {
            try writer.start(
                fleet: fleet,
                unwritten: opened.unwritten,
                store: store,
                clock: now,
                salt: { random(16) },
                publish: { publication in
                    model.take(publication)
                    listeners.publish(publication)
                },
                fail: fail,
                notice: notice,
                committed: { meters.committed(events: $0, in: $1) }
            )
        } catch {
            listeners.stop()
            throw .thread("\(error)")
        }
        router = HTTPServing.Router(api.routes)
        server = HTTPServer(configuration: configuration.http, router: router)
        (self.writer, self.listeners, self.model) = (writer, listeners, model)
        do { try server.start() } catch {
            writer.stop()
            listeners.stop()
            throw .http(error)
        }
        try keepStreamsAlive()
    }

    static func load(_ store: borrowing any Store) throws(Fault) -> StoredState.Opened {
        do { return try StoredState.open(store) } catch {
            switch error {
            case .store(let fault): throw .store(fault)
            case .coding(let fault): throw .unreadableStore(fault)
            }
        }
    }

    /// A comment on every stream of orders each 15 seconds.
    private func keepStreamsAlive() throws(Fault) {
        do {
            try DedicatedThread.start { [alive, listeners] in
                while alive.wait(until: .after(.seconds(15)), for: { $0 ? nil : true }) == nil {
                    listeners.orders.keepAlive()
                }
            }
        } catch {
            throw .thread("\(error)")
        }
    }

    /// Event and order streams that are open now.
    package var openStreams: Int { listeners.streams }

    /// Readers of logs that wait for more of one.
    var waitingForLogs: Int { listeners.logReading.waitingCount }

    /// What readers see of it now.
    var reading: FleetReading { model.read(at: .epoch) { $0.reading } }

    /// The port that it listens on.
    package var port: UInt16 { server.port ?? 0 }

    /// Answers a request of this very process, which no network and no certificate stands between.
    package func answer(_ request: HTTPClientRequest) -> HTTPResponse {
        guard let target = RequestTarget(request.url) else { return .empty(400) }
        let answer = Monitor<HTTPResponse?>(nil)
        router.handle(
            HTTPRequest(
                method: request.method,
                target: target,
                headers: request.headers,
                body: request.body
            ),
            HTTPResponder { response in
                answer.change { known in
                    guard known == nil else { return false }
                    known = response
                    return true
                }
            }
        )
        // A responder that is dropped answers as well: this ends.
        return answer.wait { $0 } ?? .empty(500)
    }

    /// Stops taking requests, finishes what waits, and closes the store.
    package func stop() {
        alive.change { $0 = false }
        listeners.endStreams()
        writer.stop()
        listeners.stop()
        server.stop()
    }
}
