import FleetCore
import FleetModel
import FleetPorts
import FleetTesting
import FoundationEssentials
import Stores
import Testing

@testable import Coordinator

struct StoredStateTests {
    @Test func `A row that cannot be read is named`() throws {
        let rows = try StoredHistory(seed: 1, steps: 200).store.load()
        let places = rows.indices.filter { ![.runs, .leases, .decisions].contains(rows[$0].table) }
        for place in places {
            var spoilt = rows
            spoilt[place] = rows[place].with(body: Array("{\"id\":".utf8))
            let fault = #expect(throws: EventCodingFault.self) {
                try StoredState.state(of: spoilt)
            }
            #expect(fault?.why.contains(rows[place].table.rawValue) == true)
            #expect(fault?.why.contains(rows[place].key) == true)
        }
    }

    @Test(arguments: 1...12)
    func `The rows of a random history rebuild the same state`(seed: UInt64) throws {
        let history = try StoredHistory(seed: seed, steps: 300)
        let rows = try history.store.load()
        #expect(try StoredState.state(of: rows) == history.state)
        #expect(try StoredState.state(of: rows.reversed()) == history.state)
        #expect(try Replay.check(history.store, against: rows).differences == [])
    }

    @Test(arguments: 1...12)
    func `Every run's row is what its job says of it`(seed: UInt64) throws {
        let history = try StoredHistory(seed: seed, steps: 300)
        let rows = try history.store.load().filter { $0.table == .runs }
        var runs: [String: Run] = [:]
        for row in rows {
            runs[row.key] = try JSONDecoder().decode(Run.self, from: Data(row.body))
        }
        // Of runs with one name, those before the last were lost before they started.
        let newest = Dictionary(
            history.state.jobs.values.flatMap(\.runs).map { ($0.id, $0) },
            uniquingKeysWith: { _, later in later }
        )
        #expect(!newest.isEmpty)
        #expect(runs.keys.sorted() == newest.keys.sorted())
        #expect(newest.values.filter { runs[$0.id] != $0 }.map(\.id) == [])
    }

    @Test(arguments: 1...4)
    func `Leases have a row exactly while they are held`(seed: UInt64) throws {
        let history = try StoredHistory(seed: seed, steps: 300)
        let held = history.state.jobs.values.filter { $0.lease != nil }.map(\.id.description)
        let rows = try history.store.load().filter { $0.table == .leases }.map(\.key)
        #expect(Set(rows) == Set(held))
    }
}

struct ReplayTests {
    @Test func `One altered row is named`() throws {
        let history = try StoredHistory(seed: 3, steps: 200)
        let rows = try history.store.load()
        let place = try #require(rows.firstIndex { $0.table == .jobs })
        var job = try JSONDecoder().decode(Job.self, from: Data(rows[place].body))
        job.retriesUsed += 1
        var altered = rows
        altered[place] = rows[place].with(body: Array(try JSONEncoder().encode(job)))
        let outcome = try Replay.check(history.store, against: altered)
        #expect(outcome.differences.count == 1)
        #expect(outcome.differences.first?.hasPrefix("\(job.id):") == true)
    }

    @Test func `A row that is missing is named`() throws {
        let history = try StoredHistory(seed: 4, steps: 200)
        let rows = try history.store.load()
        for table in [StoreTable.jobs, .repositories, .profiles] {
            let place = try #require(rows.lastIndex { $0.table == table })
            var fewer = rows
            fewer.remove(at: place)
            let outcome = try Replay.check(history.store, against: fewer)
            #expect(!outcome.isEqual, "\(table.rawValue) \(rows[place].key)")
        }
    }

