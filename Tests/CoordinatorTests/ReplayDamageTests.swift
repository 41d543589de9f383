import FleetModel
import FleetPorts
import FleetTesting
import FoundationEssentials
import Stores
import Testing

@testable import Coordinator

/// What lies beside the state, and what leads to the events, is held against the replay, too.
struct ReplayDamageTests {
    private let history: StoredHistory
    private let rows: [StoredRow]
    private let batches: [PackedEvents]

    init() throws {
        history = try StoredHistory(seed: 3, steps: 300)
        rows = try history.store.load()
        batches = try history.store.batches(from: 1, limit: .max)
    }

    @Test(arguments: [StoreTable.leases, .runs])
    func `A row of a lease or a run that was altered, moved or lost is named`(
        table: StoreTable
    ) throws {
        // Not every history ends with a lease that is held.
        var (history, rows, seed) = (self.history, self.rows, UInt64(3))
        while !rows.contains(where: { $0.table == table }), seed < 20 {
            seed += 1
            history = try StoredHistory(seed: seed, steps: 300)
            rows = try history.store.load()
        }
        let place = try #require(rows.firstIndex { $0.table == table })
        let row = rows[place]
        let text = String(decoding: row.body, as: UTF8.self)
        let older = text.replacing("\"fence\":", with: "\"fence\":7")
        try #require(older != text)
        for altered in [
            row.with(body: Array(older.utf8)),
            StoredRow(table: table, product: "elsewhere", key: row.key, body: row.body),
            StoredRow(table: table, product: row.product, key: row.key + "1", body: row.body),
        ] {
            var changed = rows
            changed[place] = altered
            let found = try Replay.check(history.store, against: changed).differences
            #expect(found.contains { $0.hasPrefix(row.key) }, "\(found)")
        }
        var fewer = rows
        fewer.remove(at: place)
        #expect(try Replay.check(history.store, against: fewer).differences.count == 1)
    }

    @Test func `A decision that is not the one its assignment names is named`() throws {
        let assignment = try #require(
            RandomHistory(seed: 3, steps: 300).fleet.events.first {
                if case .jobAssigned = $0.body { true } else { false }
            }
        )
        let job = try #require(assignment.job)
        let attempt = try #require(assignment.attempt)
        let key = "\(RunID.attempt(job, attempt))"
        let other = StoredRow(table: .decisions, product: "main", key: key, body: Array("{}".utf8))
        let outcome = try Replay.check(history.store, against: rows + [other])
        #expect(outcome.differences == ["\(key): the decision differs"])
    }

    @Test func `An index that does not lead to the events is named`() throws {
        var index: Set<IndexedBatch> = []
        for batch in batches {
            for line in EventCodec.lines(of: batch.bytes) {
                let event = try EventCodec.event(of: line)
                guard let job = event.job else { continue }
                let touched = TouchedJob(product: event.product, job: "\(job)")
                index.insert(IndexedBatch(job: touched, firstPosition: batch.firstPosition))
            }
        }
        #expect(try Replay.check(history.store, against: rows, index: index).isEqual)
        let entry = try #require(index.first)
        let moved = IndexedBatch(job: entry.job, firstPosition: entry.firstPosition + 1_000)
        for changed in [index.subtracting([entry]), index.union([moved])] {
            let found = try Replay.check(history.store, against: rows, index: changed)
            let said = "\(entry.job.job): the index does not lead to its events"
            #expect(found.differences == [said])
        }
    }

    @Test(arguments: [true, false])
    func `A batch without its events, or of other positions, ends the replay`(
        isEmpty: Bool
    ) throws {
        var changed = batches
        let batch = batches[batches.count / 2]
        changed[batches.count / 2] = PackedEvents(
            firstPosition: batch.firstPosition,
            lastPosition: batch.lastPosition + (isEmpty ? 0 : 1),
            bytes: isEmpty ? [] : batch.bytes
        )
        let found = try Replay.check(FixedHistory(changed), against: rows).differences
        #expect(found.count == 1)
        #expect(found.first?.contains("\(batch.firstPosition) to") == true)
    }

    @Test func `A number of a product that is left out is named`() throws {
        let events = RandomHistory(seed: 3, steps: 300).fleet.events
        let later = try #require(events.last)
        let skipped = Event(
            position: later.position,
            product: later.product,
            seq: later.seq + 1,
            at: later.at,
            actor: later.actor,
            job: later.job,
            fence: later.fence,
            attempt: later.attempt,
            factory: later.factory,
            costMicroUSD: later.costMicroUSD,
            body: later.body
        )
        let lines = try (events.dropLast() + [skipped]).map { try EventCodec.line($0, salt: [7]) }
        let one = PackedEvents(
            firstPosition: 1,
            lastPosition: later.position,
            bytes: EventCodec.packed(lines)
        )
        let found = try Replay.check(FixedHistory([one]), against: rows).differences
        let said = "seq \(later.seq + 1) of \(later.product) after \(later.seq - 1)"
        #expect(found == ["\(later.position): \(said)"])
    }
}
