import FleetPorts
import Testing

/// The promises about what a store must not do.
extension StoreContract {
    static let refusals = [
        Promise(sentence: "a refused batch leaves no trace", check: aRefusedBatchLeavesNoTrace),
        Promise(sentence: "a gap is refused", check: aGapIsRefused),
        Promise(sentence: "a deposed epoch is refused", check: aDeposedEpochIsRefused),
        Promise(sentence: "an epoch never opened is refused", check: anUnopenedEpochIsRefused),
        Promise(sentence: "a repeated batch changes nothing", check: aRepeatChangesNothing),
        Promise(sentence: "a closed store answers nothing", check: aClosedStoreAnswersNothing),
    ]

    /// Everything of the batch would be fine but its position; nothing of it may stay.
    static func aRefusedBatchLeavesNoTrace(_ subject: any StoreUnderTest) throws {
        let store = try subject.open()
        var maker = BatchMaker(following: store.identity)
        try store.commit(maker.next(2))
        _ = maker.next(1)
        let reply = StoredReply(key: "k", requestHash: "h", status: 200, body: [], at: 1_000)
        let gap = maker.next(
            1,
            touching: [TouchedJob(product: "p", job: "job-1")],
            rows: [RowChange(table: .jobs, product: "p", key: "job-1", body: [49])],
            replies: [reply]
        )
        #expect(throws: StoreFault.gap(expected: 3, actual: 4)) { try store.commit(gap) }

        #expect(try store.batches(from: 1, limit: 9).map(\.lastPosition) == [2])
        #expect(try store.batches(ofJob: "job-1", product: "p") == [])
        #expect(try store.load() == [])
        #expect(try store.reply(forKey: "k", notBefore: 0) == nil)
        // Its id is not remembered either: the same id at the right position is stored.
        let right = PackedEvents(firstPosition: 3, lastPosition: 3, bytes: [50])
        try store.commit(
            StoreBatch(id: gap.id, epoch: store.identity.epoch, events: right, at: 1_000)
        )
        #expect(try store.batches(from: 3, limit: 9) == [right])
    }

    static func aGapIsRefused(_ subject: any StoreUnderTest) throws {
        let store = try subject.open()
        var maker = BatchMaker(following: store.identity)
        try store.commit(maker.next(4))
        let cases: [(first: UInt64, last: UInt64)] = [(0, 5), (1, 1), (4, 5), (6, 6)]
        for (number, positions) in cases.enumerated() {
            let events = PackedEvents(
                firstPosition: positions.first,
                lastPosition: positions.last,
                bytes: []
            )
            let batch = StoreBatch(
                id: "gap-\(number)",
                epoch: store.identity.epoch,
                events: events,
                at: 1_000
            )
            #expect(throws: StoreFault.gap(expected: 5, actual: positions.first)) {
                try store.commit(batch)
            }
        }
        let backwards = PackedEvents(firstPosition: 5, lastPosition: 4, bytes: [])
        #expect(throws: StoreFault.self) {
            try store.commit(
                StoreBatch(id: "b", epoch: store.identity.epoch, events: backwards, at: 1_000)
            )
        }
        #expect(try store.batches(from: 1, limit: 9).map(\.lastPosition) == [4])
    }

    /// The older opening may still read, and may learn that what it had stored is stored.
    static func aDeposedEpochIsRefused(_ subject: any StoreUnderTest) throws {
        let store = try subject.open()
        var maker = BatchMaker(following: store.identity)
        let before = maker.next(1)
        try store.commit(before)
        try subject.depose()

        let row = RowChange(table: .jobs, product: "p", key: "k", body: [49])
        let deposed = StoreFault.deposed(epoch: 1, newest: 2)
        #expect(throws: deposed) { try store.commit(maker.next(1, rows: [row])) }
        #expect(throws: deposed) { try store.commit(maker.next(0, rows: [row])) }
        try store.commit(before)
        #expect(try store.batches(from: 1, limit: 9) == [before.events])
        #expect(try store.fetch(table: .jobs, product: "p", key: "k") == nil)
    }

    static func anUnopenedEpochIsRefused(_ subject: any StoreUnderTest) throws {
        let store = try subject.open()
        let epoch = store.identity.epoch + 1
        #expect(throws: StoreFault.self) {
            try store.commit(StoreBatch(id: "early", epoch: epoch, events: nil, at: 1_000))
        }
    }

    /// Another content under the same id changes nothing, with events and without.
    static func aRepeatChangesNothing(_ subject: any StoreUnderTest) throws {
        let store = try subject.open()
        var maker = BatchMaker(following: store.identity)
        let epoch = store.identity.epoch
        let row = RowChange(table: .jobs, product: "p", key: "k", body: Array("1".utf8))
        let other = RowChange(table: .jobs, product: "p", key: "k", body: Array("2".utf8))
        let batches = [maker.next(2, rows: [row]), maker.next(0, rows: [row]), maker.next(1)]
        for batch in batches {
            try store.commit(batch)
            try store.commit(batch)
        }
        for batch in batches {
            try store.commit(batch)
            let next = PackedEvents(firstPosition: 4, lastPosition: 4, bytes: [])
            try store.commit(
                StoreBatch(id: batch.id, epoch: epoch, events: next, rows: [other], at: 2_000)
            )
            try store.commit(
                StoreBatch(id: batch.id, epoch: epoch, events: nil, rows: [other], at: 2_000)
            )
        }
        #expect(try store.batches(from: 1, limit: 9) == batches.compactMap(\.events))
        #expect(try store.fetch(table: .jobs, product: "p", key: "k") == Array("1".utf8))
    }

    static func aClosedStoreAnswersNothing(_ subject: any StoreUnderTest) throws {
        let store = try subject.open()
        var maker = BatchMaker(following: store.identity)
        store.close()
        store.close()
        #expect(throws: StoreFault.self) { try store.commit(maker.next(1)) }
        #expect(throws: StoreFault.self) { try store.load() }
        #expect(throws: StoreFault.self) { try store.batches(from: 0, limit: 1) }
        #expect(throws: StoreFault.self) { try store.history() }
        #expect(try subject.open().identity.lastPosition == 0)
    }
}
