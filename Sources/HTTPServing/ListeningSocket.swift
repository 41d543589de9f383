import CShims
import Glibc

/// A bound, listening socket; made here and not by the library, so that failures have a reason.
struct ListeningSocket {
    let descriptor: Int32
    let port: UInt16

    init(host: String, port: UInt16) throws(HTTPServerFault) {
        let shown = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        var wanted = addrinfo()
        wanted.ai_socktype = Int32(SOCK_STREAM.rawValue)
        wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &wanted, &found)
        guard status == 0, let found else {
            throw .addressUnknown(shown, reason: String(cString: gai_strerror(status)))
        }
        defer { freeaddrinfo(found) }
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(found.pointee.ai_family, kind, 0)
        guard descriptor >= 0 else { throw .cannotListen(shown, reason: Self.reason(errno)) }
        var yes: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, size)
        guard bind(descriptor, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0,
            listen(descriptor, 4_096) == 0
        else {
            let failure = errno
            close(descriptor)
            switch failure {
            case EADDRINUSE: throw .addressInUse(shown)
            case EACCES: throw .addressNotAllowed(shown)
            case EADDRNOTAVAIL: throw .addressUnknown(shown, reason: Self.reason(failure))
            default: throw .cannotListen(shown, reason: Self.reason(failure))
            }
        }
        self.descriptor = descriptor
        self.port = Self.boundPort(descriptor)
    }

    private static func boundPort(_ descriptor: Int32) -> UInt16 {
        var address = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = getsockname(descriptor, $0, &size)
            }
            // IPv4 and IPv6 addresses have the port at the same place.
            return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                UInt16(bigEndian: $0.pointee.sin_port)
            }
        }
    }

    static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }

    /// The numeric address of a peer, and whether it is this machine.
    static func describe(_ address: UnsafePointer<sockaddr>) -> (text: String, isLoopback: Bool) {
        let isIPv6 = Int32(address.pointee.sa_family) == AF_INET6
        let size = isIPv6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let status = getnameinfo(
            address,
            socklen_t(size),
            &text,
            socklen_t(text.count),
            nil,
            0,
            NI_NUMERICHOST
        )
        guard status == 0 else { return ("unknown", false) }
        let end = text.firstIndex(of: 0) ?? text.endIndex
        let name = String(decoding: text[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let isLoopback =
            name == "::1" || name.hasPrefix("127.") || name.hasPrefix("::ffff:127.")
        return (name, isLoopback)
    }
}

/// Milliseconds that only move forward.
func monotonicMilliseconds() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
}

extension Duration {
    /// Whole milliseconds, at least 1 when positive, at most what an Int32 holds.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let exact = min(seconds, 2_000_000) * 1_000 + attoseconds / 1_000_000_000_000_000
        return self > .zero ? max(1, exact) : 0
    }
}
