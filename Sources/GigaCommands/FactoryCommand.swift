import FleetModel
import FleetProtocol

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
        var url =
            arguments.value("coordinator") ?? settings.value(of: "coordinator")
            ?? places.coordinatorURL
        if !url.contains("://") { url = "http://\(url)" }
        let name = arguments.value("name") ?? HostName.current
        guard Naming.isName(name) else {
            throw .usage(
                "A factory cannot be named \(name)",
                why: "a name is \(Naming.rule)",
                hint: "--name build-1"
            )
        }
        var workers: Int?
        if let text = arguments.value("max") ?? settings.value(of: "max") {
            guard let count = Int(text), (1...1000).contains(count) else {
                throw .usage("--max is \"\(text)\"", why: "it is 1 to 1000", hint: "--max 3")
            }
            workers = count
        }
        let data = arguments.value("data") ?? "\(places.data)/factory-\(name)"
        let facts = arguments.value("facts")?.split(separator: ",").map(String.init) ?? []
        for fact in facts {
            do { _ = try Fact(parsing: fact) } catch {
                throw .usage("--facts: \(error.what)", why: "it reads \(fact)", hint: error.hint)
            }
        }
        return FactoryOptions(
            coordinator: url,
            name: name,
            dataFolder: Files.absolute(data, from: shop.workingFolder),
            stations: arguments.value("stations") ?? settings.value(of: "stations"),
            facts: facts,
            joinToken: places.token(forURL: url),
            maxWorkers: workers,
            configurationFile: settings.path
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
            let client = CoordinatorClient(arguments, shop)
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
                options: [Usage.reason],
                example: "giga factory \(verb) build-1"
            ),
            run: { arguments, shop throws(CommandFault) in
                let name = try arguments.only("NAME")
                let client = CoordinatorClient(arguments, shop)
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
            example: "giga factory remove build-1"
        ),
        run: { arguments, shop throws(CommandFault) in
            let name = try arguments.only("NAME")
            let client = CoordinatorClient(arguments, shop)
            try client.delete("/fleet/factories/\(Percent.encoded(name))", as: Receipt.self)
            shop.console.print("\(name)  removed")
            return .done
        }
    )
}
