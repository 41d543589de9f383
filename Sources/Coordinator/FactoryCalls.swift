import FleetModel
import FleetProtocol
import HTTPServing

/// The table of calls about factories, and of those that only they make.
extension FleetAPI {
    static let factoryCalls: [Call] = [
        Call(
            .post,
            "/fleet/factories",
            name: "registerFactory",
            "Registers a factory, and gives it its token",
            who: .joining,
            body: .json(
                RegisterRequest(
                    name: "build-1",
                    boot: "9f86d081",
                    facts: [],
                    stations: [exampleStation]
                )
            ),
            replies: [.json(201, RegisterReply.self, "Registered; without a token if it has one")],
            problems: [.badFactoryName, .factoryNameTaken],
            serve: \.register
        ),
        Call(
            .get,
            "/fleet/factories",
            name: "listFactories",
            "Lists factories",
            who: .reader,
            parameters: [
                Call.Parameter(
                    "standing",
                    .oneOf(Factory.Standing.allCases.map(\.rawValue)),
                    "Only those that are heard of like this"
                ),
                Call.Parameter(
                    "draining",
                    .oneOf(["true", "false"]),
                    "Only those that drain, or that do not"
                ),
            ] + NamedPage<FactoryList.Row>.parameters,
            replies: [.json(200, FactoryList.self, "A page by name, and the total")],
            serve: { $0.reading($0.factories) }
        ),
        Call(
            .put,
            "/fleet/factories/{name}/heartbeat",
            name: "beatFactory",
            "Renews the leases that are listed, and repeats the orders",
            who: .factory,
            body: .json(
                HeartbeatRequest(
                    boot: "9f86d081",
                    held: [HeldLease(job: JobID(12), fence: 3)],
                    load: 0
                )
            ),
            replies: [.json(200, HeartbeatReply.self, "What it holds, has lost and shall do")],
            problems: [.unknownFactory, .replacedFactory],
            serve: \.heartbeat
        ),
        draining("drain", "Lets a factory take nothing new", true),
        draining("resume", "Lets a factory take work again", false),
        Call(
            .delete,
            "/fleet/factories/{name}",
            name: "removeFactory",
            "Forgets a factory; its leases go back",
            who: .admin,
            replies: [.json(200, Receipt.self, "Removed")],
            problems: [.unknownFactory],
            serve: \.remove
        ),
        Call(
            .post,
            "/fleet/leases/claim",
            name: "claimLeases",
            "Waits up to 30 s for work; the same claim id gets the same leases",
            who: .factory,
            body: .json(
                ClaimRequest(
                    id: "claim-1",
                    factory: FactoryID("build-1"),
                    boot: "9f86d081",
                    free: [exampleStation],
                    takesShip: true,
                    waitMilliseconds: 0
                )
            ),
            replies: [.json(200, ClaimReply.self, "What was granted; nothing when time was up")],
            problems: [.unknownFactory, .unheardFactory],
            serve: \.claim
        ),
    ]

    static let runCalls: [Call] =
        [
            Call(
                .post,
                "/fleet/runs/{run}/events",
                name: "reportRun",
                "Reports what happened in a run, in order; a repeat is harmless",
                who: .factory,
                body: .json(ReportRequest(fence: 3, items: [.evidenceComplete])),
                replies: [.json(200, Receipt.self, "Heard")],
                problems: [
                    .unknownJob, .unknownRun, .staleLease, .illegalStage, .outOfTurn, .noCandidate,
                    .otherCommit, .missingEvidence,
                ],
                serve: \.report
            ),
            Call(
                .post,
                "/fleet/runs/{run}/log",
                name: "appendRunLog",
                "Appends to the log of a run",
                who: .factory,
                parameters: [
                    fence,
                    Call.Parameter(
                        "offset",
                        .position,
                        "Where in the log the bytes begin",
                        isRequired: true
                    ),
                ],
                body: .bytes,
                replies: [.json(200, LogReply.self, "How much of the log is safe")],
                problems: [
                    .unknownJob, .staleLease, .logGap, .unwritableLog, .busyLog, .unreadableStore,
                ],
                serve: \.appendLog
            ),
            Call(
                .get,
                "/fleet/runs/{run}/log",
                name: "readRunLog",
                "Reads the log of a run: bytes, at most 4 MiB at a time, or lines with as=lines",
                who: .reader,
                parameters: logPlaces,
                replies: [.text("text/plain", "The log from there").or(LogPage.self)],
                problems: [
                    .unknownRunOfLog, .unknownLine, .badCursor, .twoPlaces, .tooManyLogReaders,
                    .unreadableStore,
                ],
                serve: \.readLog
            ),
        ] + artifactCalls

    private static let logPlaces = [
        Call.Parameter("as", .oneOf(["bytes", "lines"]), "bytes unless said"),
        Call.Parameter("offset", .position, "Bytes: from this one on"),
        Call.Parameter("limit", .number(1...10_000), "Lines: at most so many; 1,000 unless said"),
        Call.Parameter("before", .token(64), "Lines before the place that an answer named so"),
        Call.Parameter("after", .token(64), "Lines after it; 0.0 is the beginning"),
        Call.Parameter("line", .number(1...Int64.max), "This line and what is around it"),
        Call.Parameter("match", .text(1...1_000), "Only lines that contain this text"),
        Call.Parameter("case", .oneOf(["exact", "ignore"]), "exact unless said"),
        Call.Parameter("wait", .number(0...30_000), "Wait so many ms for something new"),
    ]

    static let fence = Call.Parameter(
        "fence",
        .counter,
        "The fence of the lease",
        isRequired: true
    )

    private static let exampleStation = Station(engine: "shell", classes: ["light"], count: 2)

    private static func draining(_ name: String, _ summary: String, _ drains: Bool) -> Call {
        Call(
            .post,
            "/fleet/factories/{name}/\(name)",
            name: "\(name)Factory",
            summary,
            who: .overseer,
            body: .json(VerbRequest(reason: "The machine is to be moved"), isOptional: true),
            replies: [.json(200, Receipt.self, "Done, or it was so already")],
            problems: [.unknownFactory] + (drains ? [] : [.stoppingFactory]),
            serve: { $0.drain(drains) }
        )
    }
}
