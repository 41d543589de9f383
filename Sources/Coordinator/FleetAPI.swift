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
    let subscribers: Subscribers
    let logs: RunLogs
    let history: any StoreHistory
    let settings: FleetSettings
    let version: String
    let startedAt: Instant
    let clock: @Sendable () -> Instant
    let randomToken: @Sendable () -> String
    /// On a full disk: reads and `cancel` only.
    let isRescue: Bool

    /// The table that the server serves from.
    var routes: [Route] {
        let all = jobRoutes + factoryRoutes + fleetRoutes
        return isRescue ? all.map(Self.rescued) : all
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
                perform(command, responder)
            } catch {
                responder.respond(error)
            }
        }
    }

    func perform(_ command: Command, _ responder: HTTPResponder) {
        writer.submit(command) { result in
            switch result {
            case .success(let committed): responder.respond(self.receipt(committed))
            case .failure(let refusal): responder.respond(refusal.problem)
            }
        }
    }

    private func receipt(_ committed: Writer.Committed) -> HTTPResponse {
        var receipt = Receipt(position: committed.position)
        if case .job(let id) = committed.answer {
            receipt.id = id.description
            receipt.stage = model.read(at: clock()) { $0.reading.state.jobs[id]?.stage }
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
