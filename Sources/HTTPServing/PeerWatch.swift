import CShims
import Glibc
import Synchronization

/// A thread that notices clients which leave while they wait, and requests that come too slowly.
///
/// The library takes a suspended connection out of its own polling, so a client that left would
/// stay unnoticed until the answer; and its timeout is for silence only, so that a byte now and
/// then would hold a connection for ever.
final class PeerWatch: Sendable {
    private let epoll: Int32
    private let wake: Int32
    private let peers = Mutex<[UInt64: Peer]>([:])
    private let thread = Mutex<pthread_t?>(nil)
    private let isStopping = Atomic(false)
    private let tick: Int32
    /// Not a token of a peer, for those begin at 1.
    private static let wakeToken: UInt64 = 0

    init?(tick: Int64) {
        self.tick = Int32(clamping: tick)
        epoll = giga_epoll_create()
        wake = giga_eventfd()
        guard epoll >= 0, wake >= 0, giga_epoll_watch_readable(epoll, wake, Self.wakeToken) == 0
        else {
            close(epoll)
            close(wake)
            return nil
        }
    }

    deinit {
        close(epoll)
        close(wake)
    }

    func start() -> Bool {
        let box = Unmanaged.passRetained(self)
        var id = pthread_t()
        let status = pthread_create(&id, nil, runPeerWatch, box.toOpaque())
        guard status == 0 else {
            box.release()
            return false
        }
        thread.withLock { $0 = id }
        return true
    }

    func stop() {
        isStopping.store(true, ordering: .releasing)
        var one: UInt64 = 1
        _ = write(wake, &one, 8)
        let running = thread.withLock {
            let id = $0
            $0 = nil
            return id
        }
        if let running { pthread_join(running, nil) }
    }

    func add(_ peer: Peer, descriptor: Int32) {
        peers.withLock { $0[peer.token] = peer }
        _ = giga_epoll_watch_hangup(epoll, descriptor, peer.token)
    }

    /// Closing the descriptor takes it out of the epoll set.
    func remove(_ peer: Peer) { _ = peers.withLock { $0.removeValue(forKey: peer.token) } }

    var all: [Peer] { peers.withLock { Array($0.values) } }
    var count: Int { peers.withLock { $0.count } }

    fileprivate func run() {
        var tokens = [UInt64](repeating: 0, count: 64)
        var lastSweep = monotonicMilliseconds()
        while !isStopping.load(ordering: .acquiring) {
            let count = giga_epoll_wait(epoll, &tokens, 64, tick)
            for token in tokens.prefix(Int(max(0, count))) where token != Self.wakeToken {
                peers.withLock { $0[token] }?.left()
            }
            let now = monotonicMilliseconds()
            guard now - lastSweep >= Int64(tick) else { continue }
            lastSweep = now
            for peer in all { peer.cutIfLate(now) }
        }
    }
}

private func runPeerWatch(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    Unmanaged<PeerWatch>.fromOpaque(context).takeRetainedValue().run()
    return nil
}
