import FleetModel
import FleetProtocol
import Manifests

/// `giga factory …`: run one, list them, drain and remove them.
struct FactoryCommand: Sendable {
    let usage: Usage
    let run: @Sendable (Arguments, Shop) throws(CommandFault) -> ExitCode

    static let start = FactoryCommand(
        usage: Usage(
            "factory run",
            .fleet,
            "Run a factory on this machine until it is drained",
            options: [
                .value("name", "NAME", "Its name in the fleet (default: the host's)"),
                Usage.data,
                .value("stations", "LIST", "Such as claude=2,shell=4 (default: by what is here)"),
                .value("facts", "LIST", "More facts, such as gpu,node=20.1.0"),
                .value("max", "COUNT", "Workers in all"),
                .value("max-load", "LOAD", "Claim nothing while the machine's load is above it"),
                .value("disk-min", "SIZE", "Claim nothing while less is free (default: 1GiB)"),
                .value("run-memory", "SIZE", "What one process of a run may have"),
                .value("run-processes", "COUNT", "Processes of a run"),
                .value("run-file-size", "SIZE", "The largest file a run may write"),
            ],
            example: "giga factory run --name build-1 --stations shell=2"
        ),
        run: { arguments, shop throws(CommandFault) in
            try arguments.none()
            return try shop.runFactory(try options(arguments, shop))
        }
    )

    static func options(
        _ arguments: Arguments,
        _ shop: Shop
    ) throws(CommandFault) -> FactoryOptions {
        let places = Places(shop.environment)
        let settings = try Settings.load(shop)
        let url = settings.coordinator(arguments)
        let name = arguments.value("name") ?? settings.value(of: "name") ?? HostName.current
        guard Naming.isName(name) else {
            throw .usage(
                "A factory cannot be named \(name)",
                why: "a name is \(Naming.rule)",
                hint: "--name build-1"
            )
        }
        var workers = settings.typed(\.max)
        if let text = arguments.value("max") {
            guard let count = Int(text), (1...1000).contains(count) else {
                throw .usage("--max is \"\(text)\"", why: "it is 1 to 1000", hint: "--max 3")
            }
            workers = count
        }
        let base = settings.value(of: "data") ?? places.data
        let data = arguments.value("data") ?? "\(base)/factory-\(name)"
        let facts =
            arguments.value("facts")?.split(separator: ",").map(String.init)
            ?? settings.typed(\.facts) ?? []
        for fact in facts {
            do { _ = try Fact(parsing: fact) } catch {
                throw .usage("--facts: \(error.what)", why: "it reads \(fact)", hint: error.hint)
            }
        }
        let consent = engines(settings, arguments, shop)
        // A stranger's repository may name any coordinator: the user's token is not for it.
        let isForeign = settings.isCoordinatorOfProject(arguments)
        let known =
            isForeign ? shop.environment.filter { $0.key != "GIGA_TOKEN" } : shop.environment
        var options = FactoryOptions(
            coordinator: url,
            name: name,
            dataFolder: Files.absolute(data, from: shop.workingFolder),
            stations: consent.stations,
            facts: facts,
            joinToken: Places(known).token(forURL: url),
            maxWorkers: workers,
            templates: consent.templates,
            minimumFreeBytes: try size("disk-min", \.diskMin, arguments, settings)
        )
        options.authorities = try Certificates.authorities(arguments, shop)
        options.maximumLoadMilli = try load(arguments) ?? settings.typed(\.maxLoadMilli)
        options.runMemoryBytes = try size("run-memory", \.runMemory, arguments, settings)
        options.runFileBytes = try size("run-file-size", \.runFileSize, arguments, settings)
        options.runProcesses = settings.typed(\.runProcesses)
        if let text = arguments.value("run-processes") {
            guard let count = Int(text), (16...1_000_000).contains(count) else {
                throw .usage(
                    "--run-processes is \"\(text)\"",
                    why: "it is 16 to 1000000",
                    hint: "--run-processes 4096"
                )
            }
            options.runProcesses = count
        }
        return options
    }

    /// Engines that may run here, and a word on those that only the repository knows.
    private static func engines(
        _ settings: Settings,
        _ arguments: Arguments,
        _ shop: Shop
    ) -> EngineConsent {
        let isProjects = settings.isOfProject("stations")
        let consent = EngineConsent(
            own: settings.ownEngines,
            projects: settings.projectEngines,
            asked: arguments.value("stations") ?? (isProjects ? nil : settings.stations),
            suggested: isProjects ? settings.stations : nil
        )
        for name in consent.left {
            shop.console.say(
                "note: the engine command:\(name) of \(settings.path ?? "giga.yaml") is not run;"
                    + " --stations command:\(name)=1 allows it"
            )
        }
        return consent
    }

    private static func size(
        _ name: String,
        _ setting: KeyPath<Configuration, Int64?>,
        _ arguments: Arguments,
        _ settings: Settings
    ) throws(CommandFault) -> UInt64? {
        guard let text = arguments.value(name) else {
            return settings.typed(setting).map { UInt64($0) }
        }
        guard let bytes = Quantities.bytes(text) else {
            throw .usage(
                "--\(name) is \"\(text)\"",
                why: "it is a size such as 512MiB or 2GB",
                hint: "--\(name) 2GiB"
            )
        }
        return UInt64(bytes)
    }

