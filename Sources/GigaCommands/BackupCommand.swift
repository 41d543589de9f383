import Coordinator
import FleetModel
import Stores

/// `giga backup`: the store and its run files in one file, while a server may go on writing.
enum BackupCommand {
    static let usage = Usage(
        "backup",
        .operate,
        "Copy a store to one file, while its server runs or not",
        options: [
            .value("to", "FILE|DIR", "The file to make, or its folder (here)"),
            Usage.data, Usage.json,
        ],
        example: "giga backup --to /backups/",
        isLocal: true
    )

    private struct Receipt: Encodable {
        let file: String
        let bytes: UInt64
        let fleet: String
        let position: UInt64
        let schema: Int
        let epoch: UInt64
        let runFiles: Int
        let madeAt: String
    }

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        try arguments.none()
        let folder = try StorePlace.folder(arguments, shop)
        let now = Moment.now
        let target = try target(arguments, folder, now, shop)
        let interrupt = try Interrupt(shop)
        let steps = [.copyDatabase, .checkDatabase, .hashFiles, .writeArchive, .verifyArchive]
            .map { (step: BackupProgress.Step) in step.rawValue }
        let progress = Progress(shop.console, steps: steps)
        let manifest: BackupManifest
        do throws(BackupFault) {
            manifest = try StoreBackup.make(
                of: folder,
                to: target,
                version: shop.version,
                at: now.milliseconds,
                unseenRuns: UnseenEvents.runs
            ) { event in
                progress.note(event.step.rawValue, done: event.done, of: event.total)
                return !interrupt.isSet
            }
        } catch {
            throw BackupWords.fault(error)
        }
        report(manifest, at: target, arguments, shop)
        return .done
    }

    private static func report(
        _ manifest: BackupManifest,
        at target: String,
        _ arguments: Arguments,
        _ shop: Shop
    ) {
        let receipt = Receipt(
            file: target,
            bytes: Files.size(target),
            fleet: manifest.fleet,
            position: manifest.position,
            schema: manifest.schema,
            epoch: manifest.epoch,
            runFiles: manifest.files.count,
            madeAt: Moment.text(Instant(milliseconds: manifest.madeAt))
        )
        if arguments.wantsJSON { return JSONOutput.print(receipt, arguments, shop.console) }
        shop.console.print(
            "\(target): fleet \(manifest.fleet) up to event \(manifest.position), "
                + "\(manifest.files.count) run files, \(Sizes.text(receipt.bytes))"
        )
        shop.console.say("back again: giga restore \(target) --data NEW-FOLDER")
    }

    /// A folder, there already or ending in a slash, gets a file that names fleet folder and time.
    private static func target(
        _ arguments: Arguments,
        _ folder: String,
        _ now: Instant,
        _ shop: Shop
    ) throws(CommandFault) -> String {
        let place = arguments.value("to") ?? "."
        let path = Files.absolute(place, from: shop.workingFolder)
        guard path.hasSuffix("/") || Files.isFolder(path) else { return path }
        try Files.makeFolder(path)
        let time = Moment.text(now).prefix(19).filter { $0 != "-" && $0 != ":" }
        let home = folder.split(separator: "/").last ?? "giga"
        let base = Files.real(path) ?? path
        return "\(base)/\(home)-\(time)Z.giga-backup.tar"
    }
}

/// The data folder that a command about a store means.
enum StoreFolder {
    static func path(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> String {
        let settings = try Settings.load(shop)
        let folder =
            arguments.value("data") ?? settings.value(of: "data") ?? Places(shop.environment).data
        let path = Files.absolute(folder, from: shop.workingFolder)
        return Files.real(path) ?? path
    }
}
