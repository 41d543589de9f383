import FleetPorts

/// Stores batches: one transaction each, in two round trips, however many rows a batch has.
///
/// The first trip takes the row of `fleet_identity`: whoever opens the store anew must change that
/// row, so an opening and a commit never overlap, and a deposed writer finds the newer epoch there.
struct PostgresWriter {
    private let database: PostgresConnection

    init(_ database: PostgresConnection) { self.database = database }

    /// Stores `batch` wholly or not at all.
    func commit(_ batch: StoreBatch) throws(StoreFault) {
        do {
            guard try begin(batch) else { return try database.rollBack() }
            _ = try database.pipeline(steps(batch) + [.init("COMMIT")])
        } catch .full(let path, _, _) {
            throw .full(path: path, needed: batch.byteCount, free: nil)
        } catch {
            throw error
        }
    }

    /// False for a batch that is stored already; throws when it may not be stored.
    private func begin(_ batch: StoreBatch) throws(StoreFault) -> Bool {
        // Each statement sees what was committed before it began: what is read after the lock was
        // given is not older than the lock.
        let answers = try database.pipeline([
            .init("BEGIN ISOLATION LEVEL READ COMMITTED"),
            .init("SELECT epoch FROM fleet_identity WHERE product_id = 'fleet' FOR UPDATE"),
            .init(Self.checkText, .text(batch.id)),
        ])
        let (identity, check) = (answers[1], answers[2])
        guard identity.count == 1 else {
            throw .broken(path: database.label, reason: "its row in fleet_identity is missing")
        }
        if check.flag(0, 1) { return false }
        try batch.mayFollow(
            position: check.position(0, 0),
            epoch: identity.position(0, 0),
            path: database.label
        )
        return true
    }

    private func steps(_ batch: StoreBatch) -> [PostgresConnection.Step] {
        var steps: [PostgresConnection.Step] = []
        if let events = batch.events {
            steps += eventSteps(events, batch)
        } else {
            steps.append(
                .init(
                    """
                    INSERT INTO fleet_batches (product_id, batch_id, at)
                    VALUES ('fleet', $1::text, $2::bigint)
                    """,
                    .text(batch.id),
                    .integer(batch.at)
                )
            )
            steps.append(forget(1, of: "fleet_batches", by: "batch_id", at: batch.at))
        }
        steps += rowSteps(batch.rows)
        if !batch.replies.isEmpty {
            let newest = Dictionary(batch.replies.map { ($0.key, $0) }) { _, later in later }
            steps.append(replies(newest.values.sorted { $0.key < $1.key }))
            steps.append(forget(newest.count, of: "fleet_replies", by: "key", at: batch.at))
        }
        return steps
    }

    private func eventSteps(
        _ events: PackedEvents,
        _ batch: StoreBatch
    ) -> [PostgresConnection.Step] {
        let first = PostgresValue.position(events.firstPosition)
        let event = PostgresConnection.Step(
            """
            INSERT INTO fleet_events
                (product_id, first_position, last_position, batch_id, at, bytes)
            VALUES ('fleet', $1::bigint, $2::bigint, $3::text, $4::bigint, $5::bytea)
            """,
            first,
            .position(events.lastPosition),
            .text(batch.id),
            .integer(batch.at),
            .bytes(events.bytes)
        )
        guard !batch.touched.isEmpty else { return [event] }
        let index = PostgresConnection.Step(
            """
            INSERT INTO fleet_event_index (product_id, job, first_position)
            SELECT product, job, $3::bigint FROM unnest($1::text[], $2::text[]) AS t (product, job)
            ON CONFLICT DO NOTHING
            """,
            .texts(batch.touched.map(\.product)),
            .texts(batch.touched.map(\.job)),
            first
        )
        return [event, index]
    }

