import Coordinator
import FleetCore
import FleetModel
import FleetPorts
import Stores

/// `giga restore`: a backup as a data folder again.
enum RestoreCommand {
    static let usage = Usage(
        "restore",
        .operate,
        "Make a data folder of a backup; nothing runs in it before giga resume",
        positionals: "FILE",
        options: [
            .value("data", "DIR", "The folder to make; absent or empty"),
            .flag("new-fleet", "Make another fleet of it, beside the first one"),
            Usage.dryRun, Usage.json,
        ],
        example: "giga restore giga-20261121T070000Z.giga-backup.tar --data ~/giga-restored",
        isLocal: true
    )

    private struct Receipt: Encodable {
        let data: String
        let fleet: String
        /// Of the last event in the backup.
        let position: UInt64
        let madeAt: String
        let replay: String
        /// The number that the next new job gets.
        let nextJob: String
        let restored: Bool
    }

    private static let replaying = "replaying all events"

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        let archive = Files.absolute(try arguments.only("FILE"), from: shop.workingFolder)
        let target = try target(arguments, shop)
        let interrupt = try Interrupt(shop)
        let steps = [BackupProgress.Step.unpack, .checkDatabase].map(\.rawValue) + [replaying]
        let progress = Progress(shop.console, steps: steps)
        let staged = try backed { () throws(BackupFault) in
            try StagedRestore(of: archive, for: target) { event in
                progress.note(event.step.rawValue, done: event.done, of: event.total)
                return !interrupt.isSet
            }
        }
        if arguments.has("new-fleet") {
            try backed { () throws(BackupFault) in try staged.giveNewFleetID() }
        }
        progress.note(replaying, done: 0, of: 1)
        let (fleet, restored) = try begin(staged, archive, shop)
        try interrupt.check()
        let isDry = arguments.has("dry-run")
        if isDry {
            staged.discard()
        } else {
            try backed { () throws(BackupFault) in try staged.publish() }
        }
        let receipt = Receipt(
            data: target,
            fleet: fleet,
            position: staged.manifest.position,
            madeAt: Moment.text(restored.madeAt),
            replay: "equal",
            nextJob: JobID(restored.lastJob + 1).description,
            restored: !isDry
        )
        report(receipt, arguments, shop)
        return .done
    }

    private static func backed<Result>(
        _ body: () throws(BackupFault) -> Result
    ) throws(CommandFault) -> Result {
        do { return try body() } catch { throw BackupWords.fault(error) }
    }

    /// Without slashes at its end, which would make its neighbours' names start in it.
    private static func target(
        _ arguments: Arguments,
        _ shop: Shop
    ) throws(CommandFault) -> String {
        var path = Files.absolute(try arguments.required("data"), from: shop.workingFolder)
        path = Files.real(path) ?? path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }

    /// Opens the store where it lies now, proves it by replay, and lets it know of the restore.
    private static func begin(
        _ staged: StagedRestore,
        _ archive: String,
        _ shop: Shop
    ) throws(CommandFault) -> (fleet: String, restored: Restored) {
        do {
            let store = try SQLiteStore(folder: staged.folder)
            defer { store.close() }
            let outcome = try Replay.check(try store.history(), against: try store.load())
            guard outcome.isEqual else {
                throw BackupFault.damaged(
                    path: archive,
                    what: "its events do not lead to its state: \(outcome.differences[0])"
                )
            }
            let madeAt = Instant(milliseconds: staged.manifest.madeAt)
            let now = try now(after: madeAt, store.identity)
            let restored = Restored(
                position: staged.manifest.position,
                lastInstant: Instant(milliseconds: staged.manifest.lastInstant),
                madeAt: madeAt,
                now: now,
                highest: outcome.highest
            )
            try Restoration.note(
                restored,
                in: store,
                by: .person("user:\(UserName.current)"),
                now: now,
                salt: Moment.salt()
            )
            return (store.identity.fleetID, restored)
        } catch let fault as BackupFault {
            throw BackupWords.fault(fault)
        } catch let fault as StoreFault {
            throw StoreWords.fault(fault)
        } catch let fault as CommandFault {
            throw fault
        } catch {
            let damaged = BackupFault.damaged(path: archive, what: "it cannot be read: \(error)")
            throw BackupWords.fault(damaged)
        }
    }

    /// The present moment, which what is left out is reckoned by.
    private static func now(
        after madeAt: Instant,
        _ identity: StoreIdentity
    ) throws(CommandFault) -> Instant {
        let (now, last) = (Moment.now, Instant(milliseconds: identity.lastInstant))
        guard now >= madeAt, now >= last else {
            throw CommandFault(
                .failed,
                "restore.clock-behind",
                what: "This machine's clock is behind the backup",
                why: "it is \(Moment.text(now)) here, and the backup is of"
                    + " \(Moment.text(max(madeAt, last)))",
                hint: "set the clock: by the time since then the numbers given out since are known"
            )
        }
        return now
    }

    private static func report(_ receipt: Receipt, _ arguments: Arguments, _ shop: Shop) {
        if arguments.wantsJSON { return JSONOutput.print(receipt, arguments, shop.console) }
        let verb = receipt.restored ? "restored" : "would restore"
        shop.console.print(
            "\(verb) fleet \(receipt.fleet) up to event \(receipt.position) of "
                + "\(receipt.madeAt) to \(receipt.data); replay equal"
        )
        guard receipt.restored else { return }
        shop.console.say(
            "what happened after that is not in it; new jobs begin at"
                + " \(receipt.nextJob), and all is halted"
        )
        shop.console.say("next: giga serve --data \(receipt.data), look, then giga resume")
    }
}
