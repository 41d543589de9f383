package import FleetPorts

/// The store that machines can share: one PostgreSQL database; run logs stay in the data folder.
///
/// A batch is one transaction that holds the row of `fleet_identity`, so that of two openings only
/// the newer one can store anything. When the connection is lost nobody knows whether the last
/// batch was stored: `commit` throws `unreachable`, and the same batch is given again until it is
/// stored, which changes nothing if it was, or until the epoch is deposed.
package final class PostgresStore: Store {
    package let identity: StoreIdentity
    private let address: PostgresAddress
    private let line: PostgresLine
    private var ownHistory: PostgresHistory?
    private var folder: FleetFolder?

    /// Opens the store for writing, which deposes the opening before, and makes it if need be.
    ///
    /// - Parameters:
    ///   - address: Of the database; what it lacks is created in it.
    ///   - path: Where run logs and artifacts lie; locked against a second coordinator of this
    ///     machine, and refused if another fleet's lie there.
    /// - Throws: `unreachable`, `rejected`, `busy`, `newer`, `broken`.
    package init(_ address: PostgresAddress, folder path: String) throws(StoreFault) {
        self.address = address
        let folder = try FleetFolder(path)
        line = try PostgresLine(address)
        identity = try line.use { (database) throws(StoreFault) in
            try PostgresSchema.migrate(database)
            let reads = PostgresReads(database)
            if let known = try reads.storeIdentity() {
                try folder.admit(known.fleetID, of: address)
            } else {
                try folder.admit(nil, of: address)
            }
            // Waits for a batch that the opening before is storing; the next one of it is refused.
            // The epoch is what this very statement made: another opening may follow at once, and
            // whoever reads the row after that would take that one's epoch for its own.
            let taken = try database.query(
                """
                INSERT INTO fleet_identity (product_id, fleet_id, epoch)
                VALUES ('fleet', $1::text, 1)
                ON CONFLICT (product_id) DO UPDATE SET epoch = fleet_identity.epoch + 1
                RETURNING epoch
                """,
                .text(FleetID.random())
            )
            guard taken.count == 1, let found = try reads.storeIdentity() else {
                let reason = "its row in fleet_identity is missing"
                throw .broken(path: address.label, reason: reason)
            }
            return StoreIdentity(
                fleetID: found.fleetID,
                epoch: taken.position(0, 0),
                lastPosition: found.lastPosition,
                lastInstant: found.lastInstant
            )
        }
        try folder.name(identity.fleetID)
        self.folder = folder
    }

    deinit { close() }

    package func load() throws(StoreFault) -> [StoredRow] {
        try line.read { (reads) throws(StoreFault) in try reads.load() }
    }

    package func loadOpen() throws(StoreFault) -> [StoredRow] {
        try line.read { (reads) throws(StoreFault) in try reads.loadOpen() }
    }

    package func job(_ number: UInt64) throws(StoreFault) -> [UInt8]? {
        try line.read { (reads) throws(StoreFault) in try reads.job(number) }
    }

    package func job(withKey key: String, product: String) throws(StoreFault) -> [UInt8]? {
        try line.read { (reads) throws(StoreFault) in
            try reads.job(withKey: key, product: product)
        }
    }

    package func commit(_ batch: StoreBatch) throws(StoreFault) { try line.commit(batch) }

    package func batches(from position: UInt64, limit: Int) throws(StoreFault) -> [PackedEvents] {
        try line.read { (reads) throws(StoreFault) in
            try reads.batches(from: position, limit: limit)
        }
    }

    package func batches(
        ofJob job: String,
        product: String
    ) throws(StoreFault) -> [PackedEvents] {
        try line.read { (reads) throws(StoreFault) in
            try reads.batches(ofJob: job, product: product)
        }
    }

    package func fetch(
        table: StoreTable,
        product: String,
        key: String
    ) throws(StoreFault) -> [UInt8]? {
        try line.read { (reads) throws(StoreFault) in
            try reads.fetch(table: table, product: product, key: key)
        }
    }

    package func reply(forKey key: String, notBefore: Int64) throws(StoreFault) -> StoredReply? {
        try line.read { (reads) throws(StoreFault) in
            try reads.reply(forKey: key, notBefore: notBefore)
        }
    }

    /// A second connection, made at the first call and shared by all later ones.
    package func history() throws(StoreFault) -> any StoreHistory {
        guard folder != nil else {
            throw .broken(path: address.label, reason: "this store is closed")
        }
        if let ownHistory { return ownHistory }
        let history = try PostgresHistory(address)
        ownHistory = history
        return history
    }

    package func close() {
        ownHistory?.close()
        ownHistory = nil
        line.close()
        // Last: whoever gets the folder next must find the session ended.
        folder = nil
    }
}
