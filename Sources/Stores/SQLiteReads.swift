import FleetPorts

/// The queries that the writer, the history and the offline reader share.
final class SQLiteReads {
    let database: SQLiteConnection
    private let from: SQLiteStatement
    private let ofJob: SQLiteStatement
    private let reply: SQLiteStatement
    private let rows: [StoreTable: SQLiteStatement]
    private let jobByNumber: SQLiteStatement
    private let jobByKey: SQLiteStatement
    private let page: SQLiteStatement
    private let endedPage: SQLiteStatement

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
        var rows: [StoreTable: SQLiteStatement] = [:]
        for table in StoreTable.allCases {
            let select = "SELECT body FROM \(table.rawValue) WHERE product_id = ? AND key = ?"
            rows[table] = try database.prepare(select)
        }
        self.rows = rows
        jobByNumber = try database.prepare("SELECT body FROM fleet_jobs WHERE number = ?")
        jobByKey = try database.prepare(
            "SELECT body FROM fleet_jobs WHERE product_id = ? AND idempotency_key = ?"
        )
        page = try database.prepare(
            """
            SELECT number, ended, CASE WHEN ended THEN body END FROM fleet_jobs
            WHERE number > ?1 AND (?2 IS NULL OR product_id = ?2) ORDER BY number LIMIT ?3
            """
        )
        endedPage = try database.prepare(
            """
            SELECT number, ended, body FROM fleet_jobs
            WHERE ended = 1 AND stage = ?4
                AND number > ?1 AND (?2 IS NULL OR product_id = ?2) ORDER BY number LIMIT ?3
            """
        )
    }

    func storeIdentity() throws(StoreFault) -> StoreIdentity {
        try Self.storeIdentity(of: database)
    }

    /// Who a store of any version is.
    static func storeIdentity(of database: SQLiteConnection) throws(StoreFault) -> StoreIdentity {
        let identity = try database.prepare(
            """
            SELECT i.fleet_id, i.epoch, e.last_position, e.at
            FROM fleet_identity AS i LEFT JOIN (
                SELECT last_position, at FROM fleet_events
                WHERE product_id = 'fleet' ORDER BY first_position DESC LIMIT 1) AS e
            WHERE i.product_id = 'fleet'
            """
        )
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
            try append(table, "ORDER BY product_id, key", to: &loaded)
        }
        return loaded
    }

    /// As `Store.loadOpen`.
    func loadOpen() throws(StoreFault) -> [StoredRow] {
        var loaded: [StoredRow] = []
        try append(.jobs, "WHERE ended = 0 ORDER BY number", to: &loaded)
        for table in StoreTable.ofStart { try append(table, "", to: &loaded) }
        return loaded
    }

    private func append(
        _ table: StoreTable,
        _ tail: String,
        to loaded: inout [StoredRow]
    ) throws(StoreFault) {
        let select = "SELECT product_id, key, body FROM \(table.rawValue) \(tail)"
        try database.prepare(select).each {
            loaded.append(
                StoredRow(table: table, product: $0.text(0), key: $0.text(1), body: $0.bytes(2))
            )
        }
    }

    /// Jobs are found by columns that repeat what their rows say.
    func checkJobColumns() throws(StoreFault) {
        let odd = try database.prepare(
            """
            SELECT key FROM fleet_jobs WHERE stage IS NOT json_extract(body, '$.stage')
                OR key IS NOT 'job-' || number LIMIT 1
            """
        ).first { $0.text(0) }
        guard let odd else { return }
        let reason = "it is damaged: the columns of \(odd) are not what its row says"
        throw .broken(path: database.path, reason: reason)
    }

    func index() throws(StoreFault) -> Set<IndexedBatch> {
        var found: Set<IndexedBatch> = []
        let select = "SELECT product_id, job, first_position FROM fleet_event_index"
        try database.prepare(select).each { row in
            let job = TouchedJob(product: row.text(0), job: row.text(1))
            let first = UInt64(clamping: row.integer(2))
            found.insert(IndexedBatch(job: job, firstPosition: first))
        }
        return found
    }

    func job(_ number: UInt64) throws(StoreFault) -> [UInt8]? {
        try jobByNumber.first(.position(number)) { $0.bytes(0) }
    }

    func job(withKey key: String, product: String) throws(StoreFault) -> [UInt8]? {
        try jobByKey.first(.text(product), .text(key)) { $0.bytes(0) }
    }

    func jobs(_ wanted: JobPage) throws(StoreFault) -> [ListedJob] {
        var found: [ListedJob] = []
        let after = SQLiteValue.position(wanted.after)
        let product = wanted.product.map { SQLiteValue.text($0) } ?? .null
        let limit = SQLiteValue.integer(Int64(max(0, wanted.limit)))
        func take(_ row: SQLiteStatement) {
            let body = row.integer(1) != 0 ? row.bytes(2) : nil
            found.append(ListedJob(number: UInt64(clamping: row.integer(0)), body: body))
        }
        if let stage = wanted.endedStage {
            try endedPage.each(after, product, limit, .text(stage)) { take($0) }
        } else {
            try page.each(after, product, limit) { take($0) }
        }
        return found
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
