/// A request to send.
package struct HTTPClientRequest: Sendable {
    package var method: HTTPMethod
    package var url: String
    package var headers: HTTPHeaders
    package var body: [UInt8]
    /// For everything from the first byte sent to the last received; nil sets no bound.
    package var timeout: Duration?
    package var connectTimeout: Duration
    /// An answer with a longer body is a `badReply`.
    package var maximumReplyBytes: Int

    package init(
        _ method: HTTPMethod = .get,
        _ url: String,
        headers: HTTPHeaders = [:],
        body: [UInt8] = [],
        timeout: Duration? = .seconds(60),
        connectTimeout: Duration = .seconds(10),
        maximumReplyBytes: Int = 64 << 20
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.connectTimeout = connectTimeout
        self.maximumReplyBytes = maximumReplyBytes
    }
}
