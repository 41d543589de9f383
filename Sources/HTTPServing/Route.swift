/// One line of the route table, as data: an API description can be written from it.
package struct Route: Sendable {
    package typealias Handler =
        @Sendable (HTTPRequest, PathParameters, HTTPResponder) -> Void

    package let method: HTTPMethod
    /// As it was written: `/fleet/jobs/{id}`; `{rest...}` at the end takes all that follows.
    package let pattern: String
    /// A stable name for logs, metrics and the API description: `readJob`.
    package let name: String
    package let parts: [Part]
    package let handler: Handler
    /// Looks at the head before any of the body is read; nil keeps every body in memory.
    package let reception: Receiving?

    /// Called on a thread of the server, with a request whose body has not come yet.
    package typealias Receiving = @Sendable (HTTPRequest, PathParameters) -> Reception

    package enum Part: Hashable, Sendable {
        case literal(String)
        case parameter(String)
        case rest(String)
    }

    package init(
        _ method: HTTPMethod,
        _ pattern: String,
        name: String,
        reception: Receiving? = nil,
        handler: @escaping Handler
    ) {
        precondition(pattern.first == "/", "a pattern starts with a slash: \(pattern)")
        self.method = method
        self.pattern = pattern
        self.name = name
        self.handler = handler
        self.reception = reception
        parts = pattern.split(separator: "/").map { part in
            guard part.first == "{", part.last == "}" else { return .literal(String(part)) }
            let inner = part.dropFirst().dropLast()
            return inner.hasSuffix("...")
                ? .rest(String(inner.dropLast(3))) : .parameter(String(inner))
        }
        for part in parts.dropLast() {
            if case .rest = part { preconditionFailure("{rest...} stands last: \(pattern)") }
        }
    }
}

/// The decoded values of a route's parameters.
package struct PathParameters: Hashable, Sendable {
    private var values: [(name: String, value: String)] = []

    package init() {}

    package subscript(name: String) -> String? { values.first { $0.name == name }?.value }

    mutating func append(_ name: String, _ value: String) { values.append((name, value)) }

    package static func == (left: Self, right: Self) -> Bool {
        left.values.elementsEqual(right.values) { $0 == $1 }
    }

    package func hash(into hasher: inout Hasher) {
        for (name, value) in values {
            hasher.combine(name)
            hasher.combine(value)
        }
    }
}
