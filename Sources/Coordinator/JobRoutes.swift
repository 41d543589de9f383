import FleetCore
import FleetModel
import FleetPorts
import FleetProtocol
import HTTPServing

/// Calls about jobs.
extension FleetAPI {
    var jobRoutes: [Route] {
        [
            Route(.post, "/fleet/jobs", name: "submitJobs", handler: submit),
            Route(.get, "/fleet/jobs", name: "listJobs", handler: reading(list)),
            Route(.get, "/fleet/jobs/{id}", name: "readJob", handler: reading(show)),
            Route(.get, "/fleet/jobs/{id}/events", name: "listJobEvents", handler: reading(events)),
            Route(.get, "/fleet/jobs/{id}/decision", name: "readDecision", handler: reading(why)),
            Route(.get, "/fleet/jobs/{id}/diff", name: "readDiff", handler: reading(diff)),
            verb("promote") { id, _, person in .promote(id, by: person) },
            verb("ship") { id, _, person in .ship(id, by: person) },
            verb("approve") { id, _, person in .approve(id, by: person) },
            verb("reject") { id, reason, person in .reject(id, reason: reason, by: person) },
            verb("requeue") { id, reason, person in .requeue(id, reason: reason, by: person) },
            verb("cancel") { id, reason, person in .cancel(id, reason: reason, by: person) },
        ]
    }

    private func verb(
        _ name: String,
        _ command: @escaping @Sendable (JobID, String, Principal) -> Command
    ) -> Route {
        Route(
            .post,
            "/fleet/jobs/{id}/\(name)",
            name: "\(name)Job",
            handler: changing { request, parameters, person throws(Problem) in
                let body = request.body.isEmpty ? nil : try request.decodeStrictly(VerbRequest.self)
                return command(try job(parameters), body?.reason ?? "asked by \(person)", person)
            }
        )
    }

    private var submit: Route.Handler {
        { request, _, responder in
            do throws(Problem) {
                let person = try authority.person(request, model)
                let (submissions, notes) = try SubmissionReading.submissions(of: request)
                let command = Command.submit(submissions, by: person)
                try perform(command, of: request, by: person, responder) { committed in
                    Self.accepted(committed.answer, notes)
                }
            } catch {
                responder.respond(error)
            }
        }
    }

    private static func accepted(_ answer: Answer, _ notes: [[String]]) -> HTTPResponse {
        guard case .submitted(let jobs) = answer else { return .empty(204) }
        let accepted = zip(jobs, notes).map { job, notes in
            SubmitReply.Accepted(
                id: job.id,
                stage: job.stage,
                created: job.created,
                notes: notes + job.notes
            )
        }
        let isNew = accepted.contains(where: \.created)
        return .encoding(SubmitReply(jobs: accepted), status: isNew ? 201 : 200)
    }

    private func show(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> HTTPResponse {
        let found = try find(try job(parameters))
        let detail = model.read(at: clock()) { contents in
            contents.reading.detail(of: found, contents.liveLeases[found.id])
        }
        return .encoding(detail)
    }

    private func why(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> HTTPResponse {
        let found = try find(try job(parameters))
        var stored: [UInt8]?
        if let run = found.runs.last(where: { $0.kind == .attempt }) {
            do {
                stored = try history.fetch(
                    table: .decisions,
                    product: found.terms.product,
                    key: run.id
                )
            } catch {
                throw Self.unreadable(error)
            }
        }
        return .encoding(model.read(at: clock()) { $0.reading.why(found, stored: stored) })
    }

    private func events(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> HTTPResponse {
        let id = try job(parameters)
        let product = try find(id).terms.product
        do {
            let batches = try history.batches(ofJob: "\(id)", product: product)
            let needle = Array("\"job\":\"\(id)\",".utf8)
            var body: [UInt8] = []
            for line in batches.flatMap({ EventCodec.lines(of: $0.bytes) })
            where line.prefix(400).contains(needle) {
                body += line
                body.append(10)
            }
            return HTTPResponse(
                status: 200,
                headers: ["Content-Type": "application/x-ndjson"],
                body: body
            )
        } catch {
            throw Self.unreadable(error)
        }
    }

    private func diff(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> HTTPResponse {
        let id = try job(parameters)
        let found = try find(id)
        let attempts = found.runs.filter { $0.kind == .attempt }.reversed()
        for attempt in attempts {
            guard let run = RunID(text: attempt.id), let bytes = logs.artifact("diff", of: run)
            else { continue }
            return HTTPResponse(
                status: 200,
                headers: ["Content-Type": "text/x-diff; charset=utf-8"],
                body: bytes
            )
        }
        throw Problem(
            code: "job.no-diff",
            title: "\(id) has no change to show yet",
            status: 404,
            detail: "No attempt of it has handed in its result",
            hint: "giga show \(id)"
        )
    }

    static func unreadable(_ fault: StoreFault) -> Problem {
        Problem(
            code: "store.unreadable",
            title: "The store could not be read",
            status: 503,
            detail: "\(fault)",
            hint: "giga doctor"
        )
    }
}