    @Test func `Any one event that was altered is named by its position`() throws {
        let history = try StoredHistory(seed: 5, steps: 120)
        let rows = try history.store.load()
        let batches = try history.store.batches(from: 1, limit: .max)
        for (index, batch) in batches.enumerated() {
            var bytes = batch.bytes
            let text = String(decoding: bytes, as: UTF8.self)
            // A reason changes no state: only the body's hash can tell.
            guard let range = text.firstRange(of: "\"reason\":\"") else { continue }
            let offset = text.utf8.distance(from: text.startIndex, to: range.upperBound)
            guard bytes[offset] != UInt8(ascii: "\\"), bytes[offset] != UInt8(ascii: "\"") else {
                continue
            }
            bytes[offset] =
                bytes[offset] == UInt8(ascii: "x")
                ? UInt8(ascii: "y")
                : UInt8(ascii: "x")
            let before = text[..<range.lowerBound].utf8.count { $0 == UInt8(ascii: "\n") }
            var altered = batches
            altered[index] = PackedEvents(
                firstPosition: batch.firstPosition,
                lastPosition: batch.lastPosition,
                bytes: bytes
            )
            let fault = #expect(throws: EventCodingFault.self) {
                try Replay.check(FixedHistory(altered), against: rows)
            }
            #expect(fault?.position == batch.firstPosition + UInt64(before))
        }
    }

    @Test func `An event that cannot be read is named by its position`() throws {
        let history = try StoredHistory(seed: 6, steps: 60)
        var batches = try history.store.batches(from: 1, limit: .max)
        let batch = try #require(batches.last)
        batches[batches.count - 1] = PackedEvents(
            firstPosition: batch.firstPosition,
            lastPosition: batch.lastPosition,
            bytes: Array("{}".utf8)
        )
        let fault = #expect(throws: EventCodingFault.self) {
            try Replay.check(FixedHistory(batches), against: [])
        }
        #expect(fault?.position == batch.firstPosition)
    }

    @Test func `An event that is missing is named by its position`() throws {
        let history = try StoredHistory(seed: 7, steps: 60)
        var batches = try history.store.batches(from: 1, limit: .max)
        let gone = batches.remove(at: batches.count / 2)
        let outcome = try Replay.check(FixedHistory(batches), against: history.store.load())
        #expect(outcome.differences.first?.contains("\(gone.firstPosition)") == true)
    }
}

/// A random history committed in batches of random size, as the writer would.
struct StoredHistory {
    let disk = MemoryDisk(fleetID: "abcdefghij")
    let store: MemoryStore
    private(set) var state = FleetState()

    /// With `lag` the rows are written with some batches only, as `UnwrittenEvents` has it.
    init(seed: UInt64, steps: Int, lag: Bool = false) throws {
        store = MemoryStore(on: disk)
        var random = SeededRandom(seed: seed &* 31)
        let events = RandomHistory(seed: seed, steps: steps).fleet.events
        var rest = events[...]
        var number = 0
        var unwritten: [Event] = []
        while !rest.isEmpty {
            number += 1
            let batch = Array(rest.prefix(random.number(in: 1...12)))
            rest = rest.dropFirst(batch.count)
            for event in batch { state.apply(event) }
            unwritten += batch
            let isBehind =
                lag && unwritten.allSatisfy { $0.job != nil } && !random.oneIn(6)
            let rows = isBehind ? [] : try StoredState.changes(by: unwritten, in: state)
            if !isBehind { unwritten = [] }
            let lines = try batch.map { try EventCodec.line($0, salt: [7]) }
            try store.commit(
                StoreBatch(
                    id: "\(number)",
                    epoch: store.identity.epoch,
                    events: PackedEvents(
                        firstPosition: batch[0].position,
                        lastPosition: batch[batch.count - 1].position,
                        bytes: EventCodec.packed(lines)
                    ),
                    rows: rows,
                    at: state.counters.lastInstant.milliseconds
                )
            )
        }
    }
}

/// Batches as somebody left them.
final class FixedHistory: StoreHistory {
    private let packed: [PackedEvents]
    init(_ packed: [PackedEvents]) { self.packed = packed }

    func batches(from position: UInt64, limit: Int) -> [PackedEvents] {
        Array(packed.filter { $0.lastPosition >= position }.prefix(limit))
    }
    func batches(ofJob job: String, product: String) -> [PackedEvents] { [] }
    func fetch(table: StoreTable, product: String, key: String) -> [UInt8]? { nil }
    func job(_ number: UInt64) -> [UInt8]? { nil }
    func jobs(_ page: JobPage) -> [ListedJob] { [] }
}

extension StoredRow {
    func with(body: [UInt8]) -> StoredRow {
        StoredRow(table: table, product: product, key: key, body: body)
    }
}
