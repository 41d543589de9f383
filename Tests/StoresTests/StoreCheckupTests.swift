import FleetPorts
import Foundation
import Testing

@testable import Stores

@Suite struct StoreCheckupTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
        try FirstSchema.make(in: folder.data)
        try SQLiteStore(folder: folder.data).close()
    }

    private func wrong() -> [StoreCheckup.Finding] {
        StoreCheckup(of: folder.data).findings.filter { !$0.isFine }
    }

    @Test func `a whole store has nothing wrong with it, beside its server too`() throws {
        #expect(wrong() == [])
        let store = try SQLiteStore(folder: folder.data)
        #expect(wrong() == [])
        #expect(StoreCheckup(of: folder.data).findings.count == 8)
        store.close()
    }

    /// What another program might do to it, the check that names it, and words of its detail.
    static let damages = [
        ("DELETE FROM fleet_events WHERE first_position = 1", "positions", "before position"),
        (
            "UPDATE fleet_state SET body = json_set(body, '$.position', 999) WHERE key = 'counters'",
            "watermark", "the rows to 999"
        ),
        ("DELETE FROM fleet_jobs WHERE key = 'job-1'", "rows", "of fleet_runs"),
        ("DELETE FROM fleet_event_index WHERE job = 'job-1'", "rows", "without events"),
        ("UPDATE fleet_schema SET version = version + 9", "schema", "newer than this version"),
    ]

    @Test(arguments: damages)
    func `what is wrong is named with its fix`(damage: (String, String, String)) throws {
        try RawDatabase(folder.data + "/giga.db").execute(damage.0)
        let found = wrong()
        let own = try #require(found.first { $0.check == damage.1 }, "\(found)")
        #expect(own.detail.contains(damage.2))
        #expect(own.fix?.isEmpty == false)
    }

    @Test func `an older schema, stray files and a missing reserve are named`() throws {
        let older = try ScratchFolder()
        try FirstSchema.make(in: older.data)
        try older.write(Array("x".utf8), to: "runs/job-99.1.log")
        let found = StoreCheckup(of: older.data).findings.filter { !$0.isFine }
        #expect(found.map(\.check) == ["schema", "run files", "reserve"])
        #expect(found[0].fix == "giga store migrate --data \(older.data)")
        #expect(found[1].detail == "1 belong to no job, such as job-99.1.log")
        #expect(found[1].fix == "giga gc --data \(older.data)")
    }

    @Test func `what the coordinator keeps beside the runs' files belongs to no job, and is fine`()
        throws
    {
        try folder.write(Array("job-1.1 3 seal\n".utf8), to: "runs/.acknowledged")
        try folder.write(Array("x".utf8), to: "runs/.upload-1")
        #expect(wrong() == [])
    }

    @Test func `rows may follow their events, and run files the first event of their job`() throws {
        let database = try RawDatabase(folder.data + "/giga.db")
        for table in ["runs", "leases", "decisions"] {
            try database.execute("DELETE FROM fleet_\(table) WHERE key LIKE 'job-1%'")
        }
        try database.execute("DELETE FROM fleet_jobs WHERE key = 'job-1'")
        try database.execute(
            "UPDATE fleet_state SET body = json_set(body, '$.position', 3) WHERE key = 'counters'"
        )
        try folder.write(Array("x".utf8), to: "runs/job-1.1.log")
        #expect(wrong() == [])
        let own = StoreCheckup(of: folder.data).findings.first { $0.check == "watermark" }
        #expect(own?.detail.hasPrefix("rows at position 3 follow the events to ") == true)
    }

    @Test func `damaged pages are named`() throws {
        let path = folder.data + "/giga.db"
        var bytes = try #require(folder.read("giga.db"))
        for place in stride(from: 40_960, to: bytes.count, by: 16) { bytes[place] = 0xA5 }
        try Data(bytes).write(to: URL(filePath: path))
        let found = wrong()
        #expect(!found.isEmpty && found.allSatisfy { $0.fix != nil })
        #expect(found.contains { $0.detail.contains("damaged") || $0.detail.contains("malformed") })
    }

    @Test func `no store at all is named`() {
        #expect(StoreCheckup(of: "/nowhere").findings.map(\.isFine) == [false])
    }
}
