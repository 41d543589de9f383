import FleetPorts
import FleetTesting
import Foundation
import Synchronization
import Testing

@testable import Stores

@Suite(.enabled(if: PostgresServer.isInstalled, PostgresServer.notInstalled))
struct PostgresStoreTests {
    private let server: PostgresServer
    private let folder: ScratchFolder

    init() throws {
        server = try PostgresServer.shared.get()
        folder = try ScratchFolder()
    }

    @Test func `no server, no store`() throws {
        let address = try #require(PostgresAddress("postgres://giga@/x?host=\(folder.path)"))
        let fault = #expect(throws: StoreFault.self) {
            try PostgresStore(address, folder: folder.data)
        }
        guard case .unreachable(address.label, let reason) = fault else {
            Issue.record("\(String(describing: fault))")
            return
        }
        #expect(reason.contains(folder.path))
        #expect(throws: try #require(fault)) { try PostgresHistory(address) }
    }

    @Test(arguments: [
        "postgres://locked:guess@/postgres?host=", "postgres://locked@/postgres?host=",
        "postgres://giga@/nowhere?host=",
    ])
    func `whoever is not let in is told so`(start: String) throws {
        let address = try #require(PostgresAddress(start + server.folder))
        let fault = #expect(throws: StoreFault.self) {
            try PostgresStore(address, folder: folder.data)
        }
        guard case .rejected(address.label, let reason) = fault else {
            Issue.record("\(String(describing: fault))")
            return
        }
        #expect(!reason.contains("guess") && !reason.isEmpty)
    }

    @Test func `a password opens it`() throws {
        let database = try server.database()
        let start = database.label.prefix { $0 != "?" }
        let name = try #require(start.split(separator: "/").last)
        try RawPostgres(server.url(String(name))).execute("GRANT ALL ON SCHEMA public TO locked")
        let url = "postgres://locked:sesame@/\(name)?host=\(server.folder)"
        let address = try #require(PostgresAddress(url))
        let store = try PostgresStore(address, folder: folder.data)
        #expect(store.identity.epoch == 1)
    }

    @Test func `of two coordinators the older one is refused`() throws {
        let address = try server.database()
        let older = try PostgresStore(address, folder: folder.data)
        var old = BatchMaker(following: older.identity)
        try older.commit(old.next(2))
        let newer = try PostgresStore(address, folder: folder.path + "/newer")
        #expect(newer.identity.fleetID == older.identity.fleetID)
        #expect(newer.identity.lastPosition == 2)

        #expect(throws: StoreFault.deposed(epoch: 1, newest: 2)) { try older.commit(old.next(1)) }
        var new = BatchMaker(following: newer.identity)
        try newer.commit(new.next(1))
        #expect(throws: StoreFault.deposed(epoch: 1, newest: 2)) { try older.commit(old.next(1)) }
        #expect(try older.batches(from: 1, limit: 9).map(\.lastPosition) == [2, 3])
    }

    @Test func `two that make the store at once make one`() throws {
        let address = try server.database()
        let path = folder.path
        let opened = Mutex<[StoreIdentity]>([])
        DispatchQueue.concurrentPerform(iterations: 6) { number in
            do {
                let store = try PostgresStore(address, folder: "\(path)/\(number)")
                opened.withLock { $0.append(store.identity) }
            } catch {
                Issue.record(error)
            }
        }
        let identities = opened.withLock { $0 }
        #expect(Set(identities.map(\.fleetID)).count == 1)
        #expect(identities.map(\.epoch).sorted() == [1, 2, 3, 4, 5, 6])
    }

    @Test func `a session that ends under a batch costs nothing`() throws {
        let address = try server.database()
        let store = try PostgresStore(address, folder: folder.data)
        let history = try store.history()
        var maker = BatchMaker(following: store.identity)
        try store.commit(maker.next(1))
        try RawPostgres(address.url).execute(
            """
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
            """
        )
        let batch = maker.next(1)
        let fault = #expect(throws: StoreFault.self) { try store.commit(batch) }
        guard case .unreachable = fault else {
            Issue.record("\(String(describing: fault))")
            return
        }
        try store.commit(batch)
        // A reader does not notice.
        #expect(try history.batches(from: 1, limit: 9).map(\.lastPosition) == [1, 2])
    }

    @Test func `what a newer giga wrote is left alone`() throws {
        let address = try server.database()
        try PostgresStore(address, folder: folder.data).close()
        let raw = try RawPostgres(address.url)
        try raw.execute("INSERT INTO fleet_schema VALUES ('fleet', 99)")
        let newer = StoreFault.newer(path: address.label, schema: 99, known: PostgresSchema.known)
        #expect(throws: newer) { try PostgresStore(address, folder: folder.data) }
        #expect(throws: newer) { try PostgresHistory(address) }
        #expect(throws: newer) { try PostgresMigration.run(address) }
        #expect(try raw.execute("SELECT epoch FROM fleet_identity") == "1")
    }

    @Test func `a step that fails leaves nothing of itself`() throws {
        let address = try server.database()
        let database = try PostgresConnection(address)
        let steps = PostgresSchema.steps + ["CREATE TABLE fleet_next (id INT); SELECT 1/0"]
        #expect(throws: StoreFault.self) { try PostgresSchema.migrate(database, through: steps) }
        #expect(try PostgresSchema.version(of: database) == PostgresSchema.known)
        let next = try database.query("SELECT to_regclass('fleet_next') IS NULL")
        #expect(next.flag(0, 0))
    }

    @Test func `every primary and unique key begins with the product`() throws {
        let address = try server.database()
        let store = try PostgresStore(address, folder: folder.data)
        let others = try RawPostgres(address.url).execute(
            """
            SELECT coalesce(string_agg(indexrelid::regclass::text, ' '), '')
            FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
            WHERE indisunique AND indrelid::regclass::text LIKE 'fleet_%'
                AND attname <> 'product_id'
            """
        )
        #expect(others == "")
        store.close()
    }

    @Test func `logs of two fleets never lie in one folder`() throws {
        let address = try server.database()
        try PostgresStore(address, folder: folder.data).close()
        try PostgresStore(address, folder: folder.data).close()
        let other = try server.database()
        #expect(throws: StoreFault.self) { try PostgresStore(other, folder: folder.data) }
        #expect(try PostgresHistory(address).identity.epoch == 2)

        let sqlite = folder.path + "/sqlite"
        try SQLiteStore(folder: sqlite).close()
        #expect(throws: StoreFault.self) { try PostgresStore(address, folder: sqlite) }
    }

    @Test func `a database without a store is none`() throws {
        let address = try server.database()
        #expect(throws: StoreFault.self) { try PostgresHistory(address) }
        #expect(throws: StoreFault.self) { try PostgresSurvey(of: address) }
        let store = try PostgresStore(address, folder: folder.data)
        let survey = try PostgresSurvey(of: address)
        #expect(survey.identity == store.identity)
        #expect(survey.rows["fleet_jobs"] == 0 && survey.databaseBytes > 0)
        #expect(try PostgresMigration.run(address).isNewest)
    }
}
