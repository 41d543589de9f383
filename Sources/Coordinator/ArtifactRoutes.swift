import FleetModel
import FleetProtocol
import HTTPServing

/// Calls about what runs leave beside their commits.
extension FleetAPI {
    static let artifactCalls: [Call] = [
        Call(
            .put,
            "/fleet/runs/{run}/artifacts/{name}",
            name: "uploadArtifact",
            "Stores an artifact of a run; the same once more changes nothing",
            who: .factory,
            parameters: [
                fence,
                Call.Parameter(
                    "sha256",
                    .sha256,
                    "In hexadecimal digits; a body with another hash is refused"
                ),
            ],
            body: .bytes,
            replies: [.empty("Stored, or it was there already")],
            problems: [
                .unknownJob, .staleLease, .badArtifactName, .otherArtifactHash,
                .tooMuchOfArtifacts, .noRoomForArtifact, .unwritableArtifact, .unreadableStore,
            ],
            receive: { api, request, parameters throws(Problem) in
                try api.receiveArtifact(request, parameters)
            },
            serve: \.uploadArtifact
        ),
        Call(
            .get,
            "/fleet/runs/{run}/artifacts/{name}",
            name: "readArtifact",
            "Gives an artifact of a run, as it was stored",
            who: .reader,
            replies: [.bytes("Its bytes, as a file to be saved")],
            problems: [
                .unknownJob, .unknownArtifact, .clearedArtifact, .overloaded, .unreadableStore,
            ],
            serve: \.readArtifact
        ),
        Call(
            .get,
            "/fleet/jobs/{id}/artifacts",
            name: "listArtifacts",
            "Lists what the runs of a job left beside their commits, by run and name",
            who: .reader,
            parameters: NamedPage<ArtifactList.Row>.parameters,
            replies: [.json(200, ArtifactList.self, "A page, and the total")],
            problems: [.unknownJob, .unreadableStore],
            serve: { $0.reading($0.artifacts) }
        ),
    ]

    private var shelf: ArtifactShelf { listeners.artifacts }

    /// Decided on the head: what nobody may store is never received.
    func receiveArtifact(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> Reception {
        let upload = try upload(request, parameters)
        if let hash = upload.hash, shelf.holds(hash, as: upload.name, of: upload.run) {
            return .answer(.empty(204))
        }
        do throws(ArtifactShelf.Fault) {
            return .pieces(try shelf.spool(for: upload.name, of: upload.run))
        } catch {
            throw Self.problem(error)
        }
    }

    private var uploadArtifact: Route.Handler {
        { request, parameters, responder in
            do throws(Problem) {
                // Once more: meanwhile the lease may have gone to another.
                let upload = try upload(request, parameters)
                shelf.keep(
                    try spool(of: request, upload),
                    name: upload.name,
                    of: upload.run,
                    hash: upload.hash
                ) { fault in
                    responder.respond(fault.map { Self.problem($0).response() } ?? .empty(204))
                }
            } catch {
                responder.respond(error)
            }
        }
    }

    /// What has taken the body, or a new one with the body of a request that came whole.
    private func spool(
        of request: HTTPRequest,
        _ upload: Upload
    ) throws(Problem) -> ArtifactSpool {
        if let spool = request.receiver as? ArtifactSpool { return spool }
        do throws(ArtifactShelf.Fault) {
            let spool = try shelf.spool(for: upload.name, of: upload.run)
            request.body.withUnsafeBytes { spool.take($0) }
            return spool
        } catch {
            throw Self.problem(error)
        }
    }

    private struct Upload {
        let run: RunID
        let name: String
        let hash: String?
    }

    private func upload(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> Upload {
        let run = try holder(request, parameters)
        let name = parameters["name"] ?? ""
        guard Naming.isName(name), name != "log" else {
            throw Problem(
                code: "artifact.bad-name",
                title: "No artifact can be named \(name)",
                status: 400,
                detail: "A name is \(Naming.rule)",
                hint: "Choose another"
            )
        }
        return Upload(run: run, name: name, hash: request.query("sha256"))
    }

    private static func problem(_ fault: ArtifactShelf.Fault) -> Problem {
        switch fault {
        case .noRoom(let path, let free):
            Problem(
                code: "artifact.no-room",
                title: "There is no room for the artifact",
                status: 507,
                detail: "\(path) has \(free) bytes free",
                hint: "giga gc --dry-run shows what can go; then requeue the job"
            )
        case .tooMuch(let why):
            Problem(
                code: "artifact.too-much",
                title: "The run has stored all that one run may",
                status: 413,
                detail: why,
                hint: "Store fewer or smaller files"
            )
        case .busy: Writer.overloaded.problem
        case .broken(let path, let reason):
            Problem(
                code: "artifact.unwritable",
                title: "The artifact could not be written",
                status: 503,
                detail: "\(path): \(reason)",
                hint: "giga doctor"
            )
        case .otherHash(let sent, let named):
            Problem(
                code: "artifact.other-hash",
                title: "The body is not what its hash says",
                status: 422,
                detail: "It has the SHA-256 \(sent), and the request names \(named)",
                hint: "Send it again"
            )
        }
    }

    // MARK: Reading

    private func artifacts(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> HTTPResponse {
        let rows = try find(try job(parameters)).runs.flatMap { run in
            (run.artifacts ?? []).map { ArtifactList.Row(run: run.id, artifact: $0) }
        }.sorted { $0.place < $1.place }
        let page = NamedPage(rows, of: request, name: \.place)
        return .encoding(ArtifactList(artifacts: page.rows, total: page.total, next: page.next))
    }

    private var readArtifact: Route.Handler {
        { request, parameters, responder in
            do throws(Problem) {
                _ = try authority.caller(of: request, model)
                let (artifact, run) = try recorded(parameters)
                shelf.file(artifact.sha256, as: artifact.name, of: run) { found in
                    switch found {
                    case .success(let file?):
                        responder.respond(Self.saved(file, as: artifact.name))
                    case .success: responder.respond(Self.cleared(artifact, of: run))
                    case .failure(let fault): responder.respond(Self.problem(fault))
                    }
                }
            } catch {
                responder.respond(error)
            }
        }
    }

    private func recorded(
        _ parameters: PathParameters
    ) throws(Problem) -> (artifact: Artifact, run: RunID) {
        let run = try run(parameters)
        let name = parameters["name"] ?? ""
        let recorded = try find(run.job).runs.last { $0.id == run.description }?.artifacts
        guard let artifact = recorded?.first(where: { $0.name == name }) else {
            throw Problem(
                code: "artifact.unknown",
                title: "\(run) has no artifact \(name.prefix(80))",
                status: 404,
                detail: "Its evidence names none of that name",
                hint: "giga artifact list \(run.job)"
            )
        }
        return (artifact, run)
    }

    private static func cleared(_ artifact: Artifact, of run: RunID) -> Problem {
        Problem(
            code: "artifact.cleared",
            title: "The artifact \(artifact.name) of \(run) was cleared away",
            status: 410,
            detail: "\(artifact.path) had \(artifact.bytes) bytes, SHA-256 \(artifact.sha256)",
            hint: "giga requeue \(run.job) makes it anew"
        )
    }

    private static func saved(_ file: FileBody, as name: String) -> HTTPResponse {
        var response = HTTPResponse(
            status: 200,
            headers: [
                // Whatever an agent wrote is a file to be saved, and never a page of this server.
                "Content-Type": "application/octet-stream",
                "Content-Disposition": "attachment; filename=\"\(name)\"",
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "sandbox; default-src 'none'",
            ]
        )
        response.file = file
        return response
    }
}
