import Glibc
import HTTPServing
import Synchronization

/// A mailbox that a thread can wait on; what tests use in place of sleeping.
///
/// `@unchecked Sendable`: `values` is touched only with the mutex held.
final class Mailbox<Value: Sendable>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var values: [Value] = []

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

    func put(_ value: Value) {
        pthread_mutex_lock(mutex)
        values.append(value)
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    /// The first `count` values, or fewer when they do not come in time.
    func take(_ count: Int, within seconds: Int = 20) -> [Value] {
        var until = timespec()
        clock_gettime(CLOCK_REALTIME, &until)
        until.tv_sec += seconds
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while values.count < count, pthread_cond_timedwait(condition, mutex, &until) == 0 {}
        let taken = Array(values.prefix(count))
        values.removeFirst(taken.count)
        return taken
    }

    func next(within seconds: Int = 60) -> Value? { take(1, within: seconds).first }

    var count: Int {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return values.count
    }
}

/// Runs a closure on a thread of its own; the mailbox gets its result.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) -> Mailbox<Value> {
    let mailbox = Mailbox<Value>()
    var thread = pthread_t()
    let box = ThreadBody { mailbox.put(body()) }
    pthread_create(&thread, nil, runThreadBody, Unmanaged.passRetained(box).toOpaque())
    pthread_detach(thread)
    return mailbox
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

private func runThreadBody(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context { Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run() }
    return nil
}

/// Waits for something that no signal announces: what a server of our own counts within itself.
///
/// It looks again every 5 ms, goes on as soon as it is so, and is false when it does not come.
func eventually(within milliseconds: Int = 60_000, _ holds: () -> Bool) -> Bool {
    for _ in 0..<(milliseconds / 5) {
        if holds() { return true }
        usleep(5_000)
    }
    return holds()
}

/// A server that echoes: `/` says hello, POST gives the body back, and it stops at the end.
func withServer(
    _ configuration: ServerConfiguration = ServerConfiguration(),
    handler: @escaping @Sendable (HTTPRequest, HTTPResponder) -> Void = echo,
    _ body: (HTTPServer) throws -> Void
) throws {
    let server = HTTPServer(configuration: configuration, handler: handler)
    try server.start()
    defer { server.stop() }
    try body(server)
}

@Sendable func echo(_ request: HTTPRequest, _ responder: HTTPResponder) {
    switch request.method {
    case .get, .head: responder.respond(.text(200, "hello \(request.rawTarget)"))
    default: responder.respond(HTTPResponse(status: 200, body: request.body))
    }
}

/// A client that can say anything, well-formed or not.
///
/// `@unchecked Sendable`: each test uses a connection on one thread at a time.
final class RawConnection: @unchecked Sendable {
    let descriptor: Int32
    private var buffer: [UInt8] = []

    struct Failed: Error {}

    init(_ server: HTTPServer, receiveBuffer: Int32? = nil) throws {
        guard let port = server.port else { throw Failed() }
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let size = socklen_t(MemoryLayout<Int32>.size)
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, size)
        }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        let length = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, length)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Failed() }
    }

    deinit { close(descriptor) }

    @discardableResult
    func say(_ text: String) -> Bool { say(Array(text.utf8)) }

    @discardableResult
    func say(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    func get(_ path: String = "/") { say("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n") }

    /// Leaves without a word, as a killed process on another machine does.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        let size = socklen_t(MemoryLayout.size(ofValue: linger))
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, size)
        shutdown(descriptor, Int32(SHUT_RD))
    }

    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// False at the end of the stream, on reset, or after 20 s.
    private func more() -> Bool {
        var part = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &part, part.count, 0)
        if count > 0 { buffer += part[..<count] }
        return count > 0
    }

    func line() -> String? {
        while true {
            if let end = buffer.firstIndex(of: 0x0A) {
                let line = String(decoding: buffer[..<end], as: UTF8.self)
                buffer.removeFirst(end + 1)
                return line.hasSuffix("\r") ? String(line.dropLast()) : line
            }
            guard more() else { return nil }
        }
    }

    func bytes(_ count: Int) -> [UInt8]? {
        while buffer.count < count { guard more() else { return nil } }
        defer { buffer.removeFirst(count) }
        return Array(buffer[..<count])
    }

    /// Whether the server has closed: no byte comes any more.
    var isClosed: Bool { buffer.isEmpty && !more() }

    /// The head of an answer; a 100 before it is skipped.
    func head() -> HTTPResponse? {
        while let status = line() {
            guard let code = status.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
            else { return nil }
            var response = HTTPResponse(status: code)
            while let field = line(), !field.isEmpty {
                guard let colon = field.firstIndex(of: ":") else { return nil }
                let value = field[field.index(after: colon)...].drop { $0 == " " }
                response.headers.append(String(field[..<colon]), String(value))
            }
            if code != 100 { return response }
        }
        return nil
    }

    /// A whole answer of known length.
    func answer() -> HTTPResponse? {
        guard var response = head() else { return nil }
        let length = response.header("Content-Length").flatMap { Int($0) } ?? 0
        guard let body = bytes(length) else { return nil }
        response.body = body
        return response
    }

    /// One chunk of a chunked answer; nil at its end.
    func chunk() -> [UInt8]? {
        guard let size = line().flatMap({ Int($0, radix: 16) }), let body = bytes(size + 2)
        else { return nil }
        return size == 0 ? nil : body.dropLast(2)
    }
}

extension HTTPResponse {
    var text: String { String(decoding: body, as: UTF8.self) }
}

/// SplitMix64: the same numbers for the same seed.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension HTTPClient {
    /// `send` with errors that a macro can carry.
    func ask(_ request: HTTPClientRequest) throws -> HTTPResponse { try send(request) }

    func put(_ file: String, _ request: HTTPClientRequest) throws -> HTTPResponse {
        try upload(file: file, request)
    }
}
