/// A whole answer: what a handler gives and what a client gets.
package struct HTTPResponse: Hashable, Sendable {
    package var status: Int
    package var headers: HTTPHeaders
    package var body: [UInt8]
    /// Sent in place of `body` by a server; a client never gives one.
    package var file: FileBody?

    package init(status: Int, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Bytes that already are JSON.
    package static func json(_ status: Int = 200, _ bytes: [UInt8]) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Content-Type": "application/json"], body: bytes)
    }

    package static func text(_ status: Int = 200, _ text: String) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: ["Content-Type": "text/plain; charset=utf-8"],
            body: Array(text.utf8)
        )
    }

    package static func empty(_ status: Int = 204) -> HTTPResponse { HTTPResponse(status: status) }

    package var isSuccess: Bool { (200..<300).contains(status) }

    package func header(_ name: String) -> String? { headers[name] }
}
