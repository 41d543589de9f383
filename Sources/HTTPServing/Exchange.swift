import Synchronization

/// One request and its answer, as a state machine between the library's thread and all others.
final class Exchange: Sendable {
    enum Answer: Sendable {
        case whole(HTTPResponse)
        case stream(HTTPStream, status: Int, headers: HTTPHeaders)
    }

    /// What the library's thread does next.
    enum Step {
        case next
        case close
        /// All is here: call the handler, then `handlerReturned`.
        case handle(HTTPRequest)
    }

    private enum Phase {
        /// Only the request line is known.
        case fresh
        case receiving(ScreenedHead)
        /// Refused, and what the client still sends is thrown away up to a bound.
        case refusing(HTTPResponse)
        case handling
        case waiting(ConnectionHandle)
        case answered(Answer)
        case queued(HTTPStream?)
        /// The client left while it waited.
        case abandoned
        case over
    }

    private struct State {
        var phase = Phase.fresh
        var body: [UInt8] = []
        var received = 0
        /// What is counted of this body in `ServerCore.arriving`.
        var arriving = 0
        var whenGone: (@Sendable () -> Void)?
    }
    private let state = Mutex(State())
    private let server: ServerCore
    private let peer: Peer
    private let target: String

    init(server: ServerCore, peer: Peer, target: String) {
        self.server = server
        self.peer = peer
        self.target = target
    }

    // MARK: On the library's thread

    /// The head has arrived: refuse it now, or go on.
    func begin(_ connection: ConnectionHandle, method: String) -> Step {
        let screening = Screening(server: server, peer: peer)
        let now = monotonicMilliseconds()
        switch screening.screen(connection, method: method, target: target) {
        case .success(let head):
            let patience = head.receiver?.patience ?? server.configuration.bodyTimeout
            peer.expect(
                by: now + patience.wholeMilliseconds,
                else: head.receiver == nil
                    ? server.lateWords : server.lateWords(after: patience)
            )
            let expected = head.receiver == nil ? head.contentLength ?? 0 : 0
            state.withLock {
                $0.phase = .receiving(head)
                $0.body.reserveCapacity(min(expected, 1 << 20))
            }
        case .failure(let refusal) where refusal.drains:
            peer.expect(by: now + server.configuration.bodyTimeout.wholeMilliseconds)
            state.withLock { $0.phase = .refusing(refusal.response) }
        case .failure(let refusal):
            state.withLock { $0.phase = .queued(nil) }
            return connection.queue(refusal.response, closing: true) ? .next : .close
        }
        return .next
    }

    /// True until the head has been looked at.
    var isFresh: Bool {
        state.withLock { if case .fresh = $0.phase { true } else { false } }
    }

    /// A part of the body has arrived.
    func receive(_ bytes: UnsafeRawBufferPointer) -> Step {
        let ordinary = server.configuration.maximumBodyBytes
        return state.withLock { state in
            state.received += bytes.count
            var limit = ordinary
            if case .receiving(let head) = state.phase, let receiver = head.receiver {
                limit = receiver.maximumBytes
                if state.received <= limit {
                    receiver.take(bytes)
                } else {
                    state.phase = .refusing(ServerRefusal.bodyTooLarge(limit: limit).response)
                }
            } else if case .receiving = state.phase {
                let most = server.configuration.maximumArrivingBytes
                let arriving = server.arriving.wrappingAdd(bytes.count, ordering: .relaxed).newValue
                state.arriving += bytes.count
                if arriving > most {
                    drop(&state)
                    state.phase = .refusing(ServerRefusal.tooMuchArriving(most).response)
                } else if state.received <= limit {
                    state.body.append(contentsOf: bytes)
                } else {
                    drop(&state)
                    state.phase = .refusing(ServerRefusal.bodyTooLarge(limit: limit).response)
                }
            }
            // Reading on lets a client that writes first and reads later see the refusal; but not
            // without end.
            return state.received > max(limit, ordinary) * 2 + (1 << 20) ? .close : .next
        }
    }

    /// Gives back what the body holds of the memory for bodies.
    private func drop(_ state: inout State) {
        server.arriving.wrappingSubtract(state.arriving, ordering: .relaxed)
        state.arriving = 0
        state.body = []
    }

    /// The request is whole, or the connection was resumed.
    func advance(_ connection: ConnectionHandle) -> Step {
        state.withLock { state in
            switch state.phase {
            case .receiving(let head):
                peer.expect(by: nil)
                let request = head.request(body: state.body, peer: peer)
                drop(&state)
                state.phase = .handling
                return .handle(request)
            case .refusing(let response):
                state.phase = .queued(nil)
                return connection.queue(response, closing: true) ? .next : .close
            case .answered(let answer): return queue(answer, connection, &state)
            case .abandoned, .over, .fresh: return .close
            case .handling, .waiting, .queued: return .next
            }
        }
    }

