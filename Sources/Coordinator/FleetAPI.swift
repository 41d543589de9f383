import FleetCore
import FleetModel
import FleetPorts
import FleetProtocol
import HTTPServing

/// What every call of the API works with.
struct FleetAPI: Sendable {
    let writer: Writer
    let model: ReadModel
    let authority: Authority
    let listeners: Listeners
    let history: any StoreHistory
    let settings: FleetSettings
    /// What the server was started with, for people.
    let configuration: [ServerSettings.Row]
    let version: String
    let startedAt: Instant
    let clock: @Sendable () -> Instant
    let randomToken: @Sendable () -> String
    /// On a full disk: reads and `cancel` only.
    let isRescue: Bool
    let meters: ServerMeters

    /// The one table behind routes and description.
    static let calls: [Call] =
        jobCalls + factoryCalls + runCalls + fleetCalls + tokenCalls + metricsCalls
        + traceCalls

    var logs: RunLogs { listeners.logs }

    /// The table that the server serves from.
    var routes: [Route] {
        let all = Self.calls.map { $0.route(self) }
        return (isRescue ? all.map(Self.rescued) : all).map(meters.watching)
    }

    /// A call that only reads: its answer is made at once.
    func reading(
        _ body: @escaping @Sendable (HTTPRequest, PathParameters) throws(Problem) -> HTTPResponse
    ) -> Route.Handler {
        { request, parameters, responder in
            do throws(Problem) {
                _ = try authority.caller(of: request, model)
                responder.respond(try body(request, parameters))
            } catch {
                responder.respond(error)
            }
        }
    }

    /// A call by a person that puts one command to the fleet.
    func changing(
        _ command:
            @escaping @Sendable (HTTPRequest, PathParameters, Principal) throws(Problem) -> Command
    ) -> Route.Handler {
        { request, parameters, responder in
            do throws(Problem) {
                let person = try authority.person(request, model)
                let command = try command(request, parameters, person)
                try perform(command, of: request, by: person, responder)
            } catch {
                responder.respond(error)
            }
        }
    }

    func perform(_ command: Command, _ responder: HTTPResponder) {
        writer.submit(command) { result in
            responder.respond(Self.answer(result, Self.receipt))
        }
    }

    /// Puts a person's command to the fleet; with `Idempotency-Key` a repeat gets the first answer.
    func perform(
        _ command: Command,
        of request: HTTPRequest,
        by person: Principal,
        _ responder: HTTPResponder,
        render: @escaping @Sendable (Writer.Committed) -> HTTPResponse = FleetAPI.receipt
    ) throws(Problem) {
        let repeatable = try repeatable(request, person, render)
        writer.submit(command, repeatable: repeatable) { result in
            responder.respond(Self.answer(result, render))
        }
    }

    static func answer(
        _ result: Result<Writer.Committed, Refusal>,
        _ render: (Writer.Committed) -> HTTPResponse
    ) -> HTTPResponse {
        switch result {
        case .success(let committed):
            committed.repeated.map { .json($0.status, $0.body) } ?? render(committed)
        case .failure(let refusal): refusal.response
        }
    }

    func repeatable(
        _ request: HTTPRequest,
        _ person: Principal,
        _ render: @escaping @Sendable (Writer.Committed) -> HTTPResponse
    ) throws(Problem) -> Writer.Repeatable? {
        guard let key = request.header("Idempotency-Key") else { return nil }
        if let fault = ParameterForm.token(255).fault(of: key) {
            throw Problem(
                code: "request.bad-key",
                title: "The Idempotency-Key cannot be used",
                status: 400,
                detail: "It says \"\(key.prefix(80))\"; \(fault)",
                hint: "Send a random one, such as a UUID"
            )
        }
        let head = "\(request.method.rawValue) \(request.rawTarget)\n"
        return Writer.Repeatable(
            key: "\(person)\n\(Self.bare(key))",
            hash: Digest(sha256: Array(head.utf8) + request.body).hex
        ) { committed in
            let response = render(committed)
            return (response.status, response.body)
        }
    }

    /// A key as a structured field has it, in quotes, and the same one without are one key.
    private static func bare(_ key: String) -> Substring {
        guard key.utf8.count > 2, key.first == "\"", key.last == "\"" else { return key[...] }
        return key.dropFirst().dropLast()
    }

    static func receipt(_ committed: Writer.Committed) -> HTTPResponse {
        var receipt = Receipt(position: committed.position)
        if case .job(let id) = committed.answer {
            receipt.id = id.description
            receipt.stage = committed.stage
        }
        return .encoding(receipt)
    }

    func job(_ parameters: PathParameters) throws(Problem) -> JobID {
        guard let id = JobID(text: parameters["id"] ?? "") else {
            throw Problem(
                code: "job.bad-id",
                title: "This is no job id",
                status: 404,
                detail: "\"\(parameters["id"] ?? "")\" is not job- and a number",
                hint: "giga jobs"
            )
        }
        return id
    }

    func run(_ parameters: PathParameters) throws(Problem) -> RunID {
        guard let id = RunID(text: parameters["run"] ?? "") else {
            throw Problem(
                code: "run.bad-id",
                title: "This is no run id",
                status: 404,
                detail: "\"\(parameters["run"] ?? "")\" is neither job-12.2 nor job-12.ship-5",
                hint: "giga show JOB"
            )
        }
        return id
    }

    func unknownJob(_ id: JobID) -> Problem {
        Problem(
            code: "job.unknown",
            title: "There is no job \(id)",
            status: 404,
            detail: "This coordinator's history has no event for it",
            hint: "giga jobs"
        )
    }
}
