import FleetPorts
import FleetTesting
import Foundation
import Glibc
import Stores
import Testing

@Suite struct SQLiteOpeningTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private var database: String { folder.data + "/giga.db" }

    @Test func `a second opening is refused and names the first`() throws {
        let store = try SQLiteStore(folder: folder.data)
        let busy = StoreFault.busy(path: folder.data + "/giga.lock", pid: getpid())
        #expect(throws: busy) { try SQLiteStore(folder: folder.data) }
        #expect(throws: busy) { try SQLiteReader(folder: folder.data) }

        store.close()
        #expect(try SQLiteStore(folder: folder.data).identity.epoch == 2)
    }

    @Test func `the lock is given back though a child that starts has its file open still`() throws
    {
        let store = try SQLiteStore(folder: folder.data)
        let lock = folder.data + "/giga.lock"
        // What a fork leaves between it and the start of the program: the same open file, once more.
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        let held = open.compactMap(Int32.init).filter {
            let file = "/proc/self/fd/\($0)"
            return (try? FileManager.default.destinationOfSymbolicLink(atPath: file)) == lock
        }
        let copy = dup(try #require(held.first))
        defer { close(copy) }
        store.close()
        #expect(try SQLiteStore(folder: folder.data).identity.epoch == 2)
    }

    @Test func `a store of a newer version is refused and stays as it is`() throws {
        try SQLiteStore(folder: folder.data).close()
        try RawDatabase(database).execute("INSERT INTO fleet_schema VALUES ('fleet', 7)")
        let before = folder.read("giga.db")

        let newer = StoreFault.newer(path: database, schema: 7, known: 3)
        #expect(throws: newer) { try SQLiteStore(folder: folder.data) }
        #expect(throws: newer) { try SQLiteReader(folder: folder.data) }
        #expect(folder.read("giga.db") == before)
    }

    /// What the first version left: no marks, and counters that do not know of ended jobs.
    private func makeOfFirstVersion(_ jobs: [(product: String, body: String)]) throws {
        try SQLiteStore(folder: folder.data).close()
        let raw = try RawDatabase(database)
        for name in ["by_number", "open", "ended", "by_key"] {
            try raw.execute("DROP INDEX fleet_jobs_\(name)")
        }
        for name in ["number", "stage", "ended", "idempotency_key"] {
            try raw.execute("ALTER TABLE fleet_jobs DROP COLUMN \(name)")
        }
        try raw.execute("DELETE FROM fleet_schema WHERE version > 1")
        for (index, job) in jobs.enumerated() {
            let values = "'\(job.product)', 'job-\(index + 1)', '\(job.body)'"
            try raw.execute("INSERT INTO fleet_jobs VALUES (\(values))")
        }
        let counters = #"{"position":7,"seq":{}}"#
        try raw.execute("INSERT INTO fleet_state VALUES ('fleet', 'counters', '\(counters)')")
    }

    @Test func `a store of the first version is brought up to date`() throws {
        try makeOfFirstVersion([
            ("p", #"{"stage":"shipped","manifest":{"idempotency-key":"k"}}"#),
            ("p", #"{"stage":"queued","manifest":{}}"#),
            ("q", #"{"stage":"failed","manifest":{"idempotency-key":"k"}}"#),
            ("q", #"{"stage":"failed","manifest":{}}"#),
            ("q", #"{"stage":"dead_letter","manifest":{}}"#),
        ])
        let old = #expect(throws: StoreFault.self) { try SQLiteReader(folder: folder.data) }
        #expect("\(try #require(old))".contains("giga store migrate"))

        let store = try SQLiteStore(folder: folder.data)
        let open = try store.loadOpen()
        #expect(open.filter { $0.table == .jobs }.map(\.key) == ["job-2"])
        let counters = try #require(open.first { $0.key == "counters" })
        let ended = #""ended":{"p":{"shipped":1},"q":{"dead_letter":1,"failed":2}}"#
        #expect(String(decoding: counters.body, as: UTF8.self).contains(ended))
        #expect(try store.job(1) == store.job(withKey: "k", product: "p"))
        #expect(try store.job(3) == store.job(withKey: "k", product: "q"))
        let failed = try store.history().jobs(JobPage(endedStage: "failed", limit: 9))
        #expect(failed.map(\.number) == [3, 4])
    }

    @Test func `an empty store of the first version counts no ended jobs`() throws {
        try makeOfFirstVersion([])
        let counters = try SQLiteStore(folder: folder.data).loadOpen().map(\.body)
        #expect(counters == [Array(#"{"position":7,"seq":{},"ended":{}}"#.utf8)])
    }

    @Test func `another program's database is refused and stays as it is`() throws {
        try FileManager.default.createDirectory(
            atPath: folder.data,
            withIntermediateDirectories: true
        )
        try RawDatabase(database).execute("CREATE TABLE songs (title TEXT)")
        let before = folder.read("giga.db")

        let fault = #expect(throws: StoreFault.self) { try SQLiteStore(folder: folder.data) }
        #expect("\(try #require(fault))".contains("but not one of"))
        #expect(folder.read("giga.db") == before)
    }

    @Test func `a file that is no database is refused and stays as it is`() throws {
        let text = Array(String(repeating: "no database at all. ", count: 500).utf8)
        try folder.write(text, to: "giga.db")

        let fault = #expect(throws: StoreFault.self) { try SQLiteStore(folder: folder.data) }
        #expect("\(try #require(fault))".contains("not a database"))
        #expect(folder.read("giga.db") == text)
    }

    @Test func `a folder that cannot be made is named`() throws {
        try folder.write([], to: "file")
        let path = folder.data + "/file/deeper"
        let fault = #expect(throws: StoreFault.self) { try SQLiteStore(folder: path) }
        #expect("\(try #require(fault))".contains(path))
    }

    @Test(.enabled(if: ScratchFolder.canMount, "\(ScratchFolder.noMount)"))
    func `a read-only folder can be read, but not opened for writing`() throws {
        try #require(folder.mount("size=8m"))
        let store = try SQLiteStore(folder: folder.data)
        var maker = BatchMaker(following: store.identity)
        let batch = maker.next(3)
        try store.commit(batch)
        store.close()
        try #require(folder.remount("size=8m", readOnly: true))

        let fault = #expect(throws: StoreFault.self) { try SQLiteStore(folder: folder.data) }
        #expect("\(try #require(fault))".contains("Read-only file system"))
        let reader = try SQLiteReader(folder: folder.data)
        #expect(try reader.batches(from: 1, limit: 9) == [batch.events])
    }

    @Test func `only the owner may look into a folder that was made`() throws {
        _ = try SQLiteStore(folder: folder.data + "/a/b")
        var info = stat()
        for path in [folder.data, folder.data + "/a", folder.data + "/a/b"] {
            try #require(stat(path, &info) == 0)
            #expect(info.st_mode & 0o777 == 0o700)
        }
    }

    @Test func `the epoch is on the disk before the first batch`() throws {
        let store = try SQLiteStore(folder: folder.data)
        // The file and its log as a crash would leave them now.
        let copy = try ScratchFolder()
        for name in ["giga.db", "giga.db-wal"] {
            try copy.write(try #require(folder.read(name)), to: name)
        }
        #expect(try SQLiteReader(folder: copy.data).identity == store.identity)
        #expect(try SQLiteStore(folder: copy.data).identity.epoch == 2)
    }

    @Test func `replies older than a day leave the table in passing`() throws {
        let store = try SQLiteStore(folder: folder.data)
        var maker = BatchMaker(following: store.identity)
        func commit(_ numbers: Range<Int>, at instant: Int64) throws {
            let replies = numbers.map {
                StoredReply(key: "k\($0)", requestHash: "h", status: 200, body: [], at: instant)
            }
            try store.commit(maker.next(0, replies: replies, at: instant))
        }
        let count = "SELECT count(*) FROM fleet_replies"
        try commit(0..<30, at: 1_000)
        try commit(30..<31, at: 1_000 + StoredReply.lifetime)
        #expect(try RawDatabase(database).number(count) == 31)
        // A renewed reply is young again and stands in nobody's way.
        try commit(0..<1, at: 1_001 + StoredReply.lifetime)
        for number in 31..<40 {
            try commit(number..<(number + 1), at: 1_001 + StoredReply.lifetime)
        }
        #expect(try RawDatabase(database).number(count) == 11)
        #expect(try store.reply(forKey: "k0", notBefore: 0) != nil)
        #expect(try RawDatabase(database).number("SELECT count(*) FROM fleet_batches") <= 12)
    }

    @Test func `the reserve is made once and given up on demand`() throws {
        let store = try SQLiteStore(folder: folder.data)
        #expect(folder.read("giga.reserve")?.count == 1 << 20)
        store.releaseReserve()
        #expect(folder.read("giga.reserve") == nil)
        store.close()
        try SQLiteStore(folder: folder.data, isRescue: true).close()
        #expect(folder.read("giga.reserve") == nil)
    }
}
