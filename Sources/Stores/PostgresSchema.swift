import FleetPorts

/// The tables on PostgreSQL, as numbered steps that only ever go forward.
///
/// The same containers as `SQLiteSchema`, with numbers of their own. Every primary key and every
/// unique one begins with `product_id`, so that the tables can be distributed by it.
enum PostgresSchema {
    /// The newest version this program knows.
    static var known: Int { steps.count }

    /// The stored version, or nil when the database has never been initialised.
    static func version(of database: PostgresConnection) throws(StoreFault) -> Int? {
        let named = try database.query("SELECT to_regclass('fleet_schema') IS NOT NULL")
        guard named.flag(0, 0) else { return nil }
        let found = try database.query("SELECT max(version) FROM fleet_schema")
        let version = Int(found.integer(0, 0))
        guard version <= known else {
            throw .newer(path: database.label, schema: version, known: known)
        }
        return version
    }

    /// Brings the tables up to `known`, each step in a transaction of its own.
    ///
    /// Two programs that begin at once wait for each other: DDL does not.
    static func migrate(
        _ database: PostgresConnection,
        through steps: [String] = steps
    ) throws(StoreFault) {
        while true {
            try database.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
            do throws(StoreFault) {
                _ = try database.query("SELECT pg_advisory_xact_lock(\(lock))")
                let version = try version(of: database) ?? 0
                guard version < steps.count else { return try database.execute("ROLLBACK") }
                try database.execute(steps[version])
                try database.execute(
                    "INSERT INTO fleet_schema (product_id, version) VALUES ('fleet', \(version + 1))"
                )
                try database.execute("COMMIT")
            } catch {
                try database.rollBack()
                throw error
            }
        }
    }

    /// `giga` in ASCII.
    private static let lock = 0x67_69_67_61

    static let steps = [first, watermark]

    /// Step 2: no table changes, but rows may lie behind the events from now on.
    ///
    /// A program that takes them for the newest must not open the store.
    private static let watermark = """
        COMMENT ON TABLE fleet_state IS
            'the position in the row of the counters is that of all rows'
        """

    /// Bytes in order, whatever the database's language: a key is no word of anybody's.
    private static let text = "TEXT COLLATE \"C\""

    private static let first = """
        CREATE TABLE fleet_schema (
            product_id \(text) NOT NULL, version BIGINT NOT NULL,
            PRIMARY KEY (product_id, version)
        );
        CREATE TABLE fleet_identity (
            product_id \(text) NOT NULL, fleet_id TEXT NOT NULL, epoch BIGINT NOT NULL,
            PRIMARY KEY (product_id)
        );
        CREATE TABLE fleet_events (
            product_id \(text) NOT NULL, first_position BIGINT NOT NULL,
            last_position BIGINT NOT NULL, batch_id \(text) NOT NULL, at BIGINT NOT NULL,
            bytes BYTEA NOT NULL,
            PRIMARY KEY (product_id, first_position), UNIQUE (product_id, batch_id)
        );
        CREATE TABLE fleet_event_index (
            product_id \(text) NOT NULL, job \(text) NOT NULL, first_position BIGINT NOT NULL,
            PRIMARY KEY (product_id, job, first_position)
        );
        CREATE TABLE fleet_batches (
            product_id \(text) NOT NULL, batch_id \(text) NOT NULL, at BIGINT NOT NULL,
            PRIMARY KEY (product_id, batch_id)
        );
        CREATE INDEX fleet_batches_by_age ON fleet_batches (at);
        CREATE TABLE fleet_replies (
            product_id \(text) NOT NULL, key \(text) NOT NULL, request_hash TEXT NOT NULL,
            status BIGINT NOT NULL, body BYTEA NOT NULL, at BIGINT NOT NULL,
            PRIMARY KEY (product_id, key)
        );
        CREATE INDEX fleet_replies_by_age ON fleet_replies (at);
        """ + rowTables + marks

    /// Every table that the steps make.
    static let tables =
        [
            "fleet_schema", "fleet_identity", "fleet_events", "fleet_event_index", "fleet_batches",
            "fleet_replies",
        ] + firstRowTables

    /// Frozen in step 1: a table that `StoreTable` gains later is created by a later step.
    private static let firstRowTables = [
        "fleet_jobs", "fleet_runs", "fleet_leases", "fleet_factories", "fleet_profiles",
        "fleet_repositories", "fleet_decisions", "fleet_state",
    ]

    private static let rowTables = firstRowTables.map { name in
        """

        CREATE TABLE \(name) (
            product_id \(text) NOT NULL, key \(text) NOT NULL, body BYTEA NOT NULL,
            PRIMARY KEY (product_id, key)
        );
        """
    }.joined()

    /// By which a job is found without reading its body.
    private static let marks = """

        ALTER TABLE fleet_jobs
            ADD COLUMN number BIGINT, ADD COLUMN stage TEXT,
            ADD COLUMN ended BOOLEAN NOT NULL DEFAULT false,
            ADD COLUMN idempotency_key \(text);
        CREATE INDEX fleet_jobs_by_number ON fleet_jobs (number, product_id);
        CREATE INDEX fleet_jobs_open ON fleet_jobs (number) WHERE NOT ended;
        CREATE INDEX fleet_jobs_ended ON fleet_jobs (stage, number, product_id) WHERE ended;
        CREATE INDEX fleet_jobs_by_key ON fleet_jobs (product_id, idempotency_key)
            WHERE idempotency_key IS NOT NULL;
        """
}
