import FleetPorts
import Stores

/// `giga store init` and `giga store citus`: a store before any coordinator has opened it.
enum StoreCreationCommand {
    static let create = CommandTable.Entry(
        usage: Usage(
            "store init",
            .operate,
            "Make a store where there is none; giga serve does so by itself",
            options: [Usage.data, StoreChoice.option, Usage.dryRun, Usage.json],
            example: "giga store init --data ~/new",
            isLocal: true
        ),
        run: runCreation
    )

    static let distribute = CommandTable.Entry(
        usage: Usage(
            "store citus",
            .operate,
            "Print what spreads the tables of a store on PostgreSQL over servers with Citus",
            example: "giga store citus > citus.sql",
            isLocal: true
        ),
        run: runDistribution
    )

    private struct Made: Encodable {
        let data: String
        /// Nil for a trial, which makes none.
        let fleet: String?
        let changed: Bool
    }

    @Sendable
    private static func runCreation(
        _ arguments: Arguments,
        _ shop: Shop
    ) throws(CommandFault) -> ExitCode {
        try arguments.none()
        if case .memory = try StoreChoice.read(arguments, try Settings.load(shop), shop) {
            throw CommandFault.usage(
                "giga store init makes no store in memory",
                why: "such a store begins with its coordinator and ends with it",
                hint: "giga serve --store memory, or --store sqlite for one that stays"
            )
        }
        let place = try StorePlace.named(arguments, shop)
        let logs = try StoreFolder.path(arguments, shop)
        let isDry = arguments.has("dry-run")
        let made = try StoreCommand.stored { () throws(StoreFault) -> StoreIdentity? in
            switch place {
            case .folder(let path): isDry ? nil : try StoreCreation.make(in: path)
            case .database(let address):
                isDry ? nil : try StoreCreation.make(at: address, folder: logs)
            }
        }
        if made == nil { try refuseIfThere(place, isDry: isDry) }
        if arguments.wantsJSON {
            let result = Made(data: "\(place)", fleet: made?.fleetID, changed: made != nil)
            JSONOutput.print(result, arguments, shop.console)
        } else if let made {
            shop.console.say("made a store at \(place): fleet \(made.fleetID)")
        } else {
            shop.console.say("would make a store at \(place)")
        }
        return .done
    }

    /// Nothing was made: for a trial, or because somebody has made it before.
    private static func refuseIfThere(
        _ place: StorePlace,
        isDry: Bool
    ) throws(CommandFault) {
        let isThere = try StoreCommand.stored { () throws(StoreFault) in
            switch place {
            case .folder(let path): try StoreCreation.isThere(in: path)
            case .database(let address): try StoreCreation.isThere(at: address)
            }
        }
        guard isThere || !isDry else { return }
        throw CommandFault(
            .failed,
            "store.exists",
            what: "There is a store at \(place) already",
            why: "a second one in the same place would take its events for its own",
            hint: "giga store info shows it; giga store migrate brings its tables up to date"
        )
    }

    @Sendable
    private static func runDistribution(
        _ arguments: Arguments,
        _ shop: Shop
    ) throws(CommandFault) -> ExitCode {
        try arguments.none()
        shop.console.print(CitusStatements.text)
        shop.console.say("run them once: giga store init, then these, then giga serve")
        return .done
    }
}
