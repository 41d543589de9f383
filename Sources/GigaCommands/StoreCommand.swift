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
            options: [Usage.data, Usage.json],
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
            options: [Usage.data, Usage.dryRun, Usage.json],
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
        let logBytes: UInt64
        let runFiles: Int
        let runBytes: UInt64
        let freeBytes: UInt64?
        let rows: [String: Int64]
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
        let folder = try StoreFolder.path(arguments, shop)
        let found = try stored { () throws(StoreFault) in try StoreSurvey(of: folder) }
        let identity = found.identity
        let last = Instant(milliseconds: identity.lastInstant)
        let survey = Survey(
            data: folder,
            fleet: identity.fleetID,
            epoch: identity.epoch,
            schema: found.versions.stored,
            knownSchema: found.versions.known,
            position: identity.lastPosition,
            lastEventAt: identity.lastPosition == 0 ? nil : Moment.text(last),
            openedBy: found.heldBy,
            databaseBytes: found.databaseBytes,
            logBytes: found.logBytes,
            runFiles: found.runFiles,
            runBytes: found.runBytes,
            freeBytes: found.freeBytes,
            rows: found.rows
        )
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
        let rows = [
            ["data", survey.data], ["fleet", survey.fleet], ["schema", schema],
            ["epoch", "\(survey.epoch)"],
            ["events", "\(survey.position), the last at \(survey.lastEventAt ?? "no time yet")"],
            ["open", survey.openedBy.map { "by process \($0)" } ?? "by nobody"],
            [
                "database",
                "\(Sizes.text(survey.databaseBytes)), log \(Sizes.text(survey.logBytes))",
            ],
            ["run files", "\(survey.runFiles), \(Sizes.text(survey.runBytes))"],
            ["free", survey.freeBytes.map(Sizes.text) ?? "unknown"],
        ]
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
        let folder = try StoreFolder.path(arguments, shop)
        let isDry = arguments.has("dry-run")
        let versions = try stored { () throws(StoreFault) in
            isDry ? try StoreMigration.versions(of: folder) : try StoreMigration.run(folder)
        }
        if isDry, !versions.isNewest {
            do throws(BackupFault) { try StoreMigration.tryOut(folder) } catch {
                throw BackupWords.fault(error)
            }
        }
        let result = Migrated(
            from: versions.stored,
            to: versions.known,
            changed: !versions.isNewest && !isDry
        )
        if arguments.wantsJSON {
            JSONOutput.print(result, arguments, shop.console)
        } else if versions.isNewest {
            shop.console.say("\(folder) has schema \(versions.known) already")
        } else {
            let verb = isDry ? "would bring" : "brought"
            let trial = isDry ? "; it works on a copy" : ""
            shop.console.say(
                "\(verb) \(folder) from schema \(versions.stored) to \(versions.known)\(trial)"
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
