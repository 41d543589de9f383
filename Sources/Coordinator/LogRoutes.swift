import FleetCore
import FleetModel
import FleetProtocol
import HTTPServing

/// Calls about the logs of runs.
extension FleetAPI {
    /// The lease under which bytes of a run arrive; a stale fence may not add to its log.
    func holder(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> RunID {
        let id = try authority.factory(request, model)
        let run = try run(parameters)
        let fence = UInt64(request.query("fence") ?? "") ?? 0
        let job = try find(run.job)
        let isPresent = job.lease?.factory == id && job.lease?.run == run
        let last = job.lease == nil ? job.runs.last : nil
        let wasLast = last?.id == run.description && last?.factory == id
        guard job.fence == fence, isPresent || wasLast else {
            throw Problem(
                code: "lease.stale",
                title: "\(run) is no longer \(id)'s",
                status: 409,
                detail: "fence \(fence) was followed by \(job.fence)",
                hint: "stop this worker; its work stays in the factory's quarantine"
            )
        }
        return run
    }

    var appendLog: Route.Handler {
        { request, parameters, responder in
            do throws(Problem) {
                let run = try holder(request, parameters)
                let offset = Int64(request.query("offset") ?? "") ?? 0
                logs.append(request.body, at: offset, to: run) { result in
                    switch result {
                    case .success(let safe):
                        responder.respond(.encoding(LogReply(acknowledged: safe)))
                    case .failure(let fault): responder.respond(Self.logProblem(fault))
                    }
                }
            } catch {
                responder.respond(error)
            }
        }
    }

    private static func logProblem(_ fault: RunLogs.Fault) -> HTTPResponse {
        switch fault {
        case .gap(let acknowledged):
            Problem(
                code: "log.gap",
                title: "The chunk begins after the end of the log",
                status: 409,
                detail: "\(acknowledged) bytes are here",
                hint: "Send from \(acknowledged) on"
            ).response()
        case .broken(let path, let reason):
            Problem(
                code: "log.unwritable",
                title: "The log could not be written",
                status: 503,
                detail: "\(path): \(reason)",
                hint: "giga doctor"
            ).response()
        case .busy:
            Problem(
                code: "log.busy",
                title: "More output waits to be stored than there is room for",
                status: 503,
                detail: "The disk takes it more slowly than runs print",
                hint: "Send the same chunk again in a moment"
            ).response(headers: ["Retry-After": "1"])
        }
    }

    /// Bytes from an offset on, or lines with `as=lines`.
    var readLog: Route.Handler {
        { request, parameters, responder in
            do throws(Problem) {
                _ = try authority.caller(of: request, model)
                let standing = try authority.standing(of: request, model)
                let run = try run(parameters)
                let isKnown = logs.length(of: run) == nil ? try knows(run) : true
                guard isKnown else { throw Self.unknownRun(run) }
                let wait = min(request.query("wait").flatMap { Int64($0) } ?? 0, 30_000)
                try listeners.logReading.ask(
                    try Self.question(of: request),
                    of: run,
                    wait: .milliseconds(max(0, wait)),
                    by: standing,
                    responder
                )
            } catch {
                responder.respond(error)
            }
        }
    }

    private static func question(
        of request: HTTPRequest
    ) throws(Problem) -> LogReading.Question {
        guard request.query("as") == "lines" else {
            let offset = request.query("offset").flatMap { Int64($0) } ?? 0
            return .bytes(from: max(0, offset))
        }
        var query = LogQuery()
        var places: [LogQuery.Place] = []
        for (name, place) in [("before", LogQuery.Place.before), ("after", LogQuery.Place.after)] {
            guard let text = request.query(name) else { continue }
            guard let cursor = LogCursor(text: text) else { throw LogReading.badCursor }
            places.append(place(cursor))
        }
        if let line = request.query("line").flatMap({ Int($0) }) { places.append(.line(line)) }
        guard places.count < 2 else {
            throw Problem(
                code: "log.two-places",
                title: "A page of a log begins at one place",
                status: 400,
                detail: "The query has several of before, after and line",
                hint: "Give one of them, or none for the newest lines"
            )
        }
        if let place = places.first { query.place = place }
        if let limit = request.query("limit").flatMap({ Int($0) }) {
            query.limit = min(max(1, limit), LogShelf.mostLines)
        }
        if let text = request.query("match"), !text.isEmpty {
            query.pattern = LogPattern(text, ignoresCase: request.query("case") == "ignore")
        }
        return .lines(query)
    }

    /// Whether there is or was such a run, with or without a log.
    private func knows(_ run: RunID) throws(Problem) -> Bool {
        let job: Job
        do { job = try find(run.job) } catch {
            if error.status == 404 { return false }
            throw error
        }
        return job.lease?.run == run || job.runs.contains { $0.id == run.description }
    }

    private static func unknownRun(_ run: RunID) -> Problem {
        Problem(
            code: "log.unknown-run",
            title: "There is no run \(run)",
            status: 404,
            detail: "No factory was ever given a lease of this name",
            hint: "giga show \(run.job)"
        )
    }
}
