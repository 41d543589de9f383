import FleetPorts

/// The writing connection and its statements: one batch, one transaction, one sync.
final class SQLiteWriter {
    let reads: SQLiteReads
    private let database: SQLiteConnection
    private let check: SQLiteStatement
    private let event: SQLiteStatement
    private let touch: SQLiteStatement
    private let eventless: SQLiteStatement
    private let forgetEventless: SQLiteStatement
    private let reply: SQLiteStatement
    private let prune: SQLiteStatement
    private let put: [StoreTable: SQLiteStatement]
    private let remove: [StoreTable: SQLiteStatement]
    private let changeJob: SQLiteStatement
    private let putJob: SQLiteStatement

    init(_ database: SQLiteConnection) throws(StoreFault) {
        self.database = database
        reads = try SQLiteReads(database)
        check = try database.prepare(Self.checkText)
        event = try database.prepare(
            """
            INSERT INTO fleet_events
                (product_id, first_position, last_position, batch_id, at, bytes)
            VALUES ('fleet', ?, ?, ?, ?, ?)
            """
        )
        touch = try database.prepare(
            """
            INSERT INTO fleet_event_index (product_id, job, first_position) VALUES (?, ?, ?)
            ON CONFLICT DO NOTHING
            """
        )
        eventless = try database.prepare(
            "INSERT INTO fleet_batches (product_id, batch_id, at) VALUES ('fleet', ?, ?)"
        )
        forgetEventless = try database.prepare(Self.pruneText("fleet_batches"))
        // A replaced reply takes a new rowid, so that rowids stay in the order of age.
        reply = try database.prepare(
            """
            INSERT OR REPLACE INTO fleet_replies
                (product_id, key, request_hash, status, body, at)
            VALUES ('fleet', ?, ?, ?, ?, ?)
            """
        )
        prune = try database.prepare(Self.pruneText("fleet_replies"))
        var put: [StoreTable: SQLiteStatement] = [:]
        var remove: [StoreTable: SQLiteStatement] = [:]
        for table in StoreTable.allCases {
            put[table] = try database.prepare(
                """
                INSERT INTO \(table.rawValue) (product_id, key, body) VALUES (?, ?, ?)
                ON CONFLICT (product_id, key) DO UPDATE SET body = excluded.body
                """
            )
            remove[table] = try database.prepare(
                "DELETE FROM \(table.rawValue) WHERE product_id = ? AND key = ?"
            )
        }
        (self.put, self.remove) = (put, remove)
        changeJob = try database.prepare(Self.changeJobText)
        putJob = try database.prepare(Self.putJobText)
    }

    /// Stores `batch` wholly or not at all.
    func commit(_ batch: StoreBatch) throws(StoreFault) {
        do {
            try database.transaction { () throws(StoreFault) in
                guard try admits(batch) else { return }
                try store(batch)
            }
        } catch .full(let path, _, let free) {
            // Folding the log back would eat the room that the reserve is about to give up.
            database.keepLogOnClose()
            throw .full(path: path, needed: batch.byteCount, free: free)
        } catch {
            throw error
        }
    }

    /// False for a batch that is stored already; throws when it may not be stored.
    private func admits(_ batch: StoreBatch) throws(StoreFault) -> Bool {
        let found = try check.first(.text(batch.id)) { row in
            (
                epoch: UInt64(clamping: row.integer(0)),
                last: UInt64(clamping: row.integer(1)),
                isStored: row.integer(2) != 0
            )
        }
        guard let found else {
            throw .broken(path: database.path, reason: "its row in fleet_identity is missing")
        }
        if found.isStored { return false }
        try batch.mayFollow(position: found.last, epoch: found.epoch, path: database.path)
        return true
    }

    private func store(_ batch: StoreBatch) throws(StoreFault) {
        if let events = batch.events {
            let first = SQLiteValue.position(events.firstPosition)
            try event.run(
                first,
                .position(events.lastPosition),
                .text(batch.id),
                .integer(batch.at),
                .blob(events.bytes)
            )
            for job in batch.touched {
                try touch.run(.text(job.product), .text(job.job), first)
            }
        } else {
            try eventless.run(.text(batch.id), .integer(batch.at))
            try forget(1, in: forgetEventless, at: batch.at)
        }
        for row in batch.rows {
            if let body = row.body, row.table == .jobs {
                try putJob(row, body)
            } else if let body = row.body {
                // A decision is no text; SQLite keeps a value of any type in its column.
                let value: SQLiteValue = row.table == .decisions ? .blob(body) : .json(body)
                try put[row.table]?.run(.text(row.product), .text(row.key), value)
            } else {
                try remove[row.table]?.run(.text(row.product), .text(row.key))
            }
        }
        for kept in batch.replies {
            try reply.run(
                .text(kept.key),
                .text(kept.requestHash),
                .integer(Int64(kept.status)),
                .blob(kept.body),
                .integer(kept.at)
            )
        }
        if !batch.replies.isEmpty {
            try forget(batch.replies.count, in: prune, at: batch.at)
        }
    }

    /// Most changes leave a job open, and then no index has to be touched.
    private func putJob(_ row: RowChange, _ body: [UInt8]) throws(StoreFault) {
        let (product, key) = (SQLiteValue.text(row.product), SQLiteValue.text(row.key))
        let stage = row.mark.map { SQLiteValue.text($0.stage) } ?? .null
        let ended = SQLiteValue.integer(row.mark?.hasEnded == true ? 1 : 0)
        let isChanged = try changeJob.first(product, key, .json(body), stage, ended) { _ in true }
        guard isChanged == nil else { return }
        try putJob.run(
            product,
            key,
            .json(body),
            stage,
            ended,
            row.mark.map { .position($0.number) } ?? .null,
            row.mark?.idempotencyKey.map { .text($0) } ?? .null
        )
    }

    private static let changeJobText = """
        UPDATE fleet_jobs SET body = ?3, stage = ?4
        WHERE product_id = ?1 AND key = ?2 AND ended = ?5 RETURNING 1
        """

    private static let putJobText = """
        INSERT INTO fleet_jobs (product_id, key, body, stage, ended, number, idempotency_key)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (product_id, key) DO UPDATE SET
            body = excluded.body, stage = excluded.stage, ended = excluded.ended
        """

    /// Drops what has outlived its time, a little faster than it is added.
    private func forget(
        _ added: Int,
        in statement: SQLiteStatement,
        at now: Int64
    ) throws(StoreFault) {
        let limit = SQLiteValue.integer(Int64(2 * added + 8))
        try statement.run(.integer(now - StoredReply.lifetime), limit)
    }

    /// What a transaction must know first: epoch, last position, whether the batch is stored.
    private static let checkText = """
        SELECT epoch,
            (SELECT last_position FROM fleet_events
             WHERE product_id = 'fleet' ORDER BY first_position DESC LIMIT 1),
            EXISTS (SELECT 1 FROM fleet_events WHERE batch_id = ?1)
                OR EXISTS (SELECT 1 FROM fleet_batches
                           WHERE product_id = 'fleet' AND batch_id = ?1)
        FROM fleet_identity WHERE product_id = 'fleet'
        """

    /// Looks at the oldest rows only, so that it costs the same however many there are.
    private static func pruneText(_ table: String) -> String {
        """
        DELETE FROM \(table) WHERE at < ?1
            AND rowid IN (SELECT rowid FROM \(table) ORDER BY rowid LIMIT ?2)
        """
    }
}
