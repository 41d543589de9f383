/// Why a request got no usable answer.
package enum HTTPClientFault: Error, Hashable, Sendable {
    /// No connection could be made: the request has certainly had no effect.
    case unreachable(url: String, reason: String)
    /// The connection broke after it was made: the request may have had its effect.
    case connectionLost(url: String, reason: String)
    /// No whole answer came in time: the request may have had its effect.
    case timedOut(url: String, after: Duration)
    /// The other side could not prove who it is, or encryption failed.
    case tls(url: String, reason: String)
    case cancelled(url: String)
    /// An answer came that is not HTTP, too large, or not what was asked for.
    case badReply(url: String, reason: String)
    /// An answer came, and it refuses what was asked for: the body says why.
    case refused(url: String, HTTPResponse)
    /// The request cannot be sent as it is.
    case invalidRequest(url: String, reason: String)
    /// A file of this machine could not be read or written.
    case file(path: String, reason: String)

    package var what: String {
        switch self {
        case .unreachable(let url, _): "Cannot reach \(url)"
        case .connectionLost(let url, _): "The connection to \(url) broke"
        case .timedOut(let url, _): "No answer from \(url)"
        case .tls(let url, _): "No safe connection to \(url)"
        case .cancelled(let url): "The request to \(url) was cancelled"
        case .badReply(let url, _): "The answer of \(url) cannot be used"
        case .refused(let url, let response): "\(url) answered \(response.status)"
        case .invalidRequest(let url, _): "The request to \(url) cannot be sent"
        case .file(let path, _): "Cannot use the file \(path)"
        }
    }

    package var why: String {
        switch self {
        case .unreachable(_, let reason), .connectionLost(_, let reason), .tls(_, let reason),
            .badReply(_, let reason), .invalidRequest(_, let reason), .file(_, let reason):
            reason
        case .timedOut(_, let after): "It took longer than \(after)"
        case .cancelled: "It was given up from this side"
        case .refused(_, let response):
            Problem(response)?.detail ?? String(decoding: response.body.prefix(200), as: UTF8.self)
        }
    }

    package var hint: String {
        switch self {
        case .unreachable: "Check that the server runs and that the address is right"
        case .connectionLost, .timedOut: "Send it again with the same Idempotency-Key"
        case .tls: "Check the name in the URL and the certificate authorities of this machine"
        case .cancelled: "Send it again when it is wanted again"
        case .badReply: "Check that the URL leads to the server that was meant"
        case .refused(_, let response): Problem(response)?.hint ?? "Correct the request"
        case .invalidRequest: "Correct the URL or the header fields"
        case .file: "Check the path, its permissions and the space that is left"
        }
    }
}
