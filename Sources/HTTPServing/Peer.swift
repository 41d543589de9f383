import Glibc
import Synchronization

/// One TCP connection of a client: its descriptor while it is open, and what is due on it.
final class Peer: Sendable {
    let token: UInt64
    let address: String
    let isLoopback: Bool
    /// Beyond a limit of connections: its first request is refused with this.
    let surplus: ServerRefusal?

    private struct State {
        var descriptor: Int32?
        var hasLeft = false
        /// When the rest of the current request must be here, in monotonic milliseconds.
        var deadline: Int64?
        /// What is said at the deadline; nil where the connection may just be idle, or speaks TLS.
        var lateWords: [UInt8]?
        var exchange: Exchange?
    }
    private let state: Mutex<State>

    init(
        token: UInt64,
        descriptor: Int32,
        address: String,
        isLoopback: Bool,
        surplus: ServerRefusal?,
        deadline: Int64
    ) {
        self.token = token
        self.address = address
        self.isLoopback = isLoopback
        self.surplus = surplus
        state = Mutex(State(descriptor: descriptor, deadline: deadline))
    }

    /// A request has begun to arrive.
    func began(_ exchange: Exchange) { state.withLock { $0.exchange = exchange } }

    /// A request is over; the next one may begin until `deadline`.
    func ended(nextBy deadline: Int64) {
        state.withLock {
            $0.exchange = nil
            $0.deadline = deadline
            $0.lateWords = nil
        }
    }

    func expect(by deadline: Int64?, else lateWords: [UInt8]? = nil) {
        state.withLock { ($0.deadline, $0.lateWords) = (deadline, lateWords) }
    }

    var hasLeft: Bool { state.withLock { $0.hasLeft } }
    var exchange: Exchange? { state.withLock { $0.exchange } }

    /// The other end has closed, at least its sending side.
    func left() {
        let exchange = state.withLock {
            $0.hasLeft = true
            return $0.exchange
        }
        exchange?.clientLeft()
    }

    func cutIfLate(_ now: Int64) {
        state.withLock {
            guard let deadline = $0.deadline, deadline < now, let open = $0.descriptor else {
                return
            }
            // Nothing was answered on this connection's request, and nothing will be.
            if let words = $0.lateWords {
                send(open, words, words.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
            }
            shutdown(open, Int32(SHUT_RDWR))
        }
    }

    /// Bounds what the system keeps of what was sent and not taken.
    func boundSending(to bytes: Int32) {
        var bytes = bytes
        let size = socklen_t(MemoryLayout<Int32>.size)
        state.withLock {
            if let open = $0.descriptor { setsockopt(open, SOL_SOCKET, SO_SNDBUF, &bytes, size) }
        }
    }

    /// Ends the connection whatever it is doing; the library notices and tidies up.
    func disconnect() {
        state.withLock {
            if let open = $0.descriptor { shutdown(open, Int32(SHUT_RDWR)) }
        }
    }

    /// The descriptor is about to be closed and its number given to somebody else.
    func closed() {
        state.withLock {
            $0.descriptor = nil
            $0.exchange = nil
        }
    }
}
