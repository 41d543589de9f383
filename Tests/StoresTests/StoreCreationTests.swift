import FleetPorts
import FleetTesting
import Foundation
import Testing

@testable import Stores

@Suite struct StoreCreationTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    @Test func `a store is made where there is none, and the next opening is its second`() throws {
        #expect(try !StoreCreation.isThere(in: folder.data))
        let made = try #require(try StoreCreation.make(in: folder.data))
        #expect(made.epoch == 1 && made.lastPosition == 0)
        #expect(try StoreCreation.isThere(in: folder.data))
        let store = try SQLiteStore(folder: folder.data)
        #expect(store.identity.fleetID == made.fleetID && store.identity.epoch == 2)
        store.close()
    }

    @Test func `a store that is there is left as it is`() throws {
        let made = try #require(try StoreCreation.make(in: folder.data))
        #expect(try StoreCreation.make(in: folder.data) == nil)
        #expect(try StoreSurvey(of: folder.data).identity == made)
    }

    @Test func `an empty file is no store, and another file is not written over`() throws {
        try folder.write([], to: "giga.db")
        #expect(try StoreCreation.make(in: folder.data) != nil)
        let other = try ScratchFolder()
        let text = Array("a letter, not a database, and somebody wants to keep it".utf8)
        try other.write(text, to: "giga.db")
        #expect(throws: StoreFault.self) { try StoreCreation.make(in: other.data) }
        #expect(other.read("giga.db") == text)
    }
}

@Suite(.enabled(if: PostgresServer.isInstalled, PostgresServer.notInstalled))
struct PostgresCreationTests {
    private let server: PostgresServer
    private let folder: ScratchFolder

    init() throws {
        server = try PostgresServer.shared.get()
        folder = try ScratchFolder()
    }

    @Test func `a store is made once, and whoever works with it is not deposed`() throws {
        let address = try server.database()
        #expect(try !StoreCreation.isThere(at: address))
        let made = try #require(try StoreCreation.make(at: address, folder: folder.data))
        #expect(made.epoch == 1)
        let store = try PostgresStore(address, folder: folder.data)
        #expect(store.identity.fleetID == made.fleetID)
        let other = try ScratchFolder()
        #expect(try StoreCreation.make(at: address, folder: other.data) == nil)
        #expect(try PostgresSurvey(of: address).identity.epoch == store.identity.epoch)
        store.close()
    }

    /// Stands for Citus, which is not here: it has the names, types and order of what is called.
    private static let standIn = """
        CREATE TABLE spread (name REGCLASS PRIMARY KEY, beside REGCLASS);
        CREATE FUNCTION create_distributed_table(
            table_name REGCLASS, distribution_column TEXT, colocate_with TEXT DEFAULT 'default'
        ) RETURNS VOID LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (SELECT 1 FROM pg_index JOIN pg_attribute
                ON attrelid = indrelid AND attnum = indkey[0]
                WHERE indrelid = table_name AND indisprimary AND attname = distribution_column)
            THEN RAISE 'the primary key of % does not begin with it', table_name; END IF;
            INSERT INTO spread VALUES (table_name, nullif(colocate_with, 'default')::regclass);
        END $$;
        """

    @Test func `what spreads the tables names each once, all beside the events`() throws {
        let address = try server.database()
        _ = try #require(try StoreCreation.make(at: address, folder: folder.data))
        let database = try RawPostgres(address.url)
        try database.execute(Self.standIn)
        try database.execute(CitusStatements.text)
        let missing = """
            SELECT count(*)::text FROM pg_class LEFT JOIN spread ON spread.name = pg_class.oid
            WHERE relname LIKE 'fleet\\_%' AND relkind = 'r' AND spread.name IS NULL
            """
        #expect(try database.execute(missing) == "0")
        let beside = "SELECT string_agg(DISTINCT coalesce(beside::text, '-'), ' ') FROM spread"
        #expect(try database.execute(beside) == "- fleet_events")
        let first = "SELECT name::text FROM spread WHERE beside IS NULL"
        #expect(try database.execute(first) == "fleet_events")
        // Only like columns can be put beside each other.
        let kinds = """
            SELECT count(DISTINCT (atttypid, attcollation))::text
            FROM pg_attribute JOIN spread ON attrelid = spread.name WHERE attname = 'product_id'
            """
        #expect(try database.execute(kinds) == "1")
    }
}
