import FleetCore
import FleetModel
import FleetProtocol
import HTTPServing

/// Calls of factories, and those about them.
extension FleetAPI {
    var remove: Route.Handler {
        changing { _, parameters, person throws(Problem) in
            .remove(
                FactoryID(parameters["name"] ?? ""),
                reason: "removed by \(person)",
                by: person
            )
        }
    }

    var register: Route.Handler {
        { request, _, responder in
            do throws(Problem) {
                let body = try request.decodeStrictly(RegisterRequest.self)
                guard Naming.isName(body.name) else {
                    throw Problem(
                        code: "factory.bad-name",
                        title: "A factory cannot be named \(body.name)",
                        status: 400,
                        detail: "A name is \(Naming.rule)",
                        hint: "--name build-1"
                    )
                }
                let caller = try authority.caller(of: request, model)
                let returning = try returns(caller, as: body.name)
                let token = returning ? nil : randomToken()
                register(body, token: token, responder)
            } catch {
                responder.respond(error)
            }
        }
    }

    /// Whether a factory registers with its own token; nil as name stands for any.
    func returns(_ caller: Authority.Caller, as name: String?) throws(Problem) -> Bool {
        switch caller {
        case .factory(let id) where name == nil || id.name == name: return true
        case .person(let bearer) where Call.Who.joining.roles.contains(bearer.role): return false
        case .factory, .reader, .person:
            throw Problem(
                code: "auth.no-join-token",
                title: "Joining needs a join token",
                status: 401,
                detail: "The request carries neither the operator's nor this factory's token",
                hint: "Start the factory as the user who started the server, or set GIGA_TOKEN"
            )
        }
    }

    private func register(_ body: RegisterRequest, token: String?, _ responder: HTTPResponder) {
        let id = FactoryID(body.name)
        let known = model.read(at: clock()) { $0.reading.state.factories[id]?.tokenHash }
        let registration = Registration(
            factory: id,
            boot: body.boot,
            facts: body.facts,
            stations: body.stations,
            tokenHash: token.map { Digest(sha256: $0).hex } ?? known ?? "",
            isReturning: token == nil
        )
        writer.submit(.register(registration)) { result in
            switch result {
            case .success:
                responder.respond(
                    .encoding(
                        RegisterReply(
                            factory: id,
                            token: token,
                            fleet: settings.fleetID,
                            leases: settings.leases
                        ),
                        status: 201
                    )
                )
            case .failure(let refusal): responder.respond(refusal.response)
            }
        }
    }

    func factories(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> HTTPResponse {
        let rows = model.read(at: clock()) { contents in
            let state = contents.reading.state
            let held = Dictionary(
                grouping: state.jobs.values.compactMap(\.lease),
                by: \.factory
            )
            return state.factories.values.sorted { $0.id < $1.id }.map { factory in
                let seen = contents.reading.seen[factory.id]
                return FactoryList.Row(
                    name: factory.id.name,
                    standing: factory.standing.rawValue,
                    draining: factory.drainingBy != nil,
                    facts: factory.facts,
                    stations: factory.stations,
                    leases: held[factory.id, default: []].sorted { $0.job < $1.job }
                        .map { HeldLease(job: $0.job, fence: $0.fence) },
                    load: seen?.load ?? 0,
                    lastHeartbeat: seen.map { Timestamp.text($0.lastHeartbeat) },
                    claimsNothing: seen?.claimsNothing,
                    drain: Self.drain(of: factory)
                )
            }
        }
        let standing = request.query("standing")
        let draining = request.query("draining").map { $0 == "true" }
        let matching = rows.filter { row in
            (standing == nil || row.standing == standing)
                && (draining == nil || row.draining == draining)
        }
        let page = NamedPage(matching, of: request, name: \.name)
        return .encoding(
            FactoryList(factories: page.rows, total: page.total, next: page.next)
        )
    }

    /// Registrations of an older version do not tell since when.
    private static func drain(of factory: Factory) -> FactoryList.Drain? {
        factory.drainingBy.map { by in
            FactoryList.Drain(
                by: by.description,
                reason: factory.drainingReason ?? "",
                since: Timestamp.text(factory.drainingSince ?? factory.registeredAt)
            )
        }
    }

    var heartbeat: Route.Handler {
        { request, parameters, responder in
            do throws(Problem) {
                let id = try authority.factory(request, model, named: parameters["name"])
                let body = try request.decodeStrictly(HeartbeatRequest.self)
                let heartbeat = Heartbeat(
                    factory: id,
                    boot: body.boot,
                    held: body.held,
                    load: body.load,
                    facts: body.facts,
                    claimsNothing: body.claimsNothing.map { String($0.prefix(200)) },
                    drains: body.drains.map { String($0.prefix(200)) }
                )
                writer.submit(.heartbeat(heartbeat)) { result in
                    responder.respond(Self.heartbeatReply(result))
                }
            } catch {
                responder.respond(error)
            }
        }
    }

    private static func heartbeatReply(
        _ result: Result<Writer.Committed, Refusal>
    ) -> HTTPResponse {
        switch result {
        case .success(let committed):
            guard case .heartbeat(let answer) = committed.answer else { return .empty(204) }
            return .encoding(
                HeartbeatReply(
                    renewed: answer.renewed,
                    lost: answer.lost,
                    orders: answer.orders,
                    paths: answer.paths
                )
            )
        case .failure(let refusal): return refusal.response
        }
    }

    func drain(_ draining: Bool) -> Route.Handler {
        changing { request, parameters, person throws(Problem) in
            let body = request.body.isEmpty ? nil : try request.decodeStrictly(VerbRequest.self)
            return .drain(
                FactoryID(parameters["name"] ?? ""),
                draining: draining,
                reason: body?.reason ?? "asked by \(person)",
                by: person
            )
        }
    }

    var claim: Route.Handler {
        { request, _, responder in
            do throws(Problem) {
                // A stranger learns nothing of what is wrong with its body.
                _ = try authority.factory(request, model)
                let standing = try authority.standing(of: request, model)
                let body = try request.decodeStrictly(ClaimRequest.self)
                let id = try authority.factory(request, model, named: body.factory.name)
                let wait = Timespan(milliseconds: min(max(body.waitMilliseconds, 0), 30_000))
                let claim = Claim(
                    id: body.id,
                    factory: id,
                    boot: body.boot,
                    free: body.free,
                    takesShip: body.takesShip,
                    until: clock().advanced(by: wait)
                )
                let ticket = writer.submit(claim) { result in
                    // It may have waited past the end of its factory's token.
                    if let problem = standing?.end() {
                        responder.respond(problem)
                        return
                    }
                    switch result {
                    case .success(let leases):
                        responder.respond(.encoding(ClaimReply(leases: leases)))
                    case .failure(let refusal): responder.respond(refusal.response)
                    }
                }
                responder.onClientGone { [writer] in writer.abandon(ticket) }
            } catch {
                responder.respond(error)
            }
        }
    }

    var report: Route.Handler {
        { request, parameters, responder in
            do throws(Problem) {
                let id = try authority.factory(request, model)
                let run = try run(parameters)
                let body = try request.decodeStrictly(ReportRequest.self)
                let report = RunReport(
                    run: run.description,
                    fence: body.fence,
                    items: body.items
                )
                perform(.report(report, by: id), responder)
            } catch {
                responder.respond(error)
            }
        }
    }
}
