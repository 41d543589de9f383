import FleetPorts

/// The queries that the writer, the history and the offline reader share.
final class SQLiteReads {
    let database: SQLiteConnection
    private let from: SQLiteStatement
    private let ofJob: SQLiteStatement
    private let reply: SQLiteStatement
    private let identity: SQLiteStatement
    private let rows: [StoreTable: SQLiteStatement]

    init(_ database: SQLiteConnection) throws(StoreFault) {
        self.database = database
        // Positions are gapless, so the batch that holds one is the last that begins before it.
        from = try database.prepare(
            """
            SELECT first_position, last_position, bytes FROM fleet_events
            WHERE product_id = 'fleet' AND last_position >= ?1 AND first_position >= coalesce(
                (SELECT max(first_position) FROM fleet_events
                 WHERE product_id = 'fleet' AND first_position <= ?1), 0)
            ORDER BY first_position LIMIT ?2
            """
        )
        ofJob = try database.prepare(
            """
            SELECT e.first_position, e.last_position, e.bytes
            FROM fleet_event_index AS i
            JOIN fleet_events AS e
                ON e.product_id = 'fleet' AND e.first_position = i.first_position
            WHERE i.product_id = ? AND i.job = ? ORDER BY i.first_position
            """
        )
        reply = try database.prepare(
            """
            SELECT key, request_hash, status, body, at FROM fleet_replies
            WHERE product_id = 'fleet' AND key = ? AND at >= ?
            """
        )
        identity = try database.prepare(
            """
            SELECT i.fleet_id, i.epoch, e.last_position, e.at
            FROM fleet_identity AS i LEFT JOIN (
                SELECT last_position, at FROM fleet_events
                WHERE product_id = 'fleet' ORDER BY first_position DESC LIMIT 1) AS e
            WHERE i.product_id = 'fleet'
            """
        )
        var rows: [StoreTable: SQLiteStatement] = [:]
        for table in StoreTable.allCases {
            let select = "SELECT body FROM \(table.rawValue) WHERE product_id = ? AND key = ?"
            rows[table] = try database.prepare(select)
        }
        self.rows = rows
    }

    func storeIdentity() throws(StoreFault) -> StoreIdentity {
        let found = try identity.first { row in
            StoreIdentity(
                fleetID: row.text(0),
                epoch: UInt64(clamping: row.integer(1)),
                lastPosition: UInt64(clamping: row.integer(2)),
                lastInstant: row.integer(3)
            )
        }
        guard let found else {
            throw .broken(path: database.path, reason: "its row in fleet_identity is missing")
        }
        return found
    }

    /// Every row of every table.
    func load() throws(StoreFault) -> [StoredRow] {
        var loaded: [StoredRow] = []
        for table in StoreTable.allCases {
            let select = "SELECT product_id, key, body FROM \(table.rawValue)"
            try database.prepare("\(select) ORDER BY product_id, key").each {
                loaded.append(
                    StoredRow(
                        table: table,
                        product: $0.text(0),
                        key: $0.text(1),
                        body: $0.bytes(2)
                    )
                )
            }
        }
        return loaded
    }

    func batches(from position: UInt64, limit: Int) throws(StoreFault) -> [PackedEvents] {
        var found: [PackedEvents] = []
        let limit = SQLiteValue.integer(Int64(max(0, limit)))
        try from.each(.position(position), limit) { found.append(Self.batch($0)) }
        return found
    }

    func batches(ofJob job: String, product: String) throws(StoreFault) -> [PackedEvents] {
        var found: [PackedEvents] = []
        try ofJob.each(.text(product), .text(job)) { found.append(Self.batch($0)) }
        return found
    }

    func fetch(table: StoreTable, product: String, key: String) throws(StoreFault) -> [UInt8]? {
        try rows[table]?.first(.text(product), .text(key)) { $0.bytes(0) }
    }

    func reply(forKey key: String, notBefore: Int64) throws(StoreFault) -> StoredReply? {
        try reply.first(.text(key), .integer(notBefore)) { row in
            StoredReply(
                key: row.text(0),
                requestHash: row.text(1),
                status: Int(row.integer(2)),
                body: row.bytes(3),
                at: row.integer(4)
            )
        }
    }

    private static func batch(_ row: SQLiteStatement) -> PackedEvents {
        PackedEvents(
            firstPosition: UInt64(clamping: row.integer(0)),
            lastPosition: UInt64(clamping: row.integer(1)),
            bytes: row.bytes(2)
        )
    }
}
