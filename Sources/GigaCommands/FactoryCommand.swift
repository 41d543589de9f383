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
            ],
            example: "giga factory run --name build-1 --stations shell=2"
        ),
        run: { arguments, shop throws(CommandFault) in
            try arguments.none()
            return try shop.runFactory(try options(arguments, shop))
        }
    )

    private static func options(
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
        return FactoryOptions(
            coordinator: url,
            name: name,
            dataFolder: Files.absolute(data, from: shop.workingFolder),
            stations: arguments.value("stations") ?? settings.stations,
            facts: facts,
            joinToken: places.token(forURL: url),
            maxWorkers: workers,
            configurationFile: settings.path,
            minimumFreeBytes: settings.typed(\.diskMin).map { UInt64($0) }
        )
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
            let list = try client.get("/fleet/factories", as: FactoryList.self)
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
                let standing = factory.draining ? "draining" : factory.standing
                return [
                    factory.name, standing, stations.joined(separator: ","),
                    factory.leases.map(\.job.description).joined(separator: " "),
                ]
            }
            for line in Table.lines(["factory", "standing", "stations", "works on"], rows) {
                shop.console.print(line)
            }
            return .done
        }
    )

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
        let list = try client.get("/fleet/factories", as: FactoryList.self).factories
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
