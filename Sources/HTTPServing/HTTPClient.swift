import CCURL
import CShims
import Glibc
import Synchronization

/// An HTTP client on libcurl whose calls block the calling thread; any number may run at once.
///
/// Connections are kept open between calls. Redirects are not followed. Proxies are taken from the
/// environment as libcurl does it, except that this machine is always asked directly.
package final class HTTPClient: Sendable {
    package struct Configuration: Sendable {
        /// File of certificate authorities (PEM); nil means those of the system.
        ///
        /// `SSL_CERT_FILE` is heard, as by everything else on the machine that speaks TLS.
        package var certificateAuthorities = getenv("SSL_CERT_FILE").flatMap { file in
            file.pointee == 0 ? nil : String(cString: file)
        }
        /// Overrides the proxy of the environment.
        package var proxy: String?
        package var userAgent = "gigafactory"
        /// Sessions kept for later calls; each holds its open connections.
        package var idleSessions = 16

        package init() {}
    }

    let configuration: Configuration
    private let idle = Mutex<[CurlSession]>([])

    package init(configuration: Configuration = Configuration()) {
        self.configuration = configuration
    }

    /// Sends and waits for the whole answer, whatever its status is.
    package func send(
        _ request: HTTPClientRequest,
        cancellation: Cancellation? = nil
    ) throws(HTTPClientFault) -> HTTPResponse {
        let transfer = Transfer(request, source: .bytes, sink: .memory)
        return try run(transfer, cancellation)
    }

    /// Lends a session to a transfer; sessions are never shared by two calls at a time.
    func run(
        _ transfer: Transfer,
        _ cancellation: Cancellation?
    ) throws(HTTPClientFault) -> HTTPResponse {
        let url = transfer.request.url
        if cancellation?.isCancelled == true { throw .cancelled(url: url) }
        guard let session = idle.withLock({ $0.popLast() }) ?? CurlSession() else {
            throw .invalidRequest(url: url, reason: "libcurl could not be started")
        }
        let waker = cancellation?.attach(session.wakeUp)
        let result = session.perform(transfer, configuration, cancellation)
        if let cancellation, let waker { cancellation.detach(waker) }
        idle.withLock { if $0.count < configuration.idleSessions { $0.append(session) } }
        return try result.get()
    }
}
