import FleetPorts
import FleetTesting
import Stores
import Testing

@Suite struct SQLiteReaderTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    @Test func `where there is no store none is made`() throws {
        let path = folder.data + "/giga.db"
        #expect(throws: StoreFault.self) { try SQLiteReader(folder: folder.data) }
        #expect(folder.read("giga.db") == nil)

        try folder.write([], to: "giga.db")
        let fault = #expect(throws: StoreFault.self) { try SQLiteReader(folder: folder.data) }
        #expect("\(try #require(fault))".contains("no store was ever initialised"))
        #expect("\(try #require(fault))".contains(path))
        #expect(folder.read("giga.db") == [])
    }

    @Test func `a server is kept out while the store is read`() throws {
        try SQLiteStore(folder: folder.data).close()
        let reader = try SQLiteReader(folder: folder.data)
        #expect(throws: StoreFault.self) { try SQLiteStore(folder: folder.data) }
        reader.close()
        #expect(throws: StoreFault.self) { try reader.load() }
        #expect(try SQLiteStore(folder: folder.data).identity.epoch == 2)
    }

    /// As after a kill: nothing was folded back from the log into the database.
    @Test func `what a killed server left in the log is read and left there`() throws {
        let store = try SQLiteStore(folder: folder.data)
        var maker = BatchMaker(following: store.identity)
        let row = RowChange(table: .jobs, product: "p", key: "k", body: Array("1".utf8))
        let touched = [TouchedJob(product: "p", job: "k")]
        let batch = maker.next(4, touching: touched, rows: [row], at: 5_000)
        try store.commit(batch)
        let left = try ScratchFolder()
        for name in ["giga.db", "giga.db-wal"] {
            try left.write(try #require(folder.read(name)), to: name)
        }

        for _ in 1...2 {
            let reader = try SQLiteReader(folder: left.data)
            #expect(
                reader.identity
                    == StoreIdentity(
                        fleetID: store.identity.fleetID,
                        epoch: 1,
                        lastPosition: 4,
                        lastInstant: 5_000
                    )
            )
            #expect(try reader.batches(from: 1, limit: 9) == [batch.events])
            #expect(try reader.batches(ofJob: "k", product: "p") == [batch.events])
            #expect(try reader.fetch(table: .jobs, product: "p", key: "k") == row.body)
            #expect(try reader.load().count == 1)
            reader.close()
        }
        #expect(left.read("giga.db") == folder.read("giga.db"))
        #expect(left.read("giga.db-wal") == folder.read("giga.db-wal"))
    }
}
