/// Why the server itself refuses a request, before any handler has seen it.
package struct ServerRefusal: Error, Sendable {
    let response: HTTPResponse
    /// Whether the rest of the body is read and thrown away before the answer.
    let drains: Bool

    private init(_ problem: Problem, headers: HTTPHeaders = [:], drains: Bool = false) {
        response = problem.response(headers: headers)
        self.drains = drains
    }

    /// An answer that the head alone decided.
    static func decided(_ response: HTTPResponse, drains: Bool) -> ServerRefusal {
        ServerRefusal(response, drains: drains)
    }

    private init(_ response: HTTPResponse, drains: Bool) {
        self.response = response
        self.drains = drains
    }

    static let stopping = ServerRefusal(
        Problem(
            code: "http.stopping",
            title: "The server is stopping",
            status: 503,
            detail: "It takes no more requests",
            hint: "Try again in a moment"
        ),
        headers: ["Retry-After": "1"]
    )

    static func tooManyConnections(_ limit: Int) -> ServerRefusal {
        ServerRefusal(
            Problem(
                code: "http.too-many-connections",
                title: "There are too many connections",
                status: 503,
                detail: "The limit is \(limit) connections at a time",
                hint: "Try again in a moment, and keep connections open between requests"
            ),
            headers: ["Retry-After": "1"]
        )
    }

    static func tooManyConnections(_ limit: Int, of address: String) -> ServerRefusal {
        ServerRefusal(
            Problem(
                code: "http.too-many-connections-of-client",
                title: "This client has too many connections",
                status: 429,
                detail: "\(address) has \(limit) open, which is the limit for one address",
                hint: "Close some, and keep connections open between requests"
            ),
            headers: ["Retry-After": "1"]
        )
    }

    /// Slow senders hold what they have sent so far.
    static func tooMuchArriving(_ limit: Int) -> ServerRefusal {
        ServerRefusal(
            Problem(
                code: "http.too-much-arriving",
                title: "Too many bodies are on their way at once",
                status: 503,
                detail: "They have reached \(limit) bytes together, which is the limit",
                hint: "Send the request again in a moment"
            ),
            headers: ["Retry-After": "1"]
        )
    }

    static func tooSlow(_ seconds: Int64) -> ServerRefusal {
        ServerRefusal(
            Problem(
                code: "http.too-slow",
                title: "The request came too slowly",
                status: 408,
                detail: "It was not whole after \(seconds) s",
                hint: "Send it again, at once"
            )
        )
    }

    static func crossSite(_ field: String, _ value: String) -> ServerRefusal {
        ServerRefusal(
            Problem(
                code: "http.cross-site",
                title: "A page of another site may change nothing here",
                status: 403,
                detail: "The request has \(field): \(value.prefix(200))",
                hint: "Open the page from this server's own address"
            )
        )
    }

    static func headerTooLong(_ size: Int, limit: Int) -> ServerRefusal {
        ServerRefusal(
            Problem(
                code: "http.header-too-long",
                title: "The head of the request is too long",
                status: 431,
                detail: "It has \(size) bytes, and the limit is \(limit)",
                hint: "Send shorter header fields and a shorter path"
            )
        )
    }

    static func bodyTooLarge(limit: Int, drains: Bool = false) -> ServerRefusal {
        ServerRefusal(
            Problem(
                code: "http.body-too-large",
                title: "The body is too large",
                status: 413,
                detail: "The limit is \(limit) bytes",
                hint: "Send less at a time"
            ),
            drains: drains
        )
    }

    static func ambiguous(_ reason: String) -> ServerRefusal {
        ServerRefusal(
            Problem(
                code: "http.ambiguous-request",
                title: "The request can be read in two ways",
                status: 400,
                detail: reason,
                hint: "Send exactly one Content-Length, or Transfer-Encoding: chunked"
            )
        )
    }

    static func badTarget(_ target: String) -> ServerRefusal {
        ServerRefusal(
            Problem(
                code: "http.bad-path",
                title: "The path or query is malformed",
                status: 400,
                detail: "The request asks for \"\(target)\"",
                hint: "Percent-encode as UTF-8, and leave out . and .. parts"
            )
        )
    }

    static func unknownHost(_ host: String) -> ServerRefusal {
        ServerRefusal(
            Problem(
                code: "http.unknown-host",
                title: "This server does not go by that name",
                status: 421,
                detail: "The request's Host is \(host)",
                hint: "Use the address that the server was started with"
            )
        )
    }
}

extension ServerRefusal {
    /// What the server itself may answer any request with, whatever the route.
    package static let kinds: [Problem.Kind] = [
        Problem.Kind("http.stopping", 503), Problem.Kind("http.too-many-connections", 503),
        Problem.Kind("http.header-too-long", 431), Problem.Kind("http.body-too-large", 413),
        Problem.Kind("http.ambiguous-request", 400), Problem.Kind("http.bad-path", 400),
        Problem.Kind("http.unknown-host", 421), Problem.Kind("http.cross-site", 403),
        Problem.Kind("http.too-many-connections-of-client", 429),
        Problem.Kind("http.too-much-arriving", 503), Problem.Kind("http.too-slow", 408),
        Problem.Kind("http.no-answer", 500),
        Problem.Kind("http.unencodable-answer", 500),
    ]
}
