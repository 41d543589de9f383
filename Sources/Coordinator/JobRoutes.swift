import FleetCore
import FleetModel
import FleetPorts
import FleetProtocol
import HTTPServing

/// Calls about jobs.
extension FleetAPI {
    static let jobCalls: [Call] =
        [
            Call(
                .post,
                "/fleet/jobs",
                name: "submitJobs",
                "Submits job files, whole or not at all",
                who: .person,
                parameters: [
                    Call.Parameter("name", .text(1...1024), "Of a Markdown body: the file's name")
                ],
                body: .json(
                    SubmitRequest(files: [.init(name: "fix.md", text: exampleJob)]),
                    or: .text("text/markdown", example: exampleJob)
                ),
                replies: [
                    .json(201, SubmitReply.self, "At least one job is new"),
                    .json(200, SubmitReply.self, "All of them were there already"),
                ],
                problems: [
                    .emptySubmission, .invalidManifest, .noRepository, .notKeptYet,
                    .reservedProduct, .badRequirement, .unfulfillable, .badProfileName,
                    .unknownProfile,
                    .unknownRepository, .unknownDependency, .dependencyCycle, .keyConflict,
                ],
                serve: \.submit
            ),
            Call(
                .get,
                "/fleet/jobs",
                name: "listJobs",
                "Lists jobs",
                who: .reader,
                parameters: [
                    Call.Parameter(
                        "stage",
                        .oneOf(Stage.allCases.map(\.rawValue)),
                        "Only this stage"
                    ),
                    Call.Parameter("product", .named("main"), "Only jobs of this product"),
                    Call.Parameter(
                        "mine",
                        .oneOf(["true", "false"]),
                        "Only jobs that the token's own person submitted"
                    ),
                    Call.Parameter("after", .job, "Only what comes after this job"),
                    Call.Parameter(
                        "limit",
                        .number(1...10_000),
                        "At most so many; 1000 unless said"
                    ),
                ] + JobFilter.parameters,
                replies: [.json(200, JobList.self, "The jobs, and the true total of the filter")],
                problems: [.unreadableStore, .unknownJob, .overloaded],
                serve: \.list
            ),
            Call(
                .get,
                "/fleet/jobs/{id}",
                name: "readJob",
                "Tells everything about one job",
                who: .reader,
                replies: [.json(200, JobDetail.self, "The job")],
                problems: [.unknownJob, .unreadableStore],
                serve: { $0.reading($0.show) }
            ),
            Call(
                .get,
                "/fleet/jobs/{id}/events",
                name: "listJobEvents",
                "Lists the events of a job, by position",
                who: .reader,
                replies: [.text("application/x-ndjson", "A line of JSON for each event")],
                problems: [.unknownJob, .unreadableStore],
                serve: { $0.reading($0.events) }
            ),
            Call(
                .get,
                "/fleet/jobs/{id}/runs",
                name: "listRuns",
                "Lists the runs of a job, oldest first",
                who: .reader,
                replies: [.json(200, RunList.self, "All of them")],
                problems: [.unknownJob, .unreadableStore],
                serve: { $0.reading($0.runs) }
            ),
            Call(
                .get,
                "/fleet/jobs/{id}/decision",
                name: "readDecision",
                "Tells why a job was placed, or what stands in its way",
                who: .reader,
                replies: [.json(200, WhyReply.self, "The explanation")],
                problems: [.unknownJob, .unreadableStore],
                serve: { $0.reading($0.why) }
            ),
            Call(
                .get,
                "/fleet/jobs/{id}/diff",
                name: "readDiff",
                "Shows the change of a job's newest attempt that has one",
                who: .reader,
                replies: [.text("text/x-diff", "The change, as git writes it")],
                problems: [.unknownJob, .noDiff, .unreadableStore],
                serve: { $0.reading($0.diff) }
            ),
        ] + verbCalls + wordCalls + reviewCalls + inboxCalls

    private static let verbCalls: [Call] = [
        verb(
            "promote",
            "Vouches for a job in review",
            [.illegalStage, .gatheringEvidence, .needsPerson, .forReviewers]
        ) { id, _, person in .promote(id, by: person) },
        verb(
            "ship",
            "Asks for a ship run of a job in testing",
            [.illegalStage, .alreadyShipping, .alreadyAsked, .paused, .halted, .needsPerson]
        ) { id, _, person in .ship(id, by: person) },
        verb(
            "reject",
            "Ends a job whose work is not wanted",
            [.illegalStage]
        ) { id, reason, person in .reject(id, reason: reason, by: person) },
        verb(
            "requeue",
            "Starts a job once more",
            [.illegalStage, .alreadyShipping]
        ) { id, reason, person in .requeue(id, reason: reason, by: person) },
        verb(
            "cancel",
            "Ends a job; running work is stopped first",
            [.illegalStage]
        ) { id, reason, person in .cancel(id, reason: reason, by: person) },
        verb(
            "pause",
            "Holds a job; running work is stopped first, and kept",
            [.illegalStage, .waitsAlready, .stopping]
        ) { id, reason, person in .pause(id, reason: reason, by: person) },
        verb(
            "resume",
            "Lets a paused job go on",
            [.notPaused]
        ) { id, reason, person in .resumeJob(id, reason: reason, by: person) },
    ]

    private static func verb(
        _ name: String,
        _ summary: String,
        _ problems: [Problem.Kind],
        _ command: @escaping @Sendable (JobID, String, Principal) -> Command
    ) -> Call {
        Call(
            .post,
            "/fleet/jobs/{id}/\(name)",
            name: "\(name)Job",
            summary,
            who: .person,
            body: .json(VerbRequest(reason: "It is wanted"), isOptional: true),
            replies: [.json(200, Receipt.self, "Done, or nothing was to be done")],
            problems: [.unknownJob] + problems
        ) { api in
            api.changing { request, parameters, person throws(Problem) in
                let body = request.body.isEmpty ? nil : try request.decodeStrictly(VerbRequest.self)
                let reason = body?.reason ?? "asked by \(person)"
                return command(try api.job(parameters), reason, person)
            }
        }
    }

    private static let exampleJob = """
        ---
        title: Fix the till
        repo: shop
        ---
        The till rounds up. It should round to the nearest cent.
        """

    private var submit: Route.Handler {
        { request, _, responder in
            do throws(Problem) {
                let bearer = try authority.bearer(request, model)
                let person = bearer.principal
                let (submissions, notes) = try SubmissionReading.submissions(of: request)
                for submission in submissions { try Self.refuse(bearer, submission.product) }
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

    private func runs(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> HTTPResponse {
        let found = try find(try job(parameters))
        let runs = model.read(at: clock()) { $0.reading.detail(of: found, nil).runs }
        return .encoding(RunList(runs: runs, total: runs.count))
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
        var body: [UInt8] = []
        for line in try eventLines(of: try job(parameters)) {
            body += line
            body.append(10)
        }
        return HTTPResponse(
            status: 200,
            headers: ["Content-Type": "application/x-ndjson"],
            body: body
        )
    }

    /// The events of a job as they are stored, by position.
    func eventLines(of id: JobID) throws(Problem) -> [ArraySlice<UInt8>] {
        let product = try find(id).terms.product
        let needle = Array("\"job\":\"\(id)\",".utf8)
        do {
            return try history.batches(ofJob: "\(id)", product: product)
                .flatMap { EventCodec.lines(of: $0.bytes) }
                .filter { $0.prefix(400).contains(needle) }
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
            guard let run = RunID(text: attempt.id),
                let bytes = listeners.artifacts.bytes("diff", of: run)
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
