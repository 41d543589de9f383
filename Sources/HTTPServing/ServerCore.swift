import CMicroHTTPD
import CShims
import Glibc
import Synchronization

/// What the library's callbacks work on.
final class ServerCore: Sendable {
    let configuration: ServerConfiguration
    let allowedHosts: Set<String>?
    let watch: PeerWatch
    let reception: @Sendable (HTTPRequest) -> Reception
    let handler: @Sendable (HTTPRequest, HTTPResponder) -> Void
    /// Requests between their first line and the last byte of their answer.
    let running = RunningCount()
    private let stopping = Atomic(false)
    private let lastToken = Atomic<UInt64>(0)
    private let open = Atomic<Int>(0)
    private let openByAddress = Mutex<[String: Int]>([:])
    /// Bytes of bodies that are not whole yet.
    let arriving = Atomic<Int>(0)
    /// What a client is told whose body does not come in time.
    let lateWords: [UInt8]?

    init(
        configuration: ServerConfiguration,
        watch: PeerWatch,
        reception: @escaping @Sendable (HTTPRequest) -> Reception,
        handler: @escaping @Sendable (HTTPRequest, HTTPResponder) -> Void
    ) {
        self.configuration = configuration
        self.watch = watch
        self.reception = reception
        self.handler = handler
        lateWords = configuration.tls == nil ? Self.words(configuration.bodyTimeout) : nil
        allowedHosts = configuration.allowedHosts.map { Set($0.map(Screening.lowercased)) }
    }

    var isStopping: Bool { stopping.load(ordering: .acquiring) }
    var openConnections: Int { open.load(ordering: .relaxed) }

    /// From here on nothing is left waiting: requests are refused and streams end.
    func beginStopping() {
        stopping.store(true, ordering: .sequentiallyConsistent)
        for peer in watch.all { peer.exchange?.serverStops() }
    }

    private var headDeadline: Int64 {
        monotonicMilliseconds() + configuration.headerTimeout.wholeMilliseconds
    }

    func connected(_ connection: OpaquePointer) -> Peer {
        let descriptor = giga_mhd_descriptor(connection)
        let (address, isLoopback) =
            giga_mhd_client(connection).map(ListeningSocket.describe) ?? ("unknown", false)
        let count = open.wrappingAdd(1, ordering: .relaxed).newValue
        let ofAddress = openByAddress.withLock { counts in
            counts[address, default: 0] += 1
            return counts[address, default: 0]
        }
        let peer = Peer(
            token: lastToken.wrappingAdd(1, ordering: .relaxed).newValue,
            descriptor: descriptor,
            address: address,
            isLoopback: isLoopback,
            surplus: surplus(count, ofAddress, address),
            deadline: headDeadline
        )
        watch.add(peer, descriptor: descriptor)
        return peer
    }

    private func surplus(_ count: Int, _ ofAddress: Int, _ address: String) -> ServerRefusal? {
        if count > configuration.maximumConnections {
            return .tooManyConnections(configuration.maximumConnections)
        }
        let limit = configuration.maximumConnectionsPerAddress
        return ofAddress > limit ? .tooManyConnections(limit, of: address) : nil
    }

    /// What a client is told whose body does not come within `patience`.
    func lateWords(after patience: Duration) -> [UInt8]? {
        configuration.tls == nil ? Self.words(patience) : nil
    }

    private static func words(_ limit: Duration) -> [UInt8] {
        let response = ServerRefusal.tooSlow(limit.wholeMilliseconds / 1_000).response
        let head =
            "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Type: "
            + "\(Problem.contentType)\r\nContent-Length: \(response.body.count)\r\n\r\n"
        return Array(head.utf8) + response.body
    }

    func disconnected(_ peer: Peer) {
        peer.closed()
        openByAddress.withLock { counts in
            let rest = counts[peer.address, default: 1] - 1
            counts[peer.address] = rest > 0 ? rest : nil
        }
        watch.remove(peer)
        open.wrappingSubtract(1, ordering: .relaxed)
    }

    func began(_ target: String, _ peer: Peer) -> Exchange {
        running.begin()
        let exchange = Exchange(server: self, peer: peer, target: target)
        peer.began(exchange)
        return exchange
    }

    func completed(_ exchange: Exchange, _ peer: Peer) {
        exchange.completed()
        // Silence between requests is bounded by the idle timeout, and then the head has its time.
        peer.ended(nextBy: headDeadline + configuration.idleTimeout.wholeMilliseconds)
        running.end()
    }

    /// One call of the library for one request; false closes the connection.
    func advance(
        _ exchange: Exchange,
        _ connection: ConnectionHandle,
        method: String,
        part: UnsafeRawBufferPointer?
    ) -> Bool {
        var step: Exchange.Step
        if exchange.isFresh {
            step = exchange.begin(connection, method: method)
        } else if let part {
            step = exchange.receive(part)
        } else {
            step = exchange.advance(connection)
        }
        if case .handle(let request) = step {
            handler(request, HTTPResponder(exchange))
            step = exchange.handlerReturned(connection)
        }
        if case .close = step { return false }
        return true
    }
}

/// Counts what runs, and lets one thread wait until nothing does.
///
/// `@unchecked Sendable`: `count` is read and written only with the mutex held.
final class RunningCount: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var count = 0

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    var value: Int {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return count
    }

    func begin() {
        pthread_mutex_lock(mutex)
        count += 1
        pthread_mutex_unlock(mutex)
    }

    func end() {
        pthread_mutex_lock(mutex)
        count -= 1
        if count == 0 { pthread_cond_broadcast(condition) }
        pthread_mutex_unlock(mutex)
    }

    /// Returns when nothing runs, or when `limit` has passed.
    func waitForNone(atMost limit: Duration) {
        var until = timespec()
        clock_gettime(CLOCK_REALTIME, &until)
        let total = Int64(until.tv_nsec) + limit.wholeMilliseconds * 1_000_000
        until.tv_sec += Int(total / 1_000_000_000)
        until.tv_nsec = Int(total % 1_000_000_000)
        pthread_mutex_lock(mutex)
        while count > 0, pthread_cond_timedwait(condition, mutex, &until) == 0 {}
        pthread_mutex_unlock(mutex)
    }
}
