import FleetModel
import FleetProtocol
import HTTPServing
import Synchronization

/// The table of calls about the fleet as a whole.
extension FleetAPI {
    static let fleetCalls: [Call] =
        [
            Call(
                .get,
                "/fleet/repos",
                name: "listRepositories",
                "Lists repositories",
                who: .reader,
                parameters: NamedPage<Repository>.parameters,
                replies: [.json(200, RepositoryList.self, "A page by name, and the total")],
                serve: { $0.reading($0.repositories) }
            ),
            Call(
                .put,
                "/fleet/repos/{name}",
                name: "putRepository",
                "Registers a repository, or changes it",
                who: .admin,
                body: .json(Repository(name: "shop", url: "/srv/git/shop.git", target: "main")),
                replies: [.json(200, Receipt.self, "Stored, or it was so already")],
                problems: [
                    .badRepositoryName, .badRepositoryURL, .badTarget, .shipNotKeptYet,
                    .badRepositoryArtifacts,
                    .badProfileName,
                ],
                serve: \.putRepository
            ),
            Call(
                .post,
                "/fleet/halt",
                name: "haltFleet",
                "Halts the fleet",
                who: .overseer,
                body: .json(HaltRequest(level: .dev, reason: "The build machine is on fire")),
                replies: [.json(200, Receipt.self, "Halted")],
                problems: [.noHaltReason],
                serve: \.halt
            ),
            Call(
                .post,
                "/fleet/resume",
                name: "resumeFleet",
                "Ends a halt",
                who: .overseer,
                body: .json(VerbRequest(reason: "The fire is out"), isOptional: true),
                replies: [.json(200, Receipt.self, "Resumed")],
                problems: [.notHalted],
                serve: \.resume
            ),
        ] + profileCalls + policyCalls + watchingCalls

    private static let watchingCalls: [Call] = [
        Call(
            .get,
            "/fleet/stats",
            name: "readStats",
            "Counts jobs by stage, and tells of factories, halt and position",
            who: .reader,
            replies: [.json(200, FleetStatus.self, "The fleet at this moment")],
            serve: { $0.reading($0.stats) }
        ),
        Call(
            .get,
            "/fleet/events",
            name: "listEvents",
            "Lists events of the whole fleet; ask again from the last until nothing comes",
            who: .reader,
            parameters: [Call.Parameter("after", .counter, "Only events after this position")],
            replies: [.text("application/x-ndjson", "A line of JSON for each event")],
            problems: [.unreadableStore, .overloaded],
            serve: \.allEvents
        ),
        Call(
            .get,
            "/fleet/stream",
            name: "openStream",
            "Streams events, or a factory's orders, as they come; a comment each 15 seconds",
            who: .listener,
            parameters: [
                Call.Parameter("topic", .oneOf(["events", "orders"]), "events unless said"),
                Call.Parameter("after", .counter, "Events after this position come first"),
                Call.Parameter("product", .named("main"), "Only events of this product"),
                .header("Last-Event-ID", .text(0...1024), "The same as after, and stronger"),
            ],
            replies: [.text("text/event-stream", "Server-sent events without end")],
            problems: [.tooManyStreams, .tooManyStreamsOfClient, .streamNeedsProduct],
            serve: \.stream
        ),
        Call(
            .get,
            "/healthz",
            name: "checkLiveness",
            "Tells that the process lives",
            who: .anybody,
            replies: [.text("text/plain", "ok")],
            serve: { _ in { _, _, responder in responder.respond(.text(200, "ok\n")) } }
        ),
        Call(
            .get,
            "/readyz",
            name: "checkReadiness",
            "Tells that the writer answers",
            who: .anybody,
            replies: [.text("text/plain", "ready")],
            problems: [.overloaded, .storeAway],
            serve: { api in
                { _, _, responder in
                    let refusal = api.writer.look { _ in responder.respond(.text(200, "ready\n")) }
                    if let refusal { responder.respond(refusal.response) }
                }
            }
        ),
        Call(
            .get,
            "/openapi.json",
            name: "readDescription",
            "Describes all of this, as OpenAPI 3.1",
            who: .anybody,
            replies: [.anyJSON("The description")],
            serve: { api in
                // Written when it is first asked for: a start does not wait for it.
                let kept = Mutex<[UInt8]?>(nil)
                return { _, _, responder in
                    let bytes = kept.withLock { kept in
                        let bytes = kept ?? APIDescription.bytes(version: api.version)
                        kept = bytes
                        return bytes
                    }
                    responder.respond(.json(200, bytes))
                }
            }
        ),
    ]
}
