import CShims
import Glibc

/// What one connection says: one request after another, each made from the reply before it.
protocol Conversation {
    /// The bytes of the next request; nil ends the conversation.
    mutating func next(after reply: ArraySlice<UInt8>?) throws -> [UInt8]?
    /// How often whatever is counted was done.
    var done: Int { get }
}

/// Many connections that are kept open, on one thread: with both ends on the same few cores, what
/// the load costs is taken from what is measured.
struct LoadGenerator<Talk: Conversation> {
    private struct Connection {
        let descriptor: Int32
        var talk: Talk
        var received: [UInt8] = []
        var sentAt: Int64 = 0
    }

    private let epoll: Int32
    private var connections: [Connection] = []

    /// One connection to 127.0.0.1 for each conversation.
    init(port: UInt16, _ talks: [Talk]) throws {
        epoll = giga_epoll_create()
        guard epoll >= 0 else { throw BenchFault.refused("epoll_create", "\(errno)") }
        for (index, talk) in talks.enumerated() {
            let descriptor = try Self.connect(port)
            guard giga_epoll_watch_readable(epoll, descriptor, UInt64(index)) == 0 else {
                throw BenchFault.refused("epoll_ctl", "\(errno)")
            }
            connections.append(Connection(descriptor: descriptor, talk: talk))
        }
    }

    private static func connect(_ port: UInt16) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard descriptor >= 0, status == 0 else { throw BenchFault.refused("connect", "\(errno)") }
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(4))
        return descriptor
    }

    /// Talks for so long, and says how much was done; a conversation that ends early ends its part.
    mutating func run(nanoseconds: Int64) throws -> Load {
        defer { for connection in connections { close(connection.descriptor) } }
        defer { close(epoll) }
        let end = Moment.now + nanoseconds
        let before = Self.processorTime
        for index in connections.indices { try speak(index, after: nil) }
        var tokens = [UInt64](repeating: 0, count: 64)
        while Moment.now < end {
            let count = giga_epoll_wait(epoll, &tokens, 64, 100)
            for token in tokens.prefix(Int(max(0, count))) { try hear(Int(token)) }
        }
        return Load(
            done: connections.reduce(0) { $0 + $1.talk.done },
            nanoseconds: nanoseconds,
            processor: Self.processorTime - before
        )
    }

    private mutating func speak(_ index: Int, after reply: ArraySlice<UInt8>?) throws {
        guard let request = try connections[index].talk.next(after: reply) else { return }
        let sent = send(connections[index].descriptor, request, request.count, 0)
        guard sent == request.count else { throw BenchFault.refused("send", "\(errno)") }
    }

    private mutating func hear(_ index: Int) throws {
        var part = [UInt8](repeating: 0, count: 16_384)
        let count = recv(connections[index].descriptor, &part, part.count, 0)
        guard count > 0 else { throw BenchFault.refused("recv", "\(errno)") }
        connections[index].received += part.prefix(count)
        guard let body = try HTTPReply.body(connections[index].received) else { return }
        let received = connections[index].received
        connections[index].received.removeAll(keepingCapacity: true)
        try speak(index, after: received[body])
    }

    private static var processorTime: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// What a load came to.
struct Load {
    let done: Int
    let nanoseconds: Int64
    /// Nanoseconds of processor time that the generator itself took.
    let processor: Int64

    var perSecond: Int { Int(Int64(done) * 1_000_000_000 / nanoseconds) }
    var text: String {
        "\(perSecond) a second (generator \(processor * 100 / nanoseconds) % of a core)"
    }
}

/// Just enough of HTTP/1.1 for replies that state their length.
enum HTTPReply {
    /// Where the body lies once all of it is there; nil before.
    static func body(_ bytes: [UInt8]) throws -> Range<Int>? {
        guard let head = find(Array("\r\n\r\n".utf8), in: bytes[...]) else { return nil }
        let name = Array("Content-Length: ".utf8)
        guard let length = find(name, in: bytes[..<head]) else {
            throw BenchFault.refused("reply without a length", text(bytes))
        }
        var count = 0
        for byte in bytes[(length + name.count)...].prefix(while: { $0 >= 48 && $0 <= 57 }) {
            count = count * 10 + Int(byte - 48)
        }
        let body = head + 4..<head + 4 + count
        guard bytes.count >= body.upperBound else { return nil }
        // "HTTP/1.1 200": the status begins at the tenth byte.
        guard bytes[9] == UInt8(ascii: "2") else {
            throw BenchFault.refused("reply", text(bytes))
        }
        return body
    }

    /// Where `pattern` first begins.
    static func find(_ pattern: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        bytes.withUnsafeBytes { bytes -> Int? in
            guard bytes.count >= pattern.count else { return nil }
            return (0...(bytes.count - pattern.count)).first { at in
                bytes[at] == pattern[0]
                    && pattern.indices.allSatisfy { bytes[at + $0] == pattern[$0] }
            }
        }.map { bytes.startIndex + $0 }
    }

    /// The whole number right after the first `label`.
    static func number(after label: String, in bytes: ArraySlice<UInt8>) -> Int? {
        guard let at = find(Array(label.utf8), in: bytes) else { return nil }
        let digits = bytes[(at + label.utf8.count)...].prefix { $0 >= 48 && $0 <= 57 }
        return Int(String(decoding: digits, as: UTF8.self))
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
