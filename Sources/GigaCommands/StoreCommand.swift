import FleetModel
import FleetPorts
import Stores

/// `giga store info` and `giga store migrate`: the store on the disk, without a coordinator.
enum StoreCommand {
    static let survey = CommandTable.Entry(
        usage: Usage(
            "store info",
            .operate,
            "Show a store's fleet, schema, position and sizes",
            options: [Usage.data, StoreChoice.option, Usage.json],
            example: "giga store info --data ~/giga",
            isLocal: true
        ),
        run: runSurvey
    )

    static let migrate = CommandTable.Entry(
        usage: Usage(
            "store migrate",
            .operate,
            "Bring a store's tables up to this version; giga serve does so by itself",
            options: [Usage.data, StoreChoice.option, Usage.dryRun, Usage.json],
            example: "giga store migrate --data ~/giga --dry-run",
            isLocal: true
        ),
        run: runMigration
    )

    private struct Survey: Encodable {
        let data: String
        let fleet: String
        let epoch: UInt64
        let schema: Int
        let knownSchema: Int
        let position: UInt64
        let lastEventAt: String?
        let openedBy: Int32?
        let databaseBytes: UInt64
        let logBytes: UInt64?
        let runFiles: Int?
        let runBytes: UInt64?
        let freeBytes: UInt64?
        let rows: [String: Int64]

        init(_ found: StoreSurvey, of folder: String) {
            data = folder
            let identity = found.identity
            (fleet, epoch, position) = (identity.fleetID, identity.epoch, identity.lastPosition)
            (schema, knownSchema) = (found.versions.stored, found.versions.known)
            lastEventAt = Self.last(identity)
            openedBy = found.heldBy
            (databaseBytes, logBytes) = (found.databaseBytes, found.logBytes)
            (runFiles, runBytes) = (found.runFiles, found.runBytes)
            freeBytes = found.freeBytes
            rows = found.rows
        }

        /// A server elsewhere says nothing of locks, logs and disks.
        init(_ found: PostgresSurvey, of address: PostgresAddress) {
            data = address.label
            let identity = found.identity
            (fleet, epoch, position) = (identity.fleetID, identity.epoch, identity.lastPosition)
            (schema, knownSchema) = (found.versions.stored, found.versions.known)
            lastEventAt = Self.last(identity)
            databaseBytes = found.databaseBytes
            (openedBy, logBytes, runFiles, runBytes, freeBytes) = (nil, nil, nil, nil, nil)
            rows = found.rows
        }

        private static func last(_ identity: StoreIdentity) -> String? {
            guard identity.lastPosition > 0 else { return nil }
            return Moment.text(Instant(milliseconds: identity.lastInstant))
        }
    }

    private struct Migrated: Encodable {
        let from: Int
        let to: Int
        let changed: Bool
    }

    @Sendable
    private static func runSurvey(
        _ arguments: Arguments,
        _ shop: Shop
    ) throws(CommandFault) -> ExitCode {
        try arguments.none()
        let place = try StorePlace.named(arguments, shop)
        let survey = try stored { () throws(StoreFault) in
            switch place {
            case .folder(let path): Survey(try StoreSurvey(of: path), of: path)
            case .database(let address): Survey(try PostgresSurvey(of: address), of: address)
            }
        }
        if arguments.wantsJSON {
            JSONOutput.print(survey, arguments, shop.console)
        } else {
            for line in lines(survey) { shop.console.print(line) }
        }
        return .done
    }

    private static func lines(_ survey: Survey) -> [String] {
        let isOld = survey.schema < survey.knownSchema
        let schema =
            isOld
            ? "\(survey.schema), this version writes \(survey.knownSchema)" : "\(survey.schema)"
        var rows = [
            ["data", survey.data], ["fleet", survey.fleet], ["schema", schema],
            ["epoch", "\(survey.epoch)"],
            ["events", "\(survey.position), the last at \(survey.lastEventAt ?? "no time yet")"],
        ]
        let size = Sizes.text(survey.databaseBytes)
        if let log = survey.logBytes, let files = survey.runFiles, let bytes = survey.runBytes {
            rows += [
                ["open", survey.openedBy.map { "by process \($0)" } ?? "by nobody"],
                ["database", "\(size), log \(Sizes.text(log))"],
                ["run files", "\(files), \(Sizes.text(bytes))"],
                ["free", survey.freeBytes.map(Sizes.text) ?? "unknown"],
            ]
        } else {
            rows.append(["database", size])
        }
        let tables = survey.rows.sorted { $0.key < $1.key }.map {
            ["rows of \($0.key)", "\($0.value)"]
        }
        let all = rows + tables
        let width = all.map { $0[0].count }.max() ?? 0
        return all.map { row in
            row[0] + String(repeating: " ", count: width - row[0].count + 2) + row[1]
        }
    }

    @Sendable
    private static func runMigration(
        _ arguments: Arguments,
        _ shop: Shop
    ) throws(CommandFault) -> ExitCode {
        try arguments.none()
        let place = try StorePlace.named(arguments, shop)
        let isDry = arguments.has("dry-run")
        let versions = try stored { () throws(StoreFault) in
            switch place {
            case .folder(let path):
                isDry ? try StoreMigration.versions(of: path) : try StoreMigration.run(path)
            case .database(let address):
                isDry
                    ? try PostgresMigration.versions(of: address)
                    : try PostgresMigration.run(address)
            }
        }
        if isDry, !versions.isNewest, case .folder(let path) = place {
            do throws(BackupFault) { try StoreMigration.tryOut(path) } catch {
                throw BackupWords.fault(error)
            }
        }
        let name = place.description
        let result = Migrated(
            from: versions.stored,
            to: versions.known,
            changed: !versions.isNewest && !isDry
        )
        if arguments.wantsJSON {
            JSONOutput.print(result, arguments, shop.console)
        } else if versions.isNewest {
            shop.console.say("\(name) has schema \(versions.known) already")
        } else {
            let verb = isDry ? "would bring" : "brought"
            let trial = isDry && place.isFolder ? "; it works on a copy" : ""
            shop.console.say(
                "\(verb) \(name) from schema \(versions.stored) to \(versions.known)\(trial)"
            )
        }
        return .done
    }

    static func stored<Result>(
        _ body: () throws(StoreFault) -> Result
    ) throws(CommandFault) -> Result {
        do { return try body() } catch { throw StoreWords.fault(error) }
    }
}
