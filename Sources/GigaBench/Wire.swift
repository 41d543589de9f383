import CShims
import Glibc

/// One kept connection to a port of 127.0.0.1, on which requests and replies take turns.
struct Wire {
    private let descriptor: Int32
    private var received: [UInt8] = []

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let descriptor = descriptor
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard descriptor >= 0, status == 0 else { throw BenchFault.refused("connect", "\(errno)") }
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(4))
    }

    /// Tells `epoll` to name `token` when something can be read.
    func watch(in epoll: Int32, as token: UInt64) throws {
        guard giga_epoll_watch_readable(epoll, descriptor, token) == 0 else {
            throw BenchFault.refused("epoll_ctl", "\(errno)")
        }
    }

    func hangUp() { close(descriptor) }

    func send(_ request: [UInt8]) throws {
        let sent = Glibc.send(descriptor, request, request.count, 0)
        guard sent == request.count else { throw BenchFault.refused("send", "\(errno)") }
    }

    /// The body of the reply once all of it is there; nil before.
    mutating func reply() throws -> ArraySlice<UInt8>? {
        var part = [UInt8](repeating: 0, count: 16_384)
        let count = recv(descriptor, &part, part.count, 0)
        guard count > 0 else { throw BenchFault.refused("recv", "\(errno)") }
        received += part.prefix(count)
        guard let body = try HTTPReply.body(received) else { return nil }
        defer { received.removeAll(keepingCapacity: true) }
        return received[body]
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
