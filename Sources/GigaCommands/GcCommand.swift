import Coordinator
import FleetModel
import FleetProtocol
import Glibc

/// `giga gc`: removes what finished jobs left behind, once it has been kept for long enough.
enum GcCommand {
    static let usage = Usage(
        "gc",
        .operate,
        "Remove what finished jobs left: logs, artifacts, clones, refs, records",
        options: [
            .value("keep", "DURATION", "How long after a job's end all of it stays (30d)"),
            .value("data", "DIR", "Data folder of a coordinator or of a factory"),
            Usage.dryRun, Usage.json,
        ],
        example: "giga gc --keep 30d --dry-run"
    )

    private static let standardKeep = Timespan.seconds(30 * 86_400)

    private struct Result: Encodable {
        let removed: Bool
        let bytes: UInt64
        let items: [Item]
        let kept: [Kept]
    }

    private struct Item: Encodable {
        let folder: String
        let kind: String
        let job: String?
        let name: String
        let bytes: UInt64
    }

    private struct Kept: Encodable {
        let folder: String
        let kind: String
        let why: String
        let count: Int
        let bytes: UInt64
    }

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        try arguments.none()
        let folder = try StoreFolder.path(arguments, shop)
        let keep = try Durations.option("keep", arguments) ?? standardKeep
        let now = Moment.now
        let cutoff = Instant(milliseconds: now.milliseconds - keep.milliseconds)
        let isStore = Files.exists(folder + "/giga.db")
        guard isStore || FactoryCleaning.isFactory(folder) else {
            throw CommandFault(
                .failed,
                "gc.no-folder",
                what: "There is nothing of a fleet in \(folder)",
                why: "it holds neither a store nor a factory's mirrors",
                hint: "giga gc --data DIR"
            )
        }
        var found: [(folder: String, cleaning: Cleaning)] = []
        let isDry = arguments.has("dry-run")
        if isStore {
            found = try clearStore(folder, cutoff, isDry)
        } else {
            let client = try client(for: folder, arguments, shop)
            let fleet = try client.get("/fleet/stats", as: FleetStatus.self).fleet
            let cleaning = try FactoryCleaning(folder, fleet: fleet, cutoff: cutoff) { id in
                try judgement(of: id, by: client, cutoff: cutoff)
            }
            if !isDry { try cleaning.remove() }
            found.append((folder, cleaning.found))
        }
        report(found, isDry, arguments, shop)
        return .done
    }

    /// A coordinator's folder, and that of the factory which `giga up` keeps in it.
    private static func clearStore(
        _ folder: String,
        _ cutoff: Instant,
        _ isDry: Bool
    ) throws(CommandFault) -> [(folder: String, cleaning: Cleaning)] {
        var cleaning = try StoreCleaning(folder, cutoff: cutoff)
        defer { cleaning.close() }
        try cleaning.look()
        var found = [(folder, cleaning.found)]
        let inner = folder + "/factory"
        if FactoryCleaning.isFactory(inner) {
            let retention = cleaning.retention
            let own = try FactoryCleaning(inner, fleet: cleaning.fleet, cutoff: cutoff) { id in
                try retention.judgement(of: id)
            }
            if !isDry { try own.remove() }
            found.append((inner, own.found))
        }
        if !isDry { try cleaning.remove() }
        return found
    }

    /// The coordinator that is named, else the one that the factory last worked for.
    private static func client(
        for folder: String,
        _ arguments: Arguments,
        _ shop: Shop
    ) throws(CommandFault) -> CoordinatorClient {
        guard !arguments.has("coordinator"), shop.environment["GIGA_COORDINATOR"] == nil,
            let url = FactoryCleaning.coordinator(of: folder)
        else { return try CoordinatorClient(arguments, shop) }
        // The folder may be anybody's: what the environment holds for one coordinator stays here.
        let environment = shop.environment.filter { $0.key != "GIGA_TOKEN" }
        return CoordinatorClient(url: url, token: Places(environment).token(forURL: url))
    }

    private static func judgement(
        of id: JobID,
        by client: CoordinatorClient,
        cutoff: Instant
    ) throws(CommandFault) -> FactoryCleaning.Judgement {
        let job: JobDetail
        do { job = try client.get("/fleet/jobs/\(id)", as: JobDetail.self) } catch {
            guard error.code == "job.unknown" else { throw error }
            return FactoryCleaning.Judgement(standing: .unknown, isShipped: false)
        }
        let times = job.runs.compactMap(\.endedAt) + [job.summary.submittedAt]
        let ended = times.compactMap(Timestamp.instant).max() ?? Moment.now
        return FactoryCleaning.Judgement(
            standing: Retention.standing(
                stage: job.summary.stage,
                hasLease: job.lease != nil,
                endedAt: ended,
                cutoff: cutoff
            ),
            isShipped: job.summary.stage == .shipped
        )
    }

    private static func report(
        _ found: [(folder: String, cleaning: Cleaning)],
        _ isDry: Bool,
        _ arguments: Arguments,
        _ shop: Shop
    ) {
        let items = found.flatMap { folder, cleaning in
            cleaning.items.map {
                Item(
                    folder: folder,
                    kind: $0.kind,
                    job: $0.job?.description,
                    name: $0.name,
                    bytes: $0.bytes
                )
            }
        }
        let kept = found.flatMap { folder, cleaning in
            cleaning.kept.map {
                Kept(
                    folder: folder,
                    kind: $0.kind,
                    why: $0.why,
                    count: $1.count,
                    bytes: $1.bytes
                )
            }.sorted { ($0.kind, $0.why) < ($1.kind, $1.why) }
        }
        let bytes = items.reduce(0) { $0 + $1.bytes }
        if arguments.wantsJSON {
            let result = Result(removed: !isDry, bytes: bytes, items: items, kept: kept)
            return JSONOutput.print(result, arguments, shop.console)
        }
        for item in items {
            let size = item.kind == "ref" ? "" : ", \(Sizes.text(item.bytes))"
            shop.console.print("\(item.kind) \(item.name)\(size)")
        }
        for row in kept {
            shop.console.say("kept: \(row.count) × \(row.kind), \(row.why)")
        }
        let verb = isDry ? "would remove" : "removed"
        shop.console.say("\(verb) \(items.count) things, \(Sizes.text(bytes))")
    }
}
