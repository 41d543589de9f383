import FleetModel
import FleetPorts
import Foundation
import Glibc
import Testing

@testable import Stores

/// The first released schema, with the rows of a real fleet: it opens for ever after.
@Suite struct FirstSchemaTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
        try FirstSchema.make(in: folder.data)
    }

    @Test func `a reader that changes nothing says what to do`() throws {
        let fault = #expect(throws: StoreFault.self) { try SQLiteReader(folder: folder.data) }
        #expect("\(try #require(fault))".contains("its schema is 1"))
        #expect(try StoreMigration.versions(of: folder.data).stored == 1)
    }

    @Test func `every event and every row is there after the migration, byte for byte`() throws {
        let before = try RawDatabase(folder.data + "/giga.db")
        let events = try before.texts("SELECT bytes FROM fleet_events ORDER BY first_position")
        var bodies: [String: [String]] = [:]
        for table in StoreTable.allCases {
            bodies[table.rawValue] = try before.texts(
                "SELECT product_id || '|' || key || '|' || body FROM \(table.rawValue) ORDER BY 1"
            )
        }
        #expect(events.count > 50 && bodies["fleet_jobs"]?.count == 9)

        let versions = try StoreMigration.run(folder.data)
        #expect(versions == .init(stored: 1, known: SQLiteSchema.known))
        let store = try SQLiteStore(folder: folder.data)
        #expect(store.identity.fleetID == "wkuxiqhsbn")
        #expect(store.identity.lastPosition == 151)
        #expect(store.identity.epoch == 2)
        let now = try store.batches(from: 1, limit: .max)
        #expect(now.map { String(decoding: $0.bytes, as: UTF8.self) } == events)
        let rows = try store.load().filter { $0.key != "counters" }
        for table in StoreTable.allCases {
            let own = rows.filter { $0.table == table }.map {
                "\($0.product)|\($0.key)|\(String(decoding: $0.body, as: UTF8.self))"
            }
            let expected = bodies[table.rawValue]?.filter { !$0.hasPrefix("fleet|counters|") }
            #expect(own.sorted() == expected?.sorted())
        }
    }

    @Test func `migrating twice changes nothing the second time`() throws {
        #expect(try !StoreMigration.run(folder.data).isNewest)
        let before = folder.read("giga.db")
        #expect(try StoreMigration.run(folder.data).isNewest)
        #expect(folder.read("giga.db") == before)
    }

    @Test func `a trial tells whether it works and leaves no trace`() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.data)
        let before = folder.read("giga.db")
        try StoreMigration.tryOut(folder.data)
        #expect(folder.read("giga.db") == before)
        let raw = try RawDatabase(folder.data + "/giga.db")
        #expect(try raw.number("SELECT max(version) FROM fleet_schema") == 1)
        let after = try FileManager.default.contentsOfDirectory(atPath: folder.data)
        #expect(Set(after).subtracting(names).allSatisfy { $0.hasPrefix("giga.db-") })

        try raw.execute("CREATE INDEX fleet_jobs_open ON fleet_jobs (key)")
        let fault = #expect(throws: BackupFault.self) { try StoreMigration.tryOut(folder.data) }
        #expect("\(try #require(fault))".contains("fleet_jobs_open already exists"))
        #expect(try raw.number("SELECT max(version) FROM fleet_schema") == 1)
    }

    @Test func `a step that fails half-way leaves nothing of itself`() throws {
        let path = folder.data + "/giga.db"
        let step = "CREATE TABLE half (x); CREATE TABLE fleet_jobs (x)"
        let database = try DataFolder.openForWriting(folder.data)
        #expect(throws: StoreFault.self) {
            try SQLiteSchema.migrate(database, through: SQLiteSchema.steps + [step])
        }
        let raw = try RawDatabase(path)
        #expect(
            try raw.number("SELECT max(version) FROM fleet_schema") == Int64(SQLiteSchema.known)
        )
        #expect(try raw.number("SELECT count(*) FROM sqlite_schema WHERE name = 'half'") == 0)
        #expect(try SQLiteStore(folder: folder.data).identity.lastPosition == 151)
    }

    @Test func `a store that a server has open is not migrated beneath it`() throws {
        let lock = try FolderLock(folder: folder.data)
        #expect(throws: StoreFault.busy(path: folder.data + "/giga.lock", pid: getpid())) {
            try StoreMigration.run(folder.data)
        }
        withExtendedLifetime(lock) {}
    }

    @Test func `its backup is worth as much as any`() throws {
        let archive = folder.path + "/first.tar"
        let made = try StoreBackup.make(
            of: folder.data,
            to: archive,
            version: "0.1.0",
            at: 1_800_000_000_000,
            unseenRuns: { _ in [.attempt(JobID(1), 1)] },
            watch: { _ in true }
        )
        #expect(made.schema == 1 && made.position == 151)
        try StagedRestore(of: archive, for: folder.path + "/back") { _ in true }.publish()
        #expect(try SQLiteStore(folder: folder.path + "/back").identity.lastPosition == 151)
    }

    @Test func `a survey tells what is there, of an older store too`() throws {
        let survey = try StoreSurvey(of: folder.data)
        #expect(survey.identity.fleetID == "wkuxiqhsbn" && survey.versions.stored == 1)
        #expect(survey.rows["fleet_jobs"] == 9 && survey.rows["fleet_factories"] == 2)
        #expect(survey.heldBy == nil && survey.databaseBytes > 100_000)
        let store = try SQLiteStore(folder: folder.data)
        #expect(try StoreSurvey(of: folder.data).heldBy == getpid())
        store.close()
    }
}

/// The text that the first schema was kept as.
enum FirstSchema {
    static func make(in folder: String) throws {
        let fixture = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/schema-1.sql")
        let text = try String(contentsOf: fixture, encoding: .utf8)
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        try RawDatabase(folder + "/giga.db").execute(text)
    }
}
