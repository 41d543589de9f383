package import FleetPorts

/// What can be told of a store on PostgreSQL, while a server has it open or not.
package struct PostgresSurvey: Hashable, Sendable {
    package let identity: StoreIdentity
    package let versions: StoreMigration.Versions
    package let databaseBytes: UInt64
    /// How many rows each table has, by its name.
    package let rows: [String: Int64]

    package init(of address: PostgresAddress) throws(StoreFault) {
        let database = try PostgresConnection(address)
        let versions = try PostgresMigration.versions(of: database)
        self.versions = versions
        guard let identity = try PostgresReads(database).storeIdentity() else {
            let reason = "its row in fleet_identity is missing"
            throw .broken(path: address.label, reason: reason)
        }
        self.identity = identity
        let size = "SELECT pg_database_size(current_database())"
        databaseBytes = UInt64(clamping: try database.query(size).integer(0, 0))
        var rows: [String: Int64] = [:]
        for table in StoreTable.allCases.map(\.rawValue) + ["fleet_events", "fleet_replies"] {
            rows[table] = try database.query("SELECT count(*) FROM \(table)").integer(0, 0)
        }
        self.rows = rows
    }
}

/// Brings the tables of a store on PostgreSQL up to this program's version.
package enum PostgresMigration {
    /// Looks only.
    package static func versions(
        of address: PostgresAddress
    ) throws(StoreFault) -> StoreMigration.Versions {
        try versions(of: try PostgresConnection(address))
    }

    /// Runs every step that is missing, each in a transaction of its own; where it stood before.
    package static func run(
        _ address: PostgresAddress
    ) throws(StoreFault) -> StoreMigration.Versions {
        let database = try PostgresConnection(address)
        let versions = try versions(of: database)
        if !versions.isNewest { try PostgresSchema.migrate(database) }
        return versions
    }

    static func versions(
        of database: PostgresConnection
    ) throws(StoreFault) -> StoreMigration.Versions {
        guard let stored = try PostgresSchema.version(of: database) else {
            let reason = "no store was ever initialised in this database"
            throw .broken(path: database.label, reason: reason)
        }
        return StoreMigration.Versions(stored: stored, known: PostgresSchema.known)
    }
}
