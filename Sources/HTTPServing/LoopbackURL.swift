import CCURL

/// Tells URLs of this machine, as libcurl itself reads them.
enum LoopbackURL {
    static func isLoopback(_ url: String) -> Bool {
        guard let parsed = curl_url() else { return false }
        defer { curl_url_cleanup(parsed) }
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK,
            curl_url_get(parsed, CURLUPART_HOST, &text, 0) == CURLUE_OK, let text
        else { return false }
        defer { curl_free(text) }
        let host = Screening.lowercased(String(cString: text))
        return host == "localhost" || host.hasSuffix(".localhost") || host == "[::1]"
            || isIPv4Loopback(host)
    }

    static func isHTTP(_ url: String) -> Bool {
        let scheme = Screening.lowercased(String(url.prefix { $0 != ":" }))
        return scheme == "http" || scheme == "https"
    }

    /// 127.0.0.0/8, and not a name such as 127.example.com.
    private static func isIPv4Loopback(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return parts.count == 4 && parts[0] == 127 && !parts.contains(nil)
    }
}
