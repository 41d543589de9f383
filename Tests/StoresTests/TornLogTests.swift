import FleetPorts
import FleetTesting
import Stores
import Testing

/// A power cut may leave any part of the log's unsynced tail torn; here, any part at all.
@Suite struct TornLogTests {
    private let database: [UInt8]
    private let log: [UInt8]
    private let batches = 40

    init() throws {
        let folder = try ScratchFolder()
        let store = try SQLiteStore(folder: folder.data)
        var maker = BatchMaker(following: store.identity)
        for number in 1...batches {
            let size = 1 + number % 6
            let position = maker.position + UInt64(size)
            let touched = [TouchedJob(product: "p", job: "job-\(position / 5)")]
            let row = RowChange(
                table: .state,
                product: "fleet",
                key: "last",
                body: Array("\(position)".utf8)
            )
            try store.commit(maker.next(size, touching: touched, rows: [row]))
        }
        database = try #require(folder.read("giga.db"))
        log = try #require(folder.read("giga.db-wal"))
    }

    @Test func `a log cut anywhere gives a prefix`() throws {
        var found: Set<UInt64> = []
        let step = max(1, log.count / 150)
        for size in stride(from: frames(of: 8), through: log.count, by: step) {
            found.insert(try recovered(Array(log.prefix(size))))
        }
        #expect(found.count > batches / 2, "the cuts fell on too few batches to show anything")
        #expect(try recovered(log) == last)
    }

    @Test func `a flipped byte anywhere gives a prefix`() throws {
        var found: Set<UInt64> = []
        for _ in 1...150 {
            var torn = log
            let place = Int.random(in: frames(of: 8)..<log.count)
            torn[place] ^= UInt8.random(in: 1...255)
            let position = try recovered(torn)
            #expect(position < last, "the flip at \(place) was not seen")
            found.insert(position)
        }
        #expect(found.count > batches / 4)
    }

    /// A page of zeros is what a file system gives for blocks that never reached the disk.
    @Test func `a zeroed page gives a prefix`() throws {
        for place in stride(from: frames(of: 8), to: log.count - 4_096, by: 16_384) {
            var torn = log
            torn.replaceSubrange(place..<(place + 4_096), with: repeatElement(0, count: 4_096))
            #expect(try recovered(torn) < last)
        }
    }

    /// The control: a hole in the middle of the store is seen by the check used above.
    @Test func `a hole is seen`() throws {
        try #require(try recovered(log) == last)
        let folder = try ScratchFolder()
        try folder.write(database, to: "giga.db")
        try folder.write(log, to: "giga.db-wal")
        let raw = try RawDatabase(folder.data + "/giga.db")
        try raw.execute("DELETE FROM fleet_events WHERE first_position > 40 AND rowid % 7 = 0")
        let reader = try SQLiteReader(folder: folder.data)
        withKnownIssue { try TortureEvidence.lastPosition(of: reader) }
    }

    private var last: UInt64 { UInt64((1...batches).map { 1 + $0 % 6 }.reduce(0, +)) }

    /// Opening the store wrote these first: without them there is no store yet.
    private func frames(of count: Int) -> Int { 32 + count * (4_096 + 24) * 5 }

    private func recovered(_ log: [UInt8]) throws -> UInt64 {
        let folder = try ScratchFolder()
        try folder.write(database, to: "giga.db")
        try folder.write(log, to: "giga.db-wal")
        let reader = try SQLiteReader(folder: folder.data)
        let position = try TortureEvidence.lastPosition(of: reader)
        reader.close()
        // And it can be written to again, right behind that prefix.
        let store = try SQLiteStore(folder: folder.data)
        var maker = BatchMaker(following: store.identity)
        try store.commit(maker.next(1))
        #expect(try store.batches(from: position + 1, limit: 9).count == 1)
        return position
    }
}