    private static func load(_ arguments: Arguments) throws(CommandFault) -> Int64? {
        guard let text = arguments.value("max-load") else { return nil }
        guard let milli = Quantities.decimal(text, places: 3), milli > 0 else {
            throw .usage(
                "--max-load is \"\(text)\"",
                why: "it is a load above 0 with at most three decimals",
                hint: "--max-load 4"
            )
        }
        return milli
    }

    static let list = FactoryCommand(
        usage: Usage(
            "factory list",
            .fleet,
            "List factories with stations, load and leases",
            options: [Usage.json],
            example: "giga factory list"
        ),
        run: { arguments, shop throws(CommandFault) in
            let client = try CoordinatorClient(arguments, shop)
            let list = try client.factories()
            if arguments.wantsJSON {
                JSONOutput.print(list, arguments, rows: "factories", shop.console)
                return .done
            }
            guard !list.factories.isEmpty else {
                shop.console.say(
                    "Here every machine of the fleet will stand. Start one with: giga factory run"
                )
                return .done
            }
            let rows = list.factories.map { factory in
                let stations = factory.stations.map { "\($0.engine)=\($0.count)" }
                return [
                    factory.name, standing(of: factory), stations.joined(separator: ","),
                    load(of: factory),
                    factory.leases.map(\.job.description).joined(separator: " "),
                ]
            }
            let titles = ["factory", "standing", "stations", "load", "works on"]
            for line in Table.lines(titles, rows) { shop.console.print(line) }
            for factory in list.factories {
                if let drain = factory.drain {
                    let who = drain.by == "factory:\(factory.name)" ? "" : ", by \(drain.by)"
                    shop.console.print(
                        "\(factory.name) drains since \(drain.since)\(who): \(drain.reason)"
                    )
                } else if let why = factory.claimsNothing {
                    shop.console.print("\(factory.name) claims nothing: \(why)")
                }
            }
            return .done
        }
    )

    /// What it stands for, and how regularly it is heard of where that is another matter.
    private static func standing(of factory: FactoryList.Row) -> String {
        guard factory.draining else { return factory.standing }
        return factory.standing == Factory.Standing.present.rawValue
            ? "draining" : "\(factory.standing), draining"
    }

    /// Of the last minute, over all cores.
    private static func load(of factory: FactoryList.Row) -> String {
        "\(max(factory.load, 0) / 10_000)%"
    }

    static let drain = verb("drain", "Let a factory finish what it has and take nothing new")
    static let resume = verb("resume", "Let a drained factory take work again")

    private static func verb(_ verb: String, _ summary: String) -> FactoryCommand {
        FactoryCommand(
            usage: Usage(
                "factory \(verb)",
                .fleet,
                summary,
                positionals: "NAME",
                options: [Usage.reason, Usage.dryRun],
                example: "giga factory \(verb) build-1"
            ),
            run: { arguments, shop throws(CommandFault) in
                let name = try arguments.only("NAME")
                let client = try CoordinatorClient(arguments, shop)
                if arguments.has("dry-run") {
                    let factory = try find(name, client)
                    let now = factory.draining ? "draining" : factory.standing
                    shop.console.say("would \(verb) \(name), now \(now)")
                    return .done
                }
                let receipt = try client.post(
                    "/fleet/factories/\(Percent.encoded(name))/\(verb)",
                    VerbRequest(reason: arguments.value("reason")),
                    as: Receipt.self
                )
                let position = receipt.position.map { "event \($0)" } ?? "nothing changed"
                shop.console.print("\(name)  \(verb)  \(position)")
                return .done
            }
        )
    }

    static let remove = FactoryCommand(
        usage: Usage(
            "factory remove",
            .fleet,
            "Forget a factory; its leases go back to the queue",
            positionals: "NAME",
            options: [Usage.dryRun],
            example: "giga factory remove build-1"
        ),
        run: { arguments, shop throws(CommandFault) in
            let name = try arguments.only("NAME")
            let client = try CoordinatorClient(arguments, shop)
            let factory = try find(name, client)
            let jobs = factory.leases.map(\.job.description).joined(separator: ", ")
            let what = "\(name)" + (jobs.isEmpty ? ", which holds no job" : "; \(jobs) go back")
            if arguments.has("dry-run") {
                shop.console.say("would remove \(what)")
                return .done
            }
            guard jobs.isEmpty || shop.console.confirms("remove \(what)", arguments) else {
                return .nothingChanged
            }
            try client.delete("/fleet/factories/\(Percent.encoded(name))", as: Receipt.self)
            shop.console.print("\(name)  removed")
            return .done
        }
    )

    private static func find(
        _ name: String,
        _ client: CoordinatorClient
    ) throws(CommandFault) -> FactoryList.Row {
        let list = try client.factories().factories
        if let factory = list.first(where: { $0.name == name }) { return factory }
        let near = Spelling.nearest(to: name, among: list.map(\.name))
        throw CommandFault(
            .failed,
            "factory.unknown",
            what: "There is no factory \(name)",
            why: near.map { "did you mean \($0)?" } ?? "nothing is spelt like it",
            hint: "giga factory list"
        )
    }
}