    /// The handler came back: with an answer, or the request waits from now on.
    func handlerReturned(_ connection: ConnectionHandle) -> Step {
        let (step, callback) = state.withLock { state -> (Step, (@Sendable () -> Void)?) in
            switch state.phase {
            case .answered(let answer): return (queue(answer, connection, &state), nil)
            case .handling where peer.hasLeft:
                state.phase = .abandoned
                let callback = state.whenGone
                state.whenGone = nil
                return (.close, callback)
            case .handling where server.isStopping:
                state.phase = .queued(nil)
                let refused = connection.queue(ServerRefusal.stopping.response, closing: true)
                return (refused ? .next : .close, nil)
            case .handling:
                state.phase = .waiting(connection)
                connection.suspend()
                return (.next, nil)
            default: return (.next, nil)
            }
        }
        callback?()
        return step
    }

    /// The library is done with this request.
    func completed() {
        let (stream, callback) = state.withLock { state in
            var stream: HTTPStream?
            var callback: (@Sendable () -> Void)?
            switch state.phase {
            case .queued(let queued): stream = queued
            case .answered(.stream(let unsent, _, _)): stream = unsent
            case .handling, .waiting: callback = state.whenGone
            default: break
            }
            state.phase = .over
            state.whenGone = nil
            drop(&state)
            return (stream, callback)
        }
        stream?.ended()
        callback?()
    }

    private func queue(
        _ answer: Answer,
        _ connection: ConnectionHandle,
        _ state: inout State
    ) -> Step {
        switch answer {
        case .whole(let response):
            state.phase = .queued(nil)
            return connection.queue(response, closing: false) ? .next : .close
        case .stream(let stream, let status, let headers):
            state.phase = .queued(stream)
            stream.attach(connection)
            // Both were told before the stream was there to hear it.
            if peer.hasLeft { stream.clientLeft() }
            if server.isStopping { stream.close() }
            return connection.queue(stream, status: status, headers: headers) ? .next : .close
        }
    }

    // MARK: On any thread

    @discardableResult
    func answer(_ answer: Answer) -> Bool {
        // The callback may hold the last responder, which answers as it dies: not under the lock.
        typealias Outcome = (unused: (@Sendable () -> Void)?, loop: EventLoop?)
        let outcome = state.withLock { state -> Outcome? in
            var loop: EventLoop?
            switch state.phase {
            case .handling:
                state.phase = .answered(answer)
            case .waiting(let connection):
                state.phase = .answered(answer)
                connection.allow()
                loop = connection.loop
            default: return nil
            }
            let unused = state.whenGone
            state.whenGone = nil
            return (unused, loop)
        }
        // The loop goes straight for the lock.
        outcome?.loop?.call()
        return outcome != nil
    }

    func makeStream(
        _ onRoom: (@Sendable () -> Void)?,
        _ onClose: (@Sendable (HTTPStream.End) -> Void)?
    ) -> HTTPStream {
        HTTPStream(
            peer: peer,
            capacity: server.configuration.streamBufferBytes,
            onRoom: onRoom,
            onClose: onClose
        )
    }

    func onClientGone(_ callback: @escaping @Sendable () -> Void) {
        let (isGone, earlier) = state.withLock { state -> (Bool, (@Sendable () -> Void)?) in
            switch state.phase {
            case .handling, .waiting:
                let earlier = state.whenGone
                state.whenGone = callback
                return (false, earlier)
            case .abandoned, .over: return (true, nil)
            default: return (false, nil)
            }
        }
        _ = earlier
        if isGone { callback() }
    }

    /// The other end closed; a request that still arrives or is being written is the library's.
    func clientLeft() {
        let (stream, callback) = state.withLock { state in
            var stream: HTTPStream?
            var callback: (@Sendable () -> Void)?
            switch state.phase {
            case .waiting(let connection):
                state.phase = .abandoned
                callback = state.whenGone
                state.whenGone = nil
                connection.resume()
            case .queued(let queued): stream = queued
            default: break
            }
            return (stream, callback)
        }
        stream?.clientLeft()
        callback?()
    }

    /// The server stops: a waiting request is refused, a stream ends.
    func serverStops() {
        answer(.whole(ServerRefusal.stopping.response))
        let stream = state.withLock { state -> HTTPStream? in
            if case .queued(let queued) = state.phase { queued } else { nil }
        }
        stream?.close()
    }
}
