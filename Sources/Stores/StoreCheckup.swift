import FleetModel
import FleetPorts
import Glibc

/// What is wrong with a store on the disk, each thing with what puts it right.
package struct StoreCheckup: Sendable {
    package struct Finding: Hashable, Sendable {
        /// One word or two, the same whether it is fine or not.
        package let check: String
        package let isFine: Bool
        package let detail: String
        package let fix: String?

        fileprivate static func fine(_ check: String, _ detail: String) -> Finding {
            Finding(check: check, isFine: true, detail: detail, fix: nil)
        }

        fileprivate static func wrong(_ check: String, _ detail: String, fix: String) -> Finding {
            Finding(check: check, isFine: false, detail: detail, fix: fix)
        }
    }

    package let findings: [Finding]

    /// Looks at the store in `folder`, beside its server or without one, and changes nothing.
    package init(of folder: String) {
        do throws(StoreFault) {
            let database = try SQLiteSource.open(folder)
            // Before the moment that is looked at: no file is younger than its job then.
            let files = RunFiles.names(in: folder)
            // One moment for all that is compared, whatever a server commits meanwhile.
            try database.execute("BEGIN")
            let version = try SQLiteSchema.version(of: database) ?? 0
            findings = [
                Self.schema(version, folder), try Self.integrity(database),
                try Self.positions(database), try Self.watermark(database),
                try Self.orphans(database), try Self.runFiles(files, database, folder),
                Self.log(folder), Self.reserve(folder),
            ]
        } catch {
            findings = [Self.unusable(error, folder)]
        }
    }

    private static let restore = "stop the server, then giga restore BACKUP --data NEW-FOLDER"

    private static func schema(_ version: Int, _ folder: String) -> Finding {
        guard version < SQLiteSchema.known else { return .fine("schema", "\(version), the newest") }
        return .wrong(
            "schema",
            "\(version), and this version writes \(SQLiteSchema.known)",
            fix: "giga store migrate --data \(folder)"
        )
    }

    private static func integrity(_ database: SQLiteConnection) throws(StoreFault) -> Finding {
        let words = try database.prepare("PRAGMA integrity_check(1)").first { $0.text(0) } ?? ""
        guard words != "ok" else { return .fine("pages", "every page and index is sound") }
        return .wrong("pages", "the database is damaged: \(words)", fix: restore)
    }

    /// Positions without a gap, from batch to batch.
    private static func positions(_ database: SQLiteConnection) throws(StoreFault) -> Finding {
        let gap = try database.number(
            """
            SELECT first_position FROM (
                SELECT first_position,
                    lag(last_position, 1, 0) OVER (ORDER BY first_position) AS before
                FROM fleet_events WHERE product_id = 'fleet')
            WHERE first_position <> before + 1 LIMIT 1
            """
        )
        guard let gap else { return .fine("positions", "no event is missing") }
        return .wrong("positions", "something is missing before position \(gap)", fix: restore)
    }

    /// The rows know of no event that is not stored.
    ///
    /// They may lie behind: a server writes them a moment after their events, and the next start
    /// makes up for a killed one.
    private static func watermark(_ database: SQLiteConnection) throws(StoreFault) -> Finding {
        let last = try SQLiteReads.storeIdentity(of: database).lastPosition
        let seen = try database.number(
            """
            SELECT json_extract(body, '$.position') FROM fleet_state
            WHERE product_id = 'fleet' AND key = 'counters'
            """
        )
        let rows = UInt64(clamping: seen ?? 0)
        guard rows > last else {
            let words =
                rows == last
                ? "rows and events are both at position \(last)"
                : "rows at position \(rows) follow the events to \(last)"
            return .fine("watermark", words)
        }
        return .wrong(
            "watermark",
            "the events go to position \(last), the rows to \(rows)",
            fix: "giga doctor --replay names the rows; then \(restore)"
        )
    }

    /// Rows that belong to a job which is not there, and jobs that no index finds.
    private static func orphans(_ database: SQLiteConnection) throws(StoreFault) -> Finding {
        var found: [String] = []
        for table in ["fleet_runs", "fleet_leases", "fleet_decisions"] {
            // A run's key begins with its job's; a lease's is the job's.
            let job = "substr(own.key, 1, instr(own.key || '.', '.') - 1)"
            let count = try database.number(
                """
                SELECT count(*) FROM \(table) AS own WHERE NOT EXISTS (
                    SELECT 1 FROM fleet_jobs
                    WHERE product_id = own.product_id AND key = \(job))
                """
            )
            if let count, count > 0 { found.append("\(count) of \(table)") }
        }
        let unindexed = try database.number(
            """
            SELECT count(*) FROM fleet_jobs AS own WHERE NOT EXISTS (
                SELECT 1 FROM fleet_event_index
                WHERE product_id = own.product_id AND job = own.key)
            """
        )
        if let unindexed, unindexed > 0 {
            found.append("\(unindexed) of fleet_jobs without events")
        }
        guard !found.isEmpty else { return .fine("rows", "each belongs to a job with events") }
        return .wrong(
            "rows",
            "rows that belong to nothing: \(found.joined(separator: ", "))",
            fix: "giga doctor --replay names the jobs; then \(restore)"
        )
    }

    private static func runFiles(
        _ names: [String],
        _ database: SQLiteConnection,
        _ folder: String
    ) throws(StoreFault) -> Finding {
        var jobs: Set<String> = []
        // A job is there with its first event, and its row follows.
        try database.prepare("SELECT key FROM fleet_jobs UNION SELECT job FROM fleet_event_index")
            .each { jobs.insert($0.text(0)) }
        let orphans = names.filter { name in
            RunFiles.run(of: name).map { !jobs.contains($0.job.description) } ?? true
        }
        guard let first = orphans.first else {
            return .fine("run files", "\(names.count), each of a job that is there")
        }
        return .wrong(
            "run files",
            "\(orphans.count) belong to no job, such as \(first)",
            fix: "giga gc --data \(folder)"
        )
    }

    private static func log(_ folder: String) -> Finding {
        var facts = stat()
        let path = DataFolder.database(in: folder) + "-wal"
        let size = stat(path, &facts) == 0 ? UInt64(clamping: facts.st_size) : 0
        guard size > 256 << 20 else {
            return .fine("log", "\(size >> 20) MiB ahead of the database")
        }
        return .wrong(
            "log",
            "\(size >> 20) MiB wait to be folded into the database: a reader holds them up",
            fix: "end what reads \(path) for long, or restart the server"
        )
    }

    private static func reserve(_ folder: String) -> Finding {
        guard !PlainFile.exists("\(folder)/giga.reserve") else {
            return .fine("reserve", "1 MiB is set aside for a full disk")
        }
        return .wrong(
            "reserve",
            "nothing is set aside for a full disk",
            fix: "free some space; giga serve sets it aside at its start"
        )
    }

    private static func unusable(_ fault: StoreFault, _ folder: String) -> Finding {
        switch fault {
        case .newer(_, let schema, let known):
            .wrong(
                "schema",
                "\(schema) is newer than this version, which knows \(known)",
                fix: "install the newer version"
            )
        case .broken(_, let reason): .wrong("store", reason, fix: restore)
        case .busy(let path, _):
            .wrong("store", "\(path) is locked by another program", fix: "end that program")
        case .full(let path, _, _):
            .wrong("store", "no room is left at \(path)", fix: "free some space")
        case .deposed, .gap, .unreachable, .rejected:
            .wrong("store", "\(fault)", fix: restore)
        }
    }
}
