import FleetPorts

/// The tables, as numbered steps that only ever go forward.
///
/// A step that has been released is never edited; a change is a further step.
enum SQLiteSchema {
    /// The newest version this program knows.
    static var known: Int { steps.count }

    /// The stored version, or nil when the database has never been initialised.
    static func version(of database: SQLiteConnection) throws(StoreFault) -> Int? {
        let tables = "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"
        let named = try database.number("\(tables) AND name = 'fleet_schema'") ?? 0
        guard named == 1 else {
            guard try database.number(tables) == 0 else {
                let reason = "it is a database, but not one of Gigafactory's"
                throw .broken(path: database.path, reason: reason)
            }
            return nil
        }
        let version = Int(try database.number("SELECT max(version) FROM fleet_schema") ?? 0)
        guard version <= known else {
            throw .newer(path: database.path, schema: version, known: known)
        }
        return version
    }

    /// Brings the tables up to `known`, each step in a transaction of its own.
    static func migrate(
        _ database: SQLiteConnection,
        through steps: [String] = steps
    ) throws(StoreFault) {
        let version = try version(of: database) ?? 0
        for (index, step) in steps.enumerated().dropFirst(version) {
            try database.transaction { () throws(StoreFault) in
                try database.execute(step)
                let insert = "INSERT INTO fleet_schema (product_id, version) VALUES ('fleet', ?)"
                try database.prepare(insert).run(.integer(Int64(index + 1)))
            }
        }
    }

    static let steps = [first, marks, watermark]

    /// Small rows live inside their key's tree; large ones would make that tree deep.
    private static let first = """
        CREATE TABLE fleet_schema (
            product_id TEXT NOT NULL, version INTEGER NOT NULL,
            PRIMARY KEY (product_id, version)
        ) WITHOUT ROWID;
        CREATE TABLE fleet_identity (
            product_id TEXT NOT NULL, fleet_id TEXT NOT NULL, epoch INTEGER NOT NULL,
            PRIMARY KEY (product_id)
        ) WITHOUT ROWID;
        CREATE TABLE fleet_events (
            product_id TEXT NOT NULL, first_position INTEGER NOT NULL,
            last_position INTEGER NOT NULL, batch_id TEXT NOT NULL, at INTEGER NOT NULL,
            bytes BLOB NOT NULL,
            PRIMARY KEY (product_id, first_position), UNIQUE (batch_id)
        );
        CREATE TABLE fleet_event_index (
            product_id TEXT NOT NULL, job TEXT NOT NULL, first_position INTEGER NOT NULL,
            PRIMARY KEY (product_id, job, first_position)
        ) WITHOUT ROWID;
        CREATE TABLE fleet_batches (
            product_id TEXT NOT NULL, batch_id TEXT NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY (product_id, batch_id)
        );
        CREATE TABLE fleet_replies (
            product_id TEXT NOT NULL, key TEXT NOT NULL, request_hash TEXT NOT NULL,
            status INTEGER NOT NULL, body BLOB NOT NULL, at INTEGER NOT NULL,
            PRIMARY KEY (product_id, key)
        );
        """ + rowTables

    /// Frozen in step 1: a table that `StoreTable` gains later is created by a later step.
    private static let rowTables = [
        "fleet_jobs", "fleet_runs", "fleet_leases", "fleet_factories", "fleet_profiles",
        "fleet_repositories", "fleet_decisions", "fleet_state",
    ].map { name in
        let tail = name == "fleet_leases" ? " WITHOUT ROWID" : ""
        return """

            CREATE TABLE \(name) (
                product_id TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL,
                PRIMARY KEY (product_id, key)
            )\(tail);
            """
    }.joined()

    /// Step 3: no table changes, but rows may lie behind the events from now on.
    ///
    /// A program that takes them for the newest must not open the store.
    private static let watermark = """
        -- The position in the row of the counters is that of all rows.
        """

    /// Step 2: jobs are found by number, key and stage, so that ended ones need not be in memory.
    ///
    /// Open and ended jobs have an index each: an update that leaves `ended` alone touches neither.
    private static let marks = """
        ALTER TABLE fleet_jobs ADD COLUMN number INTEGER;
        ALTER TABLE fleet_jobs ADD COLUMN stage TEXT;
        ALTER TABLE fleet_jobs ADD COLUMN ended INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE fleet_jobs ADD COLUMN idempotency_key TEXT;
        UPDATE fleet_jobs SET
            number = CAST(substr(key, 5) AS INTEGER),
            stage = json_extract(body, '$.stage'),
            ended = coalesce(
                json_extract(body, '$.stage') IN ('shipped', 'failed', 'dead_letter'), 0),
            idempotency_key = json_extract(body, '$.manifest."idempotency-key"')
        WHERE json_valid(body);
        CREATE INDEX fleet_jobs_by_number ON fleet_jobs (number, product_id);
        CREATE INDEX fleet_jobs_open ON fleet_jobs (number) WHERE ended = 0;
        CREATE INDEX fleet_jobs_ended ON fleet_jobs (stage, number, product_id) WHERE ended = 1;
        CREATE INDEX fleet_jobs_by_key ON fleet_jobs (product_id, idempotency_key)
            WHERE idempotency_key IS NOT NULL;
        UPDATE fleet_state SET body = json_set(body, '$.ended', json(coalesce(
            (SELECT json_group_object(product_id, json(stages)) FROM (
                SELECT product_id, json_group_object(stage, jobs) AS stages FROM (
                    SELECT product_id, stage, count(*) AS jobs
                    FROM fleet_jobs WHERE ended = 1 GROUP BY product_id, stage)
                GROUP BY product_id)), '{}')))
        WHERE product_id = 'fleet' AND key = 'counters' AND json_valid(body);
        """
}
