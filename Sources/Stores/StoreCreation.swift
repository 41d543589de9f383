package import FleetPorts

/// Makes a store where there is none, and leaves it closed.
package enum StoreCreation {
    /// Whether the folder has a store, of whichever version.
    package static func isThere(in folder: String) throws(StoreFault) -> Bool {
        let path = DataFolder.database(in: folder)
        guard PlainFile.exists(path) else { return false }
        return try SQLiteSchema.version(of: try SQLiteReader.open(path)) != nil
    }

    /// Whether the database has a store, of whichever version.
    package static func isThere(at address: PostgresAddress) throws(StoreFault) -> Bool {
        try PostgresSchema.version(of: try PostgresConnection(address)) != nil
    }

    /// Makes `folder` and the database in it; nil when there is a store already.
    ///
    /// - Throws: `busy` while another process has the folder, `newer`, `full`, `broken`.
    package static func make(in folder: String) throws(StoreFault) -> StoreIdentity? {
        guard try !isThere(in: folder) else { return nil }
        let store = try SQLiteStore(folder: folder)
        store.close()
        return own(store.identity)
    }

    /// Makes the tables in the database, and names the folder of the run logs after the fleet; nil
    /// when there is a store already, whose coordinator is left alone.
    ///
    /// - Throws: `unreachable`, `rejected`, `busy`, `newer`, `broken`.
    package static func make(
        at address: PostgresAddress,
        folder: String
    ) throws(StoreFault) -> StoreIdentity? {
        guard try !isThere(at: address) else { return nil }
        let store = try PostgresStore(address, folder: folder)
        store.close()
        return own(store.identity)
    }

    /// Only the first opening of a store has epoch 1: with another, somebody made it meanwhile.
    private static func own(_ identity: StoreIdentity) -> StoreIdentity? {
        identity.epoch == 1 ? identity : nil
    }
}
