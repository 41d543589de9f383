import CCURL
import CShims
import Glibc

/// One transfer at a time of libcurl, with the connections it keeps open.
///
/// `@unchecked Sendable`: the client lends a session to one thread at a time; only `wakeUp` is
/// called by others, which libcurl allows, while the `Cancellation` holds the session attached.
final class CurlSession: @unchecked Sendable {
    private let easy: UnsafeMutableRawPointer
    private let multi: UnsafeMutableRawPointer

    /// The library's one-time start, which is not safe to run twice at once.
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init?() {
        guard Self.isReady, let easy = curl_easy_init() else { return nil }
        guard let multi = curl_multi_init() else {
            curl_easy_cleanup(easy)
            return nil
        }
        self.easy = easy
        self.multi = multi
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_multi_cleanup(multi)
    }

    @Sendable func wakeUp() { curl_multi_wakeup(multi) }

    func perform(
        _ transfer: Transfer,
        _ configuration: HTTPClient.Configuration,
        _ cancellation: Cancellation?
    ) -> Result<HTTPResponse, HTTPClientFault> {
        let request = transfer.request
        curl_easy_reset(easy)
        guard let list = headerList(transfer, configuration) else {
            return .failure(
                .invalidRequest(url: request.url, reason: "A header field has a line break or NUL")
            )
        }
        defer { curl_slist_free_all(list) }
        giga_curl_set_pointer(easy, CURLOPT_HTTPHEADER, list)
        apply(request, configuration)
        return request.body.withUnsafeBytes { body in
            withExtendedLifetime(transfer) {
                applyTransfer(transfer, body)
                let brokenPipe = BrokenPipeMask()
                let code = drive(transfer, cancellation)
                brokenPipe.restore()
                let status = Int(giga_curl_number(easy, CURLINFO_RESPONSE_CODE))
                return transfer.outcome(code, status: status)
            }
        }
    }

    /// Runs until the transfer has ended; nil when it was cancelled.
    private func drive(_ transfer: Transfer, _ cancellation: Cancellation?) -> CURLcode? {
        guard curl_multi_add_handle(multi, easy) == CURLM_OK else { return CURLE_FAILED_INIT }
        defer { curl_multi_remove_handle(multi, easy) }
        while true {
            var running: Int32 = 0
            guard curl_multi_perform(multi, &running) == CURLM_OK else {
                return CURLE_FAILED_INIT
            }
            let code = giga_curl_multi_result(multi)
            if code >= 0 { return CURLcode(rawValue: UInt32(code)) }
            if cancellation?.isCancelled == true { return nil }
            guard running > 0 else { return CURLE_FAILED_INIT }
            curl_multi_poll(multi, nil, 0, 60_000, nil)
        }
    }

    private func apply(_ request: HTTPClientRequest, _ configuration: HTTPClient.Configuration) {
        giga_curl_set_text(easy, CURLOPT_URL, request.url)
        giga_curl_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https")
        giga_curl_set_text(easy, CURLOPT_USERAGENT, configuration.userAgent)
        // Signals would interrupt whoever else runs in this process.
        giga_curl_set_number(easy, CURLOPT_NOSIGNAL, 1)
        giga_curl_set_number(easy, CURLOPT_TCP_KEEPALIVE, 1)
        giga_curl_set_number(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        let connect = max(1, request.connectTimeout.wholeMilliseconds)
        giga_curl_set_number(easy, CURLOPT_CONNECTTIMEOUT_MS, Int(connect))
        if let timeout = request.timeout {
            giga_curl_set_number(easy, CURLOPT_TIMEOUT_MS, Int(max(1, timeout.wholeMilliseconds)))
        }
        if let authorities = configuration.certificateAuthorities {
            giga_curl_set_text(easy, CURLOPT_CAINFO, authorities)
        }
        if LoopbackURL.isLoopback(request.url) {
            giga_curl_set_text(easy, CURLOPT_PROXY, "")
        } else if let proxy = configuration.proxy {
            giga_curl_set_text(easy, CURLOPT_PROXY, proxy)
        }
    }

    private func applyTransfer(_ transfer: Transfer, _ body: UnsafeRawBufferPointer) {
        let context = Unmanaged.passUnretained(transfer).toOpaque()
        giga_curl_set_bytes(easy, CURLOPT_WRITEFUNCTION, transferReceived)
        giga_curl_set_pointer(easy, CURLOPT_WRITEDATA, context)
        giga_curl_set_bytes(easy, CURLOPT_HEADERFUNCTION, transferHeader)
        giga_curl_set_pointer(easy, CURLOPT_HEADERDATA, context)
        if let silence = transfer.silenceLimit {
            giga_curl_set_number(easy, CURLOPT_LOW_SPEED_LIMIT, 1)
            let seconds = max(1, silence.wholeMilliseconds / 1_000)
            giga_curl_set_number(easy, CURLOPT_LOW_SPEED_TIME, Int(seconds))
        }
        switch transfer.source {
        case .file(_, let size):
            giga_curl_set_number(easy, CURLOPT_UPLOAD, 1)
            giga_curl_set_size(easy, CURLOPT_INFILESIZE_LARGE, curl_off_t(size))
            giga_curl_set_bytes(easy, CURLOPT_READFUNCTION, transferWanted)
            giga_curl_set_pointer(easy, CURLOPT_READDATA, context)
        case .bytes where !body.isEmpty || [.post, .put, .patch].contains(transfer.request.method):
            giga_curl_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
            let empty: StaticString = ""
            giga_curl_set_pointer(
                easy,
                CURLOPT_POSTFIELDS,
                body.baseAddress ?? UnsafeRawPointer(empty.utf8Start)
            )
        case .bytes: break
        }
        if transfer.request.method == .head { giga_curl_set_number(easy, CURLOPT_NOBODY, 1) }
        giga_curl_set_text(easy, CURLOPT_CUSTOMREQUEST, transfer.request.method.rawValue)
    }

    /// Nil when a field could smuggle a second one in.
    private func headerList(
        _ transfer: Transfer,
        _ configuration: HTTPClient.Configuration
    ) -> UnsafeMutablePointer<curl_slist>? {
        // libcurl would otherwise call every body a form.
        var lines = transfer.request.headers["Content-Type"] == nil ? ["Content-Type:"] : []
        for field in transfer.request.headers.fields {
            let bytes = Array((field.name + field.value).utf8)
            guard !bytes.contains(where: { $0 == 0x0A || $0 == 0x0D || $0 == 0 }),
                !field.name.isEmpty, !field.name.contains(":")
            else { return nil }
            lines.append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        if lines.isEmpty { lines.append("Accept: */*") }
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = curl_slist_append(list, line) else {
                curl_slist_free_all(list)
                return nil
            }
            list = longer
        }
        return list
    }
}

/// Keeps a write to a closed connection from ending the process, on this thread only.
private struct BrokenPipeMask {
    private var before = sigset_t()
    private let wasPending: Bool

    init() {
        var pending = sigset_t()
        sigpending(&pending)
        wasPending = sigismember(&pending, SIGPIPE) == 1
        var mask = sigset_t()
        sigemptyset(&mask)
        sigaddset(&mask, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &mask, &before)
    }

    func restore() {
        var mask = sigset_t()
        sigemptyset(&mask)
        sigaddset(&mask, SIGPIPE)
        var none = timespec()
        if !wasPending { while sigtimedwait(&mask, nil, &none) == SIGPIPE {} }
        var before = before
        pthread_sigmask(SIG_SETMASK, &before, nil)
    }
}
