import CCURL
import Glibc

/// What goes out and what comes in during one call; touched by the calling thread only.
final class Transfer {
    enum Source {
        case bytes
        case file(Int32, size: Int64)
    }

    enum Sink {
        case memory
        case file(Int32)
        /// Gets each part of a successful answer; false ends the call in peace.
        case parts((UnsafeRawBufferPointer) -> Bool)
    }

    private enum Stop {
        case tooLarge
        case byReceiver
        case fileFailed(String)
    }

    let request: HTTPClientRequest
    let source: Source
    let sink: Sink
    /// Nothing at all for so long counts as timed out.
    let silenceLimit: Duration?
    private var status = 0
    private var headers = HTTPHeaders()
    private var body: [UInt8] = []
    private var received = 0
    private var stop: Stop?
    /// An answer that is no success is kept in memory, as far as this.
    private static let refusalLimit = 1 << 20

    init(
        _ request: HTTPClientRequest,
        source: Source,
        sink: Sink,
        silenceLimit: Duration? = nil
    ) {
        self.request = request
        self.source = source
        self.sink = sink
        self.silenceLimit = silenceLimit
    }

    /// One header line, the status line, or the empty line at the end.
    func header(_ line: UnsafeRawBufferPointer) {
        let text = String(decoding: line, as: UTF8.self)
        if text.hasPrefix("HTTP/") {
            // A 100, or the answer of a proxy, was before it.
            headers = HTTPHeaders()
            status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        } else if let colon = text.firstIndex(of: ":") {
            let value = text[text.index(after: colon)...]
            headers.append(String(text[..<colon]), Self.trimmed(value))
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0.isWhitespace }
        let end = start.lastIndex { !$0.isWhitespace }
        return end.map { String(start[...$0]) } ?? ""
    }

    /// False aborts the transfer; `stop` then says why.
    func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let isSuccess = (200..<300).contains(status)
        received += bytes.count
        switch sink {
        case .parts(let take) where isSuccess:
            guard take(bytes) else {
                stop = .byReceiver
                return false
            }
            return true
        case .file(let descriptor) where isSuccess:
            guard received <= request.maximumReplyBytes else {
                stop = .tooLarge
                return false
            }
            guard writeAll(bytes, to: descriptor) else {
                stop = .fileFailed(ListeningSocket.reason(errno))
                return false
            }
            return true
        case .memory, .parts, .file:
            var limit = request.maximumReplyBytes
            if case .memory = sink {} else { limit = min(limit, Self.refusalLimit) }
            guard received <= limit else {
                stop = .tooLarge
                return false
            }
            body.append(contentsOf: bytes)
            return true
        }
    }

    /// The next bytes of the file that is sent; nil when it cannot be read.
    func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int? {
        guard case .file(let descriptor, _) = source else { return 0 }
        while true {
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            guard errno == EINTR else { break }
        }
        stop = .fileFailed(ListeningSocket.reason(errno))
        return nil
    }

    private func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        return true
    }

    /// What the call comes to; `code` is nil when it was cancelled.
    func outcome(_ code: CURLcode?, status: Int) -> Result<HTTPResponse, HTTPClientFault> {
        let url = request.url
        guard let code else { return .failure(.cancelled(url: url)) }
        let response = HTTPResponse(status: status, headers: headers, body: body)
        switch stop {
        case .byReceiver: return .success(response)
        case .tooLarge:
            let limit = request.maximumReplyBytes
            return .failure(.badReply(url: url, reason: "It is longer than \(limit) bytes"))
        case .fileFailed(let reason): return .failure(.file(path: url, reason: reason))
        case nil: break
        }
        guard code != CURLE_OK else {
            return status > 0
                ? .success(response) : .failure(.badReply(url: url, reason: "It has no status"))
        }
        return .failure(fault(code, String(cString: curl_easy_strerror(code))))
    }

    private func fault(_ code: CURLcode, _ reason: String) -> HTTPClientFault {
        let url = request.url
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT,
            CURLE_PROXY:
            return .unreachable(url: url, reason: reason)
        case CURLE_OPERATION_TIMEDOUT:
            return .timedOut(
                url: url,
                after: silenceLimit ?? request.timeout ?? request.connectTimeout
            )
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH:
            return .tls(url: url, reason: reason)
        case CURLE_UNSUPPORTED_PROTOCOL where LoopbackURL.isHTTP(url):
            // libcurl's word for an answer that does not begin with a status line.
            return .badReply(url: url, reason: "It is not HTTP")
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_FAILED_INIT,
            CURLE_OUT_OF_MEMORY:
            return .invalidRequest(url: url, reason: reason)
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE:
            return .connectionLost(url: url, reason: reason)
        default: return .badReply(url: url, reason: reason)
        }
    }
}

// libcurl calls these on the thread that performs the transfer; `context` is its `Transfer`.

func transferReceived(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return 0 }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    let part = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return transfer.receive(part) ? part.count : Int(CURL_WRITEFUNC_ERROR)
}

func transferHeader(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return 0 }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    transfer.header(UnsafeRawBufferPointer(start: bytes, count: size * count))
    return size * count
}

func transferWanted(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return Int(CURL_READFUNC_ABORT) }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    let buffer = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
    return transfer.fill(buffer) ?? Int(CURL_READFUNC_ABORT)
}
