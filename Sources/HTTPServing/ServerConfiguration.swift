import Glibc

/// How a server listens and what it refuses.
package struct ServerConfiguration: Sendable {
    /// A name or numeric address to listen on.
    package var host = "127.0.0.1"
    /// 0 takes any free port; `HTTPServer.port` then tells which.
    package var port: UInt16 = 0
    /// Threads that read, call the handler and write; waiting requests occupy none.
    package var threads = ServerConfiguration.threadsForThisMachine
    package var maximumBodyBytes = 8 << 20
    /// Request line and header fields together.
    package var maximumHeaderBytes = 16 << 10
    /// Connections beyond it are answered with 503 and closed.
    package var maximumConnections = 16_384
    /// The same for one address: nobody takes them all.
    package var maximumConnectionsPerAddress = 12_288
    /// What bodies that are still arriving may take of memory, all together.
    package var maximumArrivingBytes = 64 << 20
    /// A connection without any traffic is closed; waiting requests and quiet streams are not.
    package var idleTimeout: Duration = .seconds(60)
    /// The whole head of a request must arrive within it, however steadily it drips.
    package var headerTimeout: Duration = .seconds(15)
    /// The whole body must arrive within it after the head.
    package var bodyTimeout: Duration = .seconds(60)
    /// Bytes that one stream may hold for a slow reader before it is cut.
    package var streamBufferBytes = 256 << 10
    /// Names that `Host` may have, without port and in any case; nil lets every name pass.
    ///
    /// A page of a stranger can point a name of its own at a loopback address and then read
    /// answers as if they were its own; only the name gives it away.
    package var allowedHosts: Set<String>?
    /// How long `stop` lets running answers end.
    package var stopGrace: Duration = .seconds(2)
    /// Certificate chain and key as PEM text; nil serves plain HTTP.
    package var tls: TLSIdentity?

    package init() {}

    /// One for each core that the writer's thread leaves, up to four: more of them than cores would
    /// only wait for each other.
    private static let threadsForThisMachine =
        min(4, max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)) - 1))
}

/// A server's certificate chain and private key as PEM text.
package struct TLSIdentity: Sendable, CustomStringConvertible {
    let certificate: String
    let privateKey: String

    package init(certificate: String, privateKey: String) {
        self.certificate = certificate
        self.privateKey = privateKey
    }

    package var description: String { "TLSIdentity(•••)" }
}

/// Why a server could not start listening.
package enum HTTPServerFault: Error, Hashable, Sendable {
    case addressInUse(String)
    case addressNotAllowed(String)
    case addressUnknown(String, reason: String)
    case cannotListen(String, reason: String)
    case alreadyStarted(String)

    package var what: String {
        switch self {
        case .addressInUse(let address), .addressNotAllowed(let address),
            .addressUnknown(let address, _), .cannotListen(let address, _),
            .alreadyStarted(let address):
            "Cannot listen on \(address)"
        }
    }

    package var why: String {
        switch self {
        case .addressInUse: "Another process is listening there"
        case .addressNotAllowed: "The system does not let this user take that port"
        case .addressUnknown(_, let reason), .cannotListen(_, let reason): reason
        case .alreadyStarted: "This server has been started before"
        }
    }

    package var hint: String {
        switch self {
        case .addressInUse: "Stop the other process, or choose another port (0 takes a free one)"
        case .addressNotAllowed: "Choose a port above 1023"
        case .addressUnknown: "Listen on an address of this machine, such as 127.0.0.1"
        case .cannotListen: "Check the address, the certificate and the limit of open files"
        case .alreadyStarted: "Make a new server"
        }
    }
}
