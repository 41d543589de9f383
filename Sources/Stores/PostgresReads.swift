import FleetPorts

/// The queries that the writer, the history and the offline reader share.
struct PostgresReads {
    let database: PostgresConnection

    init(_ database: PostgresConnection) { self.database = database }

    /// Who this store is; nil before it was initialised.
    func storeIdentity() throws(StoreFault) -> StoreIdentity? {
        let found = try database.query(
            """
            SELECT i.fleet_id, i.epoch, e.last_position, e.at
            FROM fleet_identity AS i LEFT JOIN (
                SELECT last_position, at FROM fleet_events
                WHERE product_id = 'fleet' ORDER BY first_position DESC LIMIT 1) AS e ON true
            WHERE i.product_id = 'fleet'
            """
        )
        return found.map { row in
            StoreIdentity(
                fleetID: found.text(row, 0),
                epoch: found.position(row, 1),
                lastPosition: found.position(row, 2),
                lastInstant: found.integer(row, 3)
            )
        }.first
    }

    /// Every row of every table.
    func load() throws(StoreFault) -> [StoredRow] {
        var loaded: [StoredRow] = []
        for table in StoreTable.allCases {
            loaded += try rows(table, "ORDER BY product_id, key")
        }
        return loaded
    }

    /// As `Store.loadOpen`.
    func loadOpen() throws(StoreFault) -> [StoredRow] {
        var loaded = try rows(.jobs, "WHERE NOT ended ORDER BY number")
        for table in StoreTable.ofStart { loaded += try rows(table, "") }
        return loaded
    }

    private func rows(_ table: StoreTable, _ tail: String) throws(StoreFault) -> [StoredRow] {
        let found = try database.query(
            "SELECT product_id, key, body FROM \(table.rawValue) \(tail)"
        )
        return found.map {
            StoredRow(
                table: table,
                product: found.text($0, 0),
                key: found.text($0, 1),
                body: found.bytes($0, 2)
            )
        }
    }

    func index() throws(StoreFault) -> Set<IndexedBatch> {
        let select = "SELECT product_id, job, first_position FROM fleet_event_index"
        let found = try database.query(select)
        return Set(
            found.map { row in
                IndexedBatch(
                    job: TouchedJob(product: found.text(row, 0), job: found.text(row, 1)),
                    firstPosition: found.position(row, 2)
                )
            }
        )
    }

    func job(_ number: UInt64) throws(StoreFault) -> [UInt8]? {
        let select = "SELECT body FROM fleet_jobs WHERE number = $1::bigint"
        return Self.body(try database.query(select, .position(number)))
    }

    func job(withKey key: String, product: String) throws(StoreFault) -> [UInt8]? {
        let select = """
            SELECT body FROM fleet_jobs
            WHERE product_id = $1::text AND idempotency_key = $2::text
            """
        return Self.body(try database.query(select, .text(product), .text(key)))
    }

    func jobs(_ wanted: JobPage) throws(StoreFault) -> [ListedJob] {
        let stage = wanted.endedStage == nil ? "" : "AND ended AND stage = $4::text"
        let select = """
            SELECT number, ended, CASE WHEN ended THEN body END FROM fleet_jobs
            WHERE number > $1::bigint AND ($2::text IS NULL OR product_id = $2::text) \(stage)
            ORDER BY number LIMIT $3::bigint
            """
        let after = PostgresValue.position(wanted.after)
        let product = wanted.product.map { PostgresValue.text($0) } ?? .null
        let limit = PostgresValue.integer(Int64(max(0, wanted.limit)))
        let found =
            if let stage = wanted.endedStage {
                try database.query(select, after, product, limit, .text(stage))
            } else {
                try database.query(select, after, product, limit)
            }
        return found.map { row in
            ListedJob(
                number: found.position(row, 0),
                body: found.flag(row, 1) ? found.bytes(row, 2) : nil
            )
        }
    }

    func batches(from position: UInt64, limit: Int) throws(StoreFault) -> [PackedEvents] {
        // Positions are gapless, so the batch that holds one is the last that begins before it.
        let found = try database.query(
            """
            SELECT first_position, last_position, bytes FROM fleet_events
            WHERE product_id = 'fleet' AND last_position >= $1::bigint
                AND first_position >= coalesce(
                    (SELECT max(first_position) FROM fleet_events
                     WHERE product_id = 'fleet' AND first_position <= $1::bigint), 0)
            ORDER BY first_position LIMIT $2::bigint
            """,
            .position(position),
            .integer(Int64(max(0, limit)))
        )
        return Self.batches(found)
    }

    func batches(ofJob job: String, product: String) throws(StoreFault) -> [PackedEvents] {
        let found = try database.query(
            """
            SELECT e.first_position, e.last_position, e.bytes
            FROM fleet_event_index AS i
            JOIN fleet_events AS e
                ON e.product_id = 'fleet' AND e.first_position = i.first_position
            WHERE i.product_id = $1::text AND i.job = $2::text ORDER BY i.first_position
            """,
            .text(product),
            .text(job)
        )
        return Self.batches(found)
    }

    func fetch(table: StoreTable, product: String, key: String) throws(StoreFault) -> [UInt8]? {
        let select = """
            SELECT body FROM \(table.rawValue) WHERE product_id = $1::text AND key = $2::text
            """
        return Self.body(try database.query(select, .text(product), .text(key)))
    }

    func reply(forKey key: String, notBefore: Int64) throws(StoreFault) -> StoredReply? {
        let found = try database.query(
            """
            SELECT key, request_hash, status, body, at FROM fleet_replies
            WHERE product_id = 'fleet' AND key = $1::text AND at >= $2::bigint
            """,
            .text(key),
            .integer(notBefore)
        )
        return found.map { row in
            StoredReply(
                key: found.text(row, 0),
                requestHash: found.text(row, 1),
                status: Int(found.integer(row, 2)),
                body: found.bytes(row, 3),
                at: found.integer(row, 4)
            )
        }.first
    }

    private static func body(_ found: PostgresRows) -> [UInt8]? {
        found.count == 0 ? nil : found.bytes(0, 0)
    }

    private static func batches(_ found: PostgresRows) -> [PackedEvents] {
        found.map { row in
            PackedEvents(
                firstPosition: found.position(row, 0),
                lastPosition: found.position(row, 1),
                bytes: found.bytes(row, 2)
            )
        }
    }
}
