import Synchronization

/// An answer without end: bytes are sent as they come, until one side closes.
///
/// What a slow reader has not taken is kept up to a bound. When that overflows the stream is cut:
/// a client of server-sent events comes back and resumes, and nobody else has waited for it.
package final class HTTPStream: Sendable {
    /// Why a stream ended.
    package enum End: Hashable, Sendable {
        case closed
        case clientLeft
        case overflow
    }

    private struct State {
        var chunks: [[UInt8]] = []
        /// Chunks before it are sent; they are dropped together, now and then.
        var first = 0
        var offset = 0
        var buffered = 0
        var end: End?
        var isOver = false
        var connection: ConnectionHandle?
        var isSuspended = false
        var onClose: (@Sendable (End) -> Void)?
        var onRoom: (@Sendable () -> Void)?
        /// An offer was not taken: say when there is room for it.
        var isAwaited = false
        /// When the reader last took something, or began to have something to take.
        var lastTaken: Int64 = 0
    }
    private let state: Mutex<State>
    private let capacity: Int
    /// What the system may hold for a reader that takes nothing; left alone it grows to megabytes.
    private static let sendBuffer: Int32 = 64 << 10
    private let peer: Peer

    init(
        peer: Peer,
        capacity: Int,
        onRoom: (@Sendable () -> Void)?,
        onClose: (@Sendable (End) -> Void)?
    ) {
        self.peer = peer
        self.capacity = capacity
        state = Mutex(State(onClose: onClose, onRoom: onRoom))
    }

    /// Hands bytes over and returns at once; false when the stream has ended or just overflowed.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool {
        state.withLock { state in
            guard state.end == nil else { return false }
            guard state.buffered + bytes.count <= capacity else {
                // The library may be stuck in a write that never ends; only this gets it out.
                peer.disconnect()
                Self.finish(&state, .overflow)
                return false
            }
            Self.append(bytes, &state)
            return true
        }
    }

    /// What became of bytes that were offered.
    package enum Offer: Hashable, Sendable {
        case taken
        /// Nothing was taken; `onRoom` is called once there is room.
        case full
        case ended
    }

    /// Hands bytes over when they fit beside what the reader has not taken yet.
    ///
    /// More than `room` at once is taken by a reader that has nothing to take: so every event gets
    /// through, whatever its size.
    package func offer(_ bytes: [UInt8], within room: Int) -> Offer {
        state.withLock { state in
            guard state.end == nil else { return .ended }
            guard state.buffered == 0 || state.buffered + bytes.count <= room else {
                state.isAwaited = true
                return .full
            }
            Self.append(bytes, &state)
            return .taken
        }
    }

    /// How long the reader has taken nothing of what is there for it; zero when nothing is.
    package var stalled: Duration {
        state.withLock { state in
            guard state.buffered > 0 else { return .zero }
            return .milliseconds(monotonicMilliseconds() - state.lastTaken)
        }
    }

    /// Ends the stream at once, whatever the reader has not taken.
    package func cut() {
        state.withLock { state in
            peer.disconnect()
            Self.finish(&state, .overflow)
        }
    }

    private static func append(_ bytes: [UInt8], _ state: inout State) {
        guard !bytes.isEmpty else { return }
        if state.buffered == 0 { state.lastTaken = monotonicMilliseconds() }
        state.chunks.append(bytes)
        state.buffered += bytes.count
        resume(&state)
    }

    /// Ends the stream with these bytes, and drops what the reader has not begun to take.
    package func end(with last: [UInt8]) {
        state.withLock { state in
            guard state.end == nil else { return }
            let begun = state.offset > 0 ? state.chunks[state.first] : []
            state.chunks = begun.isEmpty ? [] : [begun]
            state.first = 0
            state.buffered = begun.count - state.offset
            Self.append(last, &state)
            Self.finish(&state, .closed)
        }
    }

    /// Ends the stream after what has been sent so far.
    package func close() { state.withLock { Self.finish(&$0, .closed) } }

    package var isOpen: Bool { state.withLock { $0.end == nil } }
    /// Bytes that the client has not taken yet.
    package var bufferedBytes: Int { state.withLock { $0.buffered } }

    func clientLeft() { state.withLock { Self.finish(&$0, .clientLeft) } }

    func attach(_ connection: ConnectionHandle) {
        peer.boundSending(to: Self.sendBuffer)
        state.withLock { $0.connection = connection }
    }

    /// The library is done with the stream; tells the owner once.
    func ended() {
        let (callback, end) = state.withLock { state in
            let callback = state.onClose
            state.onClose = nil
            state.onRoom = nil
            state.isOver = true
            state.connection = nil
            state.isSuspended = false
            state.chunks = []
            state.buffered = 0
            let end = state.end ?? .clientLeft
            state.end = end
            return (callback, end)
        }
        callback?(end)
    }

    /// On the library's thread: gives what there is, or suspends until there is more.
    ///
    /// A cut stream ends like any other, on a connection that has been shut down: after a reader's
    /// error libmicrohttpd 0.9.75 with epoll may forget to close the connection.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let (count, callback) = state.withLock { state -> (Int, (@Sendable () -> Void)?) in
            switch state.end {
            case .clientLeft, .overflow: return (streamFinished, nil)
            case .closed where state.buffered == 0: return (streamFinished, nil)
            case .closed, nil: break
            }
            guard state.buffered > 0 else {
                guard let connection = state.connection else { return (streamFinished, nil) }
                state.isSuspended = true
                connection.suspend()
                return (0, nil)
            }
            let count = Self.take(&state, buffer)
            state.lastTaken = monotonicMilliseconds()
            guard state.isAwaited, state.buffered == 0 else { return (count, nil) }
            state.isAwaited = false
            return (count, state.onRoom)
        }
        callback?()
        return count
    }

    private static func take(_ state: inout State, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
        var written = 0
        while written < buffer.count, state.first < state.chunks.count {
            let count = state.chunks[state.first].withUnsafeBytes { chunk in
                let count = min(buffer.count - written, chunk.count - state.offset)
                let source = UnsafeRawBufferPointer(rebasing: chunk[state.offset...].prefix(count))
                UnsafeMutableRawBufferPointer(rebasing: buffer[written...]).copyMemory(from: source)
                return count
            }
            written += count
            state.offset += count
            guard state.offset == state.chunks[state.first].count else { break }
            state.chunks[state.first] = []
            state.first += 1
            state.offset = 0
        }
        if state.first == state.chunks.count || state.first >= 256 {
            state.chunks.removeFirst(state.first)
            state.first = 0
        }
        state.buffered -= written
        return written
    }

    private static func finish(_ state: inout State, _ end: End) {
        guard !state.isOver else { return }
        // A client that leaves while the last bytes are on their way still ends the stream.
        if state.end == nil || (state.end == .closed && end != .closed) { state.end = end }
        resume(&state)
    }

    private static func resume(_ state: inout State) {
        guard state.isSuspended, let connection = state.connection else { return }
        state.isSuspended = false
        connection.resume()
    }
}
