import FleetPorts
import Testing

/// The promises of `Store`, checked in the same way for every store.
///
/// Run each of `promises` against each kind of store: a promise added here is then kept by all.
/// Durability is not among them; what shows it (killing, full disks) differs from store to store.
package enum StoreContract {
    /// One promise: a sentence, and what makes it fail when it is not kept.
    package struct Promise: Sendable, CustomTestStringConvertible {
        package let sentence: String
        package let check: @Sendable (any StoreUnderTest) throws -> Void

        package var testDescription: String { sentence }
    }

    package static let promises =
        refusals + ofJobs + [
            Promise(sentence: "an empty store is empty", check: anEmptyStoreIsEmpty),
            Promise(sentence: "batches keep their order", check: batchesKeepTheirOrder),
            Promise(sentence: "reading begins inside a batch", check: readingBeginsInsideABatch),
            Promise(sentence: "a job has its batches", check: aJobHasItsBatches),
            Promise(sentence: "rows are put, replaced, removed", check: rowsAreReplacedAndRemoved),
            Promise(sentence: "replies last their time", check: repliesLastTheirTime),
            Promise(sentence: "odd bytes come back", check: oddBytesComeBack),
            Promise(sentence: "reopening finds everything", check: reopeningFindsEverything),
            Promise(sentence: "history sees each commit", check: historySeesEachCommit),
            Promise(sentence: "a thousand batches", check: aThousandBatches),
        ]

    static func anEmptyStoreIsEmpty(_ subject: any StoreUnderTest) throws {
        let store = try subject.open()
        let identity = store.identity
        #expect(identity.fleetID.utf8.count == 10)
        #expect(identity.fleetID.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")) ~= $0 })
        #expect(identity.epoch == 1)
        #expect(identity.lastPosition == 0)
        #expect(identity.lastInstant == 0)
        #expect(try store.load() == [])
        #expect(try store.batches(from: 0, limit: 10) == [])
        #expect(try store.batches(ofJob: "job-1", product: "p") == [])
        #expect(try store.fetch(table: .jobs, product: "p", key: "job-1") == nil)
        #expect(try store.reply(forKey: "k", notBefore: 0) == nil)
    }

    static func batchesKeepTheirOrder(_ subject: any StoreUnderTest) throws {
        let store = try subject.open()
        var maker = BatchMaker(following: store.identity)
        let batches = [3, 1, 0, 9, 2].map { maker.next($0) }
        for batch in batches { try store.commit(batch) }

        let stored = try store.batches(from: 1, limit: 100)
        #expect(stored == batches.compactMap(\.events))
        #expect(try store.batches(from: 1, limit: 2) == Array(stored.prefix(2)))
        #expect(try store.batches(from: 1, limit: 0) == [])
    }

    static func readingBeginsInsideABatch(_ subject: any StoreUnderTest) throws {
        let store = try subject.open()
        var maker = BatchMaker(following: store.identity)
        let batches = [3, 4].map { maker.next($0) }
        for batch in batches { try store.commit(batch) }

        let firsts = try (UInt64(0)...8).map { try store.batches(from: $0, limit: 9) }
            .map { $0.first?.firstPosition }
        #expect(firsts == [1, 1, 1, 1, 4, 4, 4, 4, nil])
        #expect(try store.batches(from: .max, limit: 9) == [])
    }

    /// Equal job names in two products are two jobs.
    static func aJobHasItsBatches(_ subject: any StoreUnderTest) throws {
        let store = try subject.open()
        var maker = BatchMaker(following: store.identity)
        let (mine, other) = (
            TouchedJob(product: "p", job: "job-1"), TouchedJob(product: "q", job: "job-1")
        )
        let batches = [[mine], [other], [], [other, mine]].map { maker.next(2, touching: $0) }
        for batch in batches { try store.commit(batch) }

        let events = batches.map(\.events)
        #expect(try store.batches(ofJob: "job-1", product: "p") == [events[0], events[3]])
        #expect(try store.batches(ofJob: "job-1", product: "q") == [events[1], events[3]])
        #expect(try store.batches(ofJob: "job-1", product: "r") == [])
        #expect(try store.batches(ofJob: "job", product: "p") == [])
    }

    static func rowsAreReplacedAndRemoved(_ subject: any StoreUnderTest) throws {
        let store = try subject.open()
        var maker = BatchMaker(following: store.identity)
        func row(_ table: StoreTable, _ body: String?) -> RowChange {
            RowChange(table: table, product: "p", key: "k", body: body.map { Array($0.utf8) })
        }
        try store.commit(maker.next(1, rows: StoreTable.allCases.map { row($0, "\"\($0)\"") }))
        #expect(try store.load().count == StoreTable.allCases.count)
        for table in StoreTable.allCases {
            let body = try store.fetch(table: table, product: "p", key: "k")
            #expect(body == Array("\"\(table)\"".utf8))
        }
        let elsewhere = RowChange(table: .jobs, product: "q", key: "k", body: Array("9".utf8))
        let changes = [row(.jobs, "1"), row(.runs, nil), row(.leases, nil), elsewhere]
        try store.commit(maker.next(0, rows: changes))
        // Later changes of a batch win over earlier ones.
        try store.commit(maker.next(1, rows: [row(.jobs, "2"), row(.jobs, "3"), row(.runs, nil)]))

        #expect(try store.fetch(table: .jobs, product: "p", key: "k") == Array("3".utf8))
        #expect(try store.fetch(table: .jobs, product: "q", key: "k") == Array("9".utf8))
        #expect(try store.fetch(table: .runs, product: "p", key: "k") == nil)
        #expect(try store.fetch(table: .leases, product: "p", key: "k") == nil)
        #expect(try store.load().count == StoreTable.allCases.count - 1)
    }

    static func repliesLastTheirTime(_ subject: any StoreUnderTest) throws {
        let store = try subject.open()
        var maker = BatchMaker(following: store.identity)
        func reply(_ status: Int, at instant: Int64) -> StoredReply {
            StoredReply(
                key: "k",
                requestHash: "hash",
                status: status,
                body: Array("{}".utf8),
                at: instant
            )
        }
        let first = reply(201, at: 5_000)
        try store.commit(maker.next(1, replies: [first], at: 5_000))
        #expect(try store.reply(forKey: "k", notBefore: 5_000) == first)
        #expect(try store.reply(forKey: "k", notBefore: 5_001) == nil)
        #expect(try store.reply(forKey: "other", notBefore: 0) == nil)

        let later = 5_000 + StoredReply.lifetime + 1
        let second = reply(409, at: later)
        try store.commit(maker.next(0, replies: [second], at: later))
        #expect(try store.reply(forKey: "k", notBefore: later) == second)
    }

    /// Quotes, line ends, a zero, bytes that are no text, nothing at all.
    static func oddBytesComeBack(_ subject: any StoreUnderTest) throws {
        let store = try subject.open()
        let key = "k'\"\u{0}ß\n%_"
        let bodies: [[UInt8]] = [[], [0], [0xff, 0xfe], Array("'; DROP TABLE fleet_jobs".utf8)]
        for (index, body) in bodies.enumerated() {
            let row = RowChange(table: .jobs, product: "", key: "\(key)\(index)", body: body)
            let reply = StoredReply(
                key: "\(key)\(index)",
                requestHash: "",
                status: 200,
                body: body,
                at: 1
            )
            let events = PackedEvents(
                firstPosition: UInt64(index + 1),
                lastPosition: UInt64(index + 1),
                bytes: body
            )
            try store.commit(
                StoreBatch(
                    id: "\(key)\(index)",
                    epoch: store.identity.epoch,
                    events: events,
                    touched: [TouchedJob(product: "", job: key)],
                    rows: [row],
                    replies: [reply],
                    at: 1
                )
            )
            #expect(try store.fetch(table: .jobs, product: "", key: row.key) == body)
            #expect(try store.reply(forKey: reply.key, notBefore: 0) == reply)
        }
        #expect(try store.load().map(\.body) == bodies)
        #expect(try store.batches(ofJob: key, product: "").map(\.bytes) == bodies)
    }

    static func reopeningFindsEverything(_ subject: any StoreUnderTest) throws {
        let first = try subject.open()
        var maker = BatchMaker(following: first.identity)
        let row = RowChange(table: .state, product: "fleet", key: "halt", body: Array("1".utf8))
        let reply = StoredReply(key: "k", requestHash: "h", status: 200, body: [], at: 70_000)
        let touched = [TouchedJob(product: "p", job: "job-1")]
        let batch = maker.next(
            5,
            touching: touched,
            rows: [row],
            replies: [reply],
            at: 70_000
        )
        try first.commit(batch)
        // A batch without events is no event: it moves neither position nor instant.
        let eventless = maker.next(0, at: 90_000)
        try first.commit(eventless)
        first.close()

        let second = try subject.open()
        #expect(second.identity.fleetID == first.identity.fleetID)
        #expect(second.identity.epoch == first.identity.epoch + 1)
        #expect(second.identity.lastPosition == 5)
        #expect(second.identity.lastInstant == 70_000)
        #expect(try second.batches(from: 1, limit: 9) == [batch.events])
        #expect(try second.batches(ofJob: "job-1", product: "p") == [batch.events])
        #expect(try second.load().map(\.key) == ["halt"])
        #expect(try second.reply(forKey: "k", notBefore: 0) == reply)
        // Repeats of what the opening before stored, and then its successor.
        try second.commit(batch)
        try second.commit(eventless)
        var next = BatchMaker(following: second.identity)
        try second.commit(next.next(1))
        #expect(try second.batches(from: 1, limit: 9).map(\.lastPosition) == [5, 6])
    }

    static func historySeesEachCommit(_ subject: any StoreUnderTest) throws {
        let store = try subject.open()
        let history = try store.history()
        var maker = BatchMaker(following: store.identity)
        for round in 1...20 {
            let row = RowChange(table: .jobs, product: "p", key: "k", body: Array("\(round)".utf8))
            let touched = [TouchedJob(product: "p", job: "k")]
            try store.commit(maker.next(2, touching: touched, rows: [row]))
            #expect(try history.batches(from: 1, limit: 99).count == round)
            #expect(try history.batches(ofJob: "k", product: "p").count == round)
            #expect(try history.fetch(table: .jobs, product: "p", key: "k") == row.body)
        }
        store.close()
        #expect(throws: StoreFault.self) { try history.batches(from: 1, limit: 1) }
    }

    static func aThousandBatches(_ subject: any StoreUnderTest) throws {
        let store = try subject.open()
        var maker = BatchMaker(following: store.identity)
        var expected: [PackedEvents?] = []
        for number in 1...1_000 {
            let row = RowChange(
                table: .jobs,
                product: "p",
                key: "job-\(number % 50)",
                body: Array("\(number)".utf8)
            )
            let batch = maker.next(1 + number % 7, rows: [row])
            try store.commit(batch)
            expected.append(batch.events)
        }
        // In pages, as replay reads them.
        var read: [PackedEvents] = []
        while case let page = try store.batches(
            from: (read.last?.lastPosition ?? 0) + 1,
            limit: 64
        ), !page.isEmpty {
            read += page
        }
        #expect(read == expected)
        #expect(try store.load().count == 50)
    }
}
