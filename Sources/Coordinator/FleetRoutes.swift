import FleetCore
import FleetModel
import FleetPorts
import FleetProtocol
import HTTPServing

/// Calls about the fleet as a whole.
extension FleetAPI {
    func repositories(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> HTTPResponse {
        let rows = model.read(at: clock()) { contents in
            contents.reading.state.repositories.values.sorted { $0.name < $1.name }
        }
        let page = NamedPage(rows, of: request, name: \.name)
        return .encoding(
            RepositoryList(repositories: page.rows, total: page.total, next: page.next)
        )
    }

    var putRepository: Route.Handler {
        changing { request, parameters, person throws(Problem) in
            let repository = try request.decodeStrictly(Repository.self)
            guard repository.name == parameters["name"] else {
                throw Problem(
                    code: "repo.bad-name",
                    title: "The body names another repository than the path",
                    status: 400,
                    detail: "the body says \(repository.name)",
                    hint: "giga repo add NAME --url PATH"
                )
            }
            try RepositoryForm.check(repository)
            return .putRepository(repository, by: person)
        }
    }

    var halt: Route.Handler {
        changing { request, _, person throws(Problem) in
            let body = try request.decodeStrictly(HaltRequest.self)
            guard body.reason.contains(where: { !$0.isWhitespace }) else {
                throw Problem(
                    code: "halt.no-reason",
                    title: "A halt needs a reason",
                    status: 400,
                    detail: "Everybody who waits will read it",
                    hint: "giga halt --reason TEXT"
                )
            }
            return .halt(body.level, reason: body.reason, stops: body.stop ?? false, by: person)
        }
    }

    var resume: Route.Handler {
        changing { request, _, person throws(Problem) in
            let body = request.body.isEmpty ? nil : try request.decodeStrictly(VerbRequest.self)
            return .resume(reason: body?.reason ?? "asked by \(person)", by: person)
        }
    }

    func stats(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> HTTPResponse {
        let status = model.read(at: clock()) { contents in
            let state = contents.reading.state
            var stages: [String: Int] = [:]
            for stage in Stage.allCases { stages[stage.rawValue] = contents.count(in: stage) }
            return FleetStatus(
                fleet: settings.fleetID,
                version: version,
                position: state.counters.position,
                stages: stages,
                factories: state.factories.count,
                halt: state.halt,
                startedAt: Timestamp.text(startedAt),
                leases: settings.leases
            )
        }
        return .encoding(status)
    }

    /// Stored events as lines, whole batches, from `after` on; the reader asks again for more.
    var allEvents: Route.Handler {
        { request, _, responder in
            do throws(Problem) {
                let standing = try authority.standing(of: request, model)
                let scan = EventScan(
                    after: UInt64(request.query("after") ?? "") ?? 0,
                    of: try visibleProducts(request),
                    in: history
                )
                try listeners.longReading.ask(scan, by: standing, responder)
            } catch {
                responder.respond(error)
            }
        }
    }

    /// What a stream is bounded to: what was asked for, within what the token is for.
    private func streamedProduct(_ request: HTTPRequest) throws(Problem) -> String? {
        let wanted = request.query("product")
        guard case .person(let bearer) = try authority.caller(of: request, model),
            let first = bearer.products.first
        else { return wanted }
        if let wanted {
            try Self.refuse(bearer, wanted)
            return wanted
        }
        guard bearer.products.count == 1 else {
            throw Problem(
                code: "stream.no-product",
                title: "This stream must name a product",
                status: 400,
                detail: "The token is for \(bearer.products.joined(separator: ", "))",
                hint: "/fleet/stream?product=\(first)"
            )
        }
        return first
    }

    var stream: Route.Handler {
        { request, _, responder in
            do throws(Problem) {
                let standing = try authority.standing(of: request, model)
                switch request.query("topic") ?? "events" {
                case "orders":
                    let id = try authority.factory(request, model)
                    listeners.orders.openOrders(of: id, by: standing, responder)
                default:
                    try listeners.feed.open(
                        from: Self.start(of: request),
                        product: try streamedProduct(request),
                        address: request.remoteAddress,
                        by: standing,
                        responder
                    )
                }
            } catch {
                responder.respond(error)
            }
        }
    }

    /// A reader that comes back says where it was in a header that browsers fill in; whatever
    /// that says, it gets a stream.
    private static func start(of request: HTTPRequest) -> EventFeed.Start {
        if let last = request.header("Last-Event-ID"), !last.isEmpty {
            return UInt64(last).map { .after($0) } ?? .unknown
        }
        return request.query("after").flatMap { UInt64($0) }.map { .after($0) } ?? .now
    }
}
