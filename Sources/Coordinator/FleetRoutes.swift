import FleetCore
import FleetModel
import FleetPorts
import FleetProtocol
import HTTPServing

/// Calls about the fleet as a whole.
extension FleetAPI {
    var fleetRoutes: [Route] {
        [
            Route(.get, "/fleet/repos", name: "listRepositories", handler: reading(repositories)),
            Route(.put, "/fleet/repos/{name}", name: "putRepository", handler: putRepository),
            Route(.get, "/fleet/profiles", name: "listProfiles", handler: reading(profiles)),
            Route(.get, "/fleet/profiles/{name}", name: "readProfile", handler: reading(profile)),
            Route(.put, "/fleet/profiles/{name}", name: "putProfile", handler: putProfile),
            Route(.post, "/fleet/halt", name: "haltFleet", handler: halt),
            Route(.post, "/fleet/resume", name: "resumeFleet", handler: resume),
            Route(.get, "/fleet/stats", name: "readStats", handler: reading(stats)),
            Route(.get, "/fleet/events", name: "listEvents", handler: reading(events)),
            Route(.get, "/fleet/stream", name: "openStream", handler: stream),
            Route(.get, "/healthz", name: "checkLiveness") { _, _, responder in
                responder.respond(.text(200, "ok\n"))
            },
            Route(.get, "/readyz", name: "checkReadiness") { _, _, responder in
                writer.look { _ in responder.respond(.text(200, "ready\n")) }
            },
        ]
    }

    private func repositories(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> HTTPResponse {
        let rows = model.read(at: clock()) { contents in
            contents.reading.state.repositories.values.sorted { $0.name < $1.name }
        }
        return .encoding(RepositoryList(repositories: rows))
    }

    private var putRepository: Route.Handler {
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

    private func profiles(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> HTTPResponse {
        let rows = model.read(at: clock()) { contents in
            contents.reading.state.profiles.values.compactMap(\.last)
                .sorted { $0.name < $1.name }
        }
        return .encoding(ProfileList(profiles: rows))
    }

    /// Every version of one profile: a run may still be working with an older one.
    private func profile(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> HTTPResponse {
        let name = parameters["name"] ?? ""
        let (versions, names) = model.read(at: clock()) { contents in
            let profiles = contents.reading.state.profiles
            return (profiles[name], profiles.keys.sorted())
        }
        guard let versions else {
            throw Problem(
                code: "profile.unknown",
                title: "There is no profile \(name.prefix(80))",
                status: 404,
                detail: "known are \(names.joined(separator: ", "))",
                hint: "giga profile list"
            )
        }
        return .encoding(ProfileVersions(name: name, versions: versions))
    }

    private var putProfile: Route.Handler {
        changing { request, parameters, person throws(Problem) in
            let profile = try request.decodeStrictly(Profile.self)
            guard profile.name == parameters["name"], Naming.isName(profile.name) else {
                throw Problem(
                    code: "profile.bad-name",
                    title: "A profile cannot be named \(profile.name)",
                    status: 400,
                    detail: "A name is \(Naming.rule), and the same as in the path",
                    hint: "giga profile list"
                )
            }
            return .putProfile(profile, by: person)
        }
    }

    private var halt: Route.Handler {
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

    private var resume: Route.Handler {
        changing { request, _, person throws(Problem) in
            let body = request.body.isEmpty ? nil : try request.decodeStrictly(VerbRequest.self)
            return .resume(reason: body?.reason ?? "asked by \(person)", by: person)
        }
    }

    private func stats(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> HTTPResponse {
        let status = model.read(at: clock()) { contents in
            let state = contents.reading.state
            var stages: [String: Int] = [:]
            for stage in Stage.allCases {
                stages[stage.rawValue] = stage.isEnded ? state.count(in: stage) : 0
            }
            for job in state.jobs.values where !job.stage.isEnded {
                stages[job.stage.rawValue, default: 0] += 1
            }
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
    private func events(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> HTTPResponse {
        let after = UInt64(request.query("after") ?? "") ?? 0
        do {
            var body: [UInt8] = []
            for (_, line) in try lines(after: after, limit: 64) { body += line + [10] }
            return HTTPResponse(
                status: 200,
                headers: ["Content-Type": "application/x-ndjson"],
                body: body
            )
        } catch {
            throw Self.unreadable(error)
        }
    }

    private func lines(
        after: UInt64,
        limit: Int
    ) throws(StoreFault) -> [(UInt64, [UInt8])] {
        var lines: [(UInt64, [UInt8])] = []
        for batch in try history.batches(from: after + 1, limit: limit) {
            var position = batch.firstPosition
            for line in EventCodec.lines(of: batch.bytes) {
                if position > after { lines.append((position, Array(line))) }
                position += 1
            }
        }
        return lines
    }

    private var stream: Route.Handler {
        { request, _, responder in
            do throws(Problem) {
                switch request.query("topic") ?? "events" {
                case "orders":
                    let id = try authority.factory(request, model)
                    subscribers.openOrders(of: id, responder)
                case "events":
                    _ = try authority.caller(of: request, model)
                    try feed.open(
                        from: try Self.start(of: request),
                        product: request.query("product"),
                        address: request.remoteAddress,
                        responder
                    )
                case let other:
                    throw Problem(
                        code: "stream.unknown-topic",
                        title: "There is no topic \(other)",
                        status: 400,
                        detail: "Topics are events and orders",
                        hint: "/fleet/stream?topic=events"
                    )
                }
            } catch {
                responder.respond(error)
            }
        }
    }

    /// A reader that comes back says where it was in a header that browsers fill in; whatever
    /// that says, it gets a stream.
    private static func start(of request: HTTPRequest) throws(Problem) -> EventFeed.Start {
        if let last = request.header("Last-Event-ID"), !last.isEmpty {
            return UInt64(last).map { .after($0) } ?? .unknown
        }
        guard let after = request.query("after") else { return .now }
        guard let position = UInt64(after) else {
            throw Problem(
                code: "stream.bad-position",
                title: "This is no position",
                status: 400,
                detail: "after is \"\(after)\", and positions are whole numbers",
                hint: "/fleet/stream?after=0 begins with the first event"
            )
        }
        return .after(position)
    }
}
