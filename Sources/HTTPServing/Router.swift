/// Finds the route of a request; the cost follows the length of the path, not the size of the table.
package struct Router: Sendable {
    /// The table in its order, to be inspected.
    package let routes: [Route]
    private let root: Node
    /// Methods of routes that look at heads; all other requests are not matched twice.
    private let receptive: Set<HTTPMethod>

    /// Two routes with one method and one shape are a mistake in the table, not of a caller.
    package init(_ routes: [Route]) {
        self.routes = routes
        var root = Node()
        for (index, route) in routes.enumerated() {
            root.insert(route, index, depth: 0)
        }
        self.root = root
        receptive = Set(routes.filter { $0.reception != nil }.map(\.method))
    }

    package enum Match: Sendable {
        case route(Route, PathParameters)
        case methodNotAllowed(allowed: [HTTPMethod])
        case notFound
    }

    /// A literal part wins over a parameter; HEAD is answered by the GET route.
    package func match(_ method: HTTPMethod, _ path: [String]) -> Match {
        var found = Node.Leaves()
        root.collect(path[...], into: &found)
        guard !found.isEmpty else { return .notFound }
        for wanted in method == .head ? [.head, .get] : [method] {
            for leaf in found {
                guard let index = leaf[wanted] else { continue }
                return .route(routes[index], parameters(of: routes[index], path))
            }
        }
        var allowed = Set(found.flatMap(\.keys))
        if allowed.contains(.get) { allowed.insert(.head) }
        return .methodNotAllowed(allowed: HTTPMethod.known.filter(allowed.contains))
    }

    /// What the route of a request says once its head has come.
    package func receive(_ request: HTTPRequest) -> Reception {
        guard receptive.contains(request.method),
            case .route(let route, let parameters) = match(request.method, request.path),
            let reception = route.reception
        else { return .whole }
        return reception(request, parameters)
    }

    /// Answers through the route, or with a 404 or 405 problem.
    package func handle(_ request: HTTPRequest, _ responder: HTTPResponder) {
        switch match(request.method, request.path) {
        case .route(let route, let parameters): route.handler(request, parameters, responder)
        case .methodNotAllowed(let allowed):
            let names = allowed.map(\.rawValue).joined(separator: ", ")
            let problem = Problem(
                code: "http.method-not-allowed",
                title: "This path does not take \(request.method.rawValue)",
                status: 405,
                detail: "\(request.rawTarget) takes \(names)",
                hint: "Use one of \(names)"
            )
            responder.respond(problem.response(headers: ["Allow": names]))
        case .notFound: responder.respond(notFound(request).response())
        }
    }

    private func notFound(_ request: HTTPRequest) -> Problem {
        var problem = Problem(
            code: "http.unknown-path",
            title: "There is nothing at this path",
            status: 404,
            detail: "No call has the path \(request.rawTarget)",
            hint: "See /openapi.json for the paths that exist"
        )
        if request.path.last == "", case .route = match(request.method, request.path.dropLast()) {
            problem.hint = "Leave out the slash at the end"
        }
        return problem
    }

    private func parameters(of route: Route, _ path: [String]) -> PathParameters {
        var parameters = PathParameters()
        for (position, part) in route.parts.enumerated() {
            switch part {
            case .literal: continue
            case .parameter(let name): parameters.append(name, path[position])
            case .rest(let name):
                parameters.append(name, path[position...].joined(separator: "/"))
            }
        }
        return parameters
    }
}

extension Router {
    /// A trie: one level per part of a path.
    private struct Node: Sendable {
        typealias Leaf = [HTTPMethod: Int]
        typealias Leaves = [Leaf]

        private var literals: [String: Node] = [:]
        private var parameter: [Node] = []
        private var leaf: Leaf = [:]
        private var rest: Leaf = [:]

        mutating func insert(_ route: Route, _ index: Int, depth: Int) {
            guard depth < route.parts.count else {
                claim(&leaf, route, index)
                return
            }
            switch route.parts[depth] {
            case .literal(let text):
                literals[text, default: Node()].insert(route, index, depth: depth + 1)
            case .parameter:
                if parameter.isEmpty { parameter.append(Node()) }
                parameter[0].insert(route, index, depth: depth + 1)
            case .rest: claim(&rest, route, index)
            }
        }

        private func claim(_ leaf: inout Leaf, _ route: Route, _ index: Int) {
            let earlier = leaf.updateValue(index, forKey: route.method)
            precondition(earlier == nil, "\(route.method.rawValue) \(route.pattern) is there twice")
        }

        /// All leaves that fit, the most literal first; an empty part fits no parameter.
        func collect(_ path: ArraySlice<String>, into found: inout Leaves) {
            guard let part = path.first else {
                if !leaf.isEmpty { found.append(leaf) }
                return
            }
            literals[part]?.collect(path.dropFirst(), into: &found)
            if !part.isEmpty { parameter.first?.collect(path.dropFirst(), into: &found) }
            if !rest.isEmpty, !part.isEmpty { found.append(rest) }
        }
    }
}
