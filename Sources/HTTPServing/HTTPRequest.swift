/// One whole request: its body has arrived and its framing has been checked.
package struct HTTPRequest: Sendable {
    package let method: HTTPMethod
    package let target: RequestTarget
    package let headers: HTTPHeaders
    package let body: [UInt8]
    /// Who connected: a numeric address, without the port.
    package let remoteAddress: String
    /// Whether the connection came from this machine.
    package let isLoopback: Bool
    /// What took the body as it came; `body` is empty then.
    package let receiver: (any BodyReceiver)?

    package init(
        method: HTTPMethod,
        target: RequestTarget,
        headers: HTTPHeaders = [:],
        body: [UInt8] = [],
        remoteAddress: String = "127.0.0.1",
        isLoopback: Bool = true,
        receiver: (any BodyReceiver)? = nil
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.remoteAddress = remoteAddress
        self.isLoopback = isLoopback
        self.receiver = receiver
    }

    /// Percent-decoded parts of the path.
    package var path: [String] { target.segments }
    /// Path and query as they were sent.
    package var rawTarget: String { target.raw }
    package var query: [RequestTarget.QueryItem] { target.query }

    /// The first value of a header, whatever its case.
    package func header(_ name: String) -> String? { headers[name] }

    /// The type of the body in small letters, without what follows a semicolon.
    package var mediaType: String? {
        guard let header = header("Content-Type") else { return nil }
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let bare = header.utf8.prefix { $0 != UInt8(ascii: ";") }.drop(while: isBlank)
        return String(decoding: bare.prefix { !isBlank($0) }.map(\.folded), as: UTF8.self)
    }

    /// The first value of a query item; `?flag` alone gives an empty one.
    package func query(_ name: String) -> String? { query.first { $0.name == name }?.value }
}