    /// The last change of each row, one statement for each table and kind of change.
    private func rowSteps(_ rows: [RowChange]) -> [PostgresConnection.Step] {
        struct Place: Hashable {
            let table: StoreTable
            let product: String
            let key: String
        }
        var places: [Place: Int] = [:]
        for (index, row) in rows.enumerated() {
            places[Place(table: row.table, product: row.product, key: row.key)] = index
        }
        let newest = places.values.sorted().map { rows[$0] }
        return StoreTable.allCases.flatMap { table -> [PostgresConnection.Step] in
            let own = newest.filter { $0.table == table }
            let (put, removed) = (own.filter { $0.body != nil }, own.filter { $0.body == nil })
            var steps: [PostgresConnection.Step] = []
            if !put.isEmpty { steps.append(table == .jobs ? jobs(put) : plain(put, table)) }
            if !removed.isEmpty { steps.append(removal(removed, table)) }
            return steps
        }
    }

    private func plain(_ rows: [RowChange], _ table: StoreTable) -> PostgresConnection.Step {
        .init(
            """
            INSERT INTO \(table.rawValue) (product_id, key, body)
            SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[])
            ON CONFLICT (product_id, key) DO UPDATE SET body = excluded.body
            """,
            .texts(rows.map(\.product)),
            .texts(rows.map(\.key)),
            .blobs(rows.compactMap(\.body))
        )
    }

    private func jobs(_ rows: [RowChange]) -> PostgresConnection.Step {
        .init(
            """
            INSERT INTO fleet_jobs (product_id, key, body, stage, ended, number, idempotency_key)
            SELECT * FROM unnest(
                $1::text[], $2::text[], $3::bytea[], $4::text[], $5::bool[], $6::bigint[],
                $7::text[])
            ON CONFLICT (product_id, key) DO UPDATE SET
                body = excluded.body, stage = excluded.stage, ended = excluded.ended
            """,
            .texts(rows.map(\.product)),
            .texts(rows.map(\.key)),
            .blobs(rows.compactMap(\.body)),
            .texts(rows.map { $0.mark?.stage }),
            .flags(rows.map { $0.mark?.hasEnded == true }),
            .integers(rows.map { $0.mark.map { Int64(clamping: $0.number) } }),
            .texts(rows.map { $0.mark?.idempotencyKey })
        )
    }

    private func removal(_ rows: [RowChange], _ table: StoreTable) -> PostgresConnection.Step {
        .init(
            """
            DELETE FROM \(table.rawValue) WHERE (product_id, key) IN (
                SELECT * FROM unnest($1::text[], $2::text[]))
            """,
            .texts(rows.map(\.product)),
            .texts(rows.map(\.key))
        )
    }

    private func replies(_ replies: [StoredReply]) -> PostgresConnection.Step {
        .init(
            """
            INSERT INTO fleet_replies (product_id, key, request_hash, status, body, at)
            SELECT 'fleet', * FROM unnest(
                $1::text[], $2::text[], $3::bigint[], $4::bytea[], $5::bigint[])
            ON CONFLICT (product_id, key) DO UPDATE SET
                request_hash = excluded.request_hash, status = excluded.status,
                body = excluded.body, at = excluded.at
            """,
            .texts(replies.map(\.key)),
            .texts(replies.map(\.requestHash)),
            .integers(replies.map { Int64($0.status) }),
            .blobs(replies.map(\.body)),
            .integers(replies.map(\.at))
        )
    }

    /// Drops what has outlived its time, a little faster than it is added.
    private func forget(
        _ added: Int,
        of table: String,
        by key: String,
        at now: Int64
    ) -> PostgresConnection.Step {
        .init(
            """
            DELETE FROM \(table) WHERE product_id = 'fleet' AND \(key) IN (
                SELECT \(key) FROM \(table) WHERE product_id = 'fleet' AND at < $1::bigint
                ORDER BY at LIMIT $2::bigint)
            """,
            .integer(now - StoredReply.lifetime),
            .integer(Int64(2 * added + 8))
        )
    }

    /// The last position, and whether the batch is stored.
    private static let checkText = """
        SELECT
            (SELECT last_position FROM fleet_events
             WHERE product_id = 'fleet' ORDER BY first_position DESC LIMIT 1),
            EXISTS (SELECT 1 FROM fleet_events WHERE product_id = 'fleet' AND batch_id = $1::text)
                OR EXISTS (SELECT 1 FROM fleet_batches
                           WHERE product_id = 'fleet' AND batch_id = $1::text)
        """
}
