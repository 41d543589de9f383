import CMicroHTTPD
import CShims
import Glibc
import Synchronization

/// An HTTP/1.1 server on libmicrohttpd: a few threads, and any number of waiting requests.
///
/// The handler is called on one of those threads and must not block: it answers at once, or keeps
/// the responder and lets another thread answer. A request that waits costs memory only.
package final class HTTPServer: Sendable {
    private struct Running {
        let loops: [EventLoop]
        let core: ServerCore
        let port: UInt16
    }

    private enum Phase {
        case new
        case running(Running)
        case stopped
    }

    package let configuration: ServerConfiguration
    private let handler: @Sendable (HTTPRequest, HTTPResponder) -> Void
    private let reception: @Sendable (HTTPRequest) -> Reception
    private let phase = Mutex(Phase.new)

    package init(
        configuration: ServerConfiguration = ServerConfiguration(),
        reception: @escaping @Sendable (HTTPRequest) -> Reception = { _ in .whole },
        handler: @escaping @Sendable (HTTPRequest, HTTPResponder) -> Void
    ) {
        self.configuration = configuration
        self.reception = reception
        self.handler = handler
    }

    package convenience init(
        configuration: ServerConfiguration = ServerConfiguration(),
        router: Router
    ) {
        self.init(configuration: configuration, reception: router.receive) {
            router.handle($0, $1)
        }
    }

    deinit { stop() }

    /// Begins to listen; connections are accepted when it returns.
    ///
    /// Raises the process's soft limit of open files as far as the hard one allows.
    package func start() throws(HTTPServerFault) {
        let result: Result<Void, HTTPServerFault> = phase.withLock { phase in
            guard case .new = phase else {
                return .failure(.alreadyStarted(configuration.host))
            }
            do throws(HTTPServerFault) {
                phase = .running(try open())
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// The port that is listened on; nil unless running.
    package var port: UInt16? {
        phase.withLock { if case .running(let running) = $0 { running.port } else { nil } }
    }

    /// `host:port` as a client writes it; nil unless running.
    package var address: String? {
        let host = configuration.host
        return port.map { host.contains(":") ? "[\(host)]:\($0)" : "\(host):\($0)" }
    }

    /// `http://host:port`; nil unless running.
    package var url: String? {
        address.map { (configuration.tls == nil ? "http://" : "https://") + $0 }
    }

    package var openConnections: Int { core?.openConnections ?? 0 }
    /// Requests that have begun and whose answers are not all sent; streams count.
    package var runningRequests: Int { core?.running.value ?? 0 }

    /// What bodies that are not whole yet hold of memory.
    package var arrivingBytes: Int { core?.arriving.load(ordering: .relaxed) ?? 0 }

    private var core: ServerCore? {
        phase.withLock { if case .running(let running) = $0 { running.core } else { nil } }
    }

    /// Takes no more connections, refuses what waits, ends streams, and closes everything.
    ///
    /// Running answers may end within the grace. Must not be called from a handler.
    package func stop() {
        let running = phase.withLock { phase -> Running? in
            defer { phase = .stopped }
            if case .running(let running) = phase { return running }
            return nil
        }
        guard let running else { return }
        // Who connects from here on is refused.
        running.core.beginStopping()
        running.core.running.waitForNone(atMost: configuration.stopGrace)
        for loop in running.loops { loop.stop() }
        running.core.watch.stop()
    }

    private func open() throws(HTTPServerFault) -> Running {
        let socket = try ListeningSocket(host: configuration.host, port: configuration.port)
        // Every loop has a copy of its own.
        defer { close(socket.descriptor) }
        let shown = "\(configuration.host):\(socket.port)"
        raiseFileLimit()
        let slowest = min(configuration.headerTimeout, configuration.bodyTimeout)
        let tick = min(1_000, max(20, slowest.wholeMilliseconds / 4))
        guard let watch = PeerWatch(tick: tick), watch.start() else {
            throw .cannotListen(shown, reason: ListeningSocket.reason(errno))
        }
        let core = ServerCore(
            configuration: configuration,
            watch: watch,
            reception: reception,
            handler: handler
        )
        var loops: [EventLoop] = []
        for _ in 0..<max(1, configuration.threads) {
            let loop = EventLoop(core)
            if let daemon = startDaemon(socket.descriptor, loop), loop.start(daemon) {
                loops.append(loop)
                continue
            }
            for loop in loops { loop.stop() }
            watch.stop()
            let about = configuration.tls == nil ? "" : " with this certificate and key"
            throw .cannotListen(shown, reason: "The HTTP library did not start\(about)")
        }
        return Running(loops: loops, core: core, port: socket.port)
    }

    /// The daemon calls back with the loop, which must outlive it.
    private func startDaemon(_ descriptor: Int32, _ loop: EventLoop) -> OpaquePointer? {
        // The library closes the socket that it is given in most failures and in some not; so it
        // gets a copy.
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { return nil }
        var options = giga_mhd_options()
        options.listen_descriptor = copy
        // Some room above the limit, so that the surplus can be told instead of left waiting.
        let limit = max(1, configuration.maximumConnections)
        options.connection_limit = UInt32(clamping: limit + limit / 4 + 64)
        options.idle_seconds = UInt32(
            clamping: (configuration.idleTimeout.wholeMilliseconds + 999) / 1_000
        )
        // The library refuses by itself what does not fit; twice the limit leaves it to us to
        // refuse what is only somewhat too long, with a problem document.
        options.connection_memory = max(16 << 10, configuration.maximumHeaderBytes * 2)
        options.context = Unmanaged.passUnretained(loop).toOpaque()
        options.access = requestAdvanced
        options.completed = requestCompleted
        options.connected = connectionChanged
        options.target = requestBegan
        guard let tls = configuration.tls else { return giga_mhd_start(&options) }
        return tls.certificate.withCString { certificate in
            tls.privateKey.withCString { key in
                options.certificate = certificate
                options.private_key = key
                return giga_mhd_start(&options)
            }
        }
    }

    private func raiseFileLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0,
            limit.rlim_cur < limit.rlim_max
        else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
