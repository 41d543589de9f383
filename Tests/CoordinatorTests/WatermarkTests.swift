import FleetCore
import FleetModel
import FleetPorts
import FleetTesting
import Routing
import Stores
import Synchronization
import Testing

@testable import Coordinator

/// Rows follow their events by a moment; nothing that anybody is told may show it.
@Suite struct WatermarkTests {
    @Test(arguments: 1...40)
    func `A start applies the events that the rows have not seen`(seed: UInt64) throws {
        let history = try StoredHistory(seed: seed, steps: 200, lag: true)
        let opened = try StoredState.open(history.store)
        for (id, job) in opened.state.jobs { #expect(history.state.jobs[id] == job) }
        let open = history.state.jobs.filter { !$0.value.stage.isEnded }
        #expect(Set(open.keys).isSubset(of: opened.state.jobs.keys))
        #expect(opened.state.counters == history.state.counters)
        #expect(opened.state.factories == history.state.factories)
        #expect(opened.unwritten.allSatisfy { $0.job != nil })

        // What the next coordinator writes first makes the rows those of the last event.
        let rows = try StoredState.changes(by: opened.unwritten, in: opened.state)
        try history.store.commit(
            StoreBatch(
                id: "next",
                epoch: history.store.identity.epoch,
                events: nil,
                rows: rows,
                at: history.state.counters.lastInstant.milliseconds
            )
        )
        #expect(try StoredState.state(of: try history.store.load()) == history.state)
    }

    @Test(arguments: 1...12)
    func `A replay compares the rows at their watermark`(seed: UInt64) throws {
        let history = try StoredHistory(seed: seed, steps: 200, lag: true)
        let rows = try history.store.load()
        let outcome = try Replay.check(history.store, against: rows)
        #expect(outcome.differences == [])
        #expect(outcome.events == history.state.counters.position)
        let without = rows.filter { $0.table != .jobs }
        #expect(try !Replay.check(history.store, against: without).isEqual)
    }

    @Test(arguments: 1...12)
    func `Rows and the events after them know every run together`(seed: UInt64) throws {
        let history = try StoredHistory(seed: seed, steps: 200, lag: true)
        var granted: Set<String> = []
        let stored = try history.store.history()
        try UnseenEvents.forEach(in: stored, after: 0) { event in
            if case .leaseGranted(let lease) = event.body { granted.insert("\(lease.run)") }
        }
        let shown = Set(try history.store.load().filter { $0.table == .runs }.map(\.key))
        let unseen = Set(try UnseenEvents.runs(in: stored).map(\.description))
        #expect(unseen.isSubset(of: granted))
        #expect(granted.subtracting(shown).isSubset(of: unseen))
    }

    @Test func `Rows that are ahead of every event are named`() throws {
        let history = try StoredHistory(seed: 3, steps: 100)
        let packed = try history.store.batches(from: 1, limit: .max)
        let cut = FixedHistory(packed.dropLast())
        let outcome = try Replay.check(cut, against: try history.store.load())
        let position = history.state.counters.position
        #expect(
            outcome.differences == [
                "the rows are those of position \(position), and no event has it"
            ]
        )
    }

    @Test func `A flipped bit behind the watermark ends the start`() throws {
        let history = try StoredHistory(seed: 7, steps: 200)
        let packed = try history.store.batches(from: 1, limit: .max)
        let last = try #require(packed.last)
        for place in last.bytes.indices {
            var bytes = last.bytes
            bytes[place] ^= 1
            let flipped = PackedEvents(
                firstPosition: last.firstPosition,
                lastPosition: last.lastPosition,
                bytes: bytes
            )
            let damaged = FixedHistory(packed.dropLast() + [flipped])
            #expect(throws: EventCodingFault.self, "byte \(place)") {
                try UnseenEvents.forEach(in: damaged, after: last.firstPosition - 1) { _ in }
            }
        }
    }

    @Test func `A gap behind the watermark ends the start`() throws {
        let history = try StoredHistory(seed: 5, steps: 200)
        let packed = try history.store.batches(from: 1, limit: .max)
        let torn = FixedHistory(packed.filter { $0.firstPosition != packed[3].firstPosition })
        #expect(throws: EventCodingFault.self) {
            try UnseenEvents.forEach(in: torn, after: packed[2].lastPosition) { _ in }
        }
    }

    /// What the bench is handed, and hands back.
    private final class Desk: Sendable {
        let now = Mutex(Instant(milliseconds: 1_000_000))
        let published = Mutex<[Publication]>([])
        let answer = Mutex<Result<Writer.Committed, Refusal>?>(nil)
    }

    /// A bench on a disk, as a coordinator has it; the test moves its clock.
    private final class Rig {
        let disk = MemoryDisk(fleetID: "abcdefghij")
        let desk = Desk()
        var store: MemoryStore
        var bench: WriterBench

        init() throws {
            (store, bench) = try Self.open(disk, desk)
            try bench.begin()
            try perform(.putProfile(Profile(name: "developer", persona: "You build."), by: .alice))
            try perform(.putRepository(.shop, by: .alice))
        }

        /// A new coordinator, the one before being gone without a word.
        func startAnew() throws {
            (store, bench) = try Self.open(disk, desk)
            try bench.begin()
        }

        private static func open(
            _ disk: MemoryDisk,
            _ desk: Desk
        ) throws -> (MemoryStore, WriterBench) {
            let store = MemoryStore(on: disk)
            let opened = try StoredState.open(store)
            let settings = FleetSettings(fleetID: "abcdefghij", weights: .standard)
            let fleet = Fleet(
                state: opened.state,
                settings: settings,
                coding: Explanations.coded
            )
            let bench = WriterBench(
                fleet: fleet,
                unwritten: opened.unwritten,
                store: PatientStore(store),
                clock: { desk.now.withLock { $0 } },
                salt: { [1] },
                announce: { announcement in
                    announcement.tell { publication in
                        desk.published.withLock { $0.append(publication) }
                    }
                }
            )
            return (store, bench)
        }

        var published: [Publication] { desk.published.withLock { $0 } }

        func pass(_ span: Timespan) throws {
            desk.now.withLock { $0 = $0.advanced(by: span) }
            try bench.finishBatch()
        }

        func perform(_ command: Command) throws {
            try bench.perform(command) { [desk] result in desk.answer.withLock { $0 = result } }
            try bench.finishBatch()
            _ = try desk.answer.withLock { $0 }?.get()
        }

        var jobRows: [JobID: Stage] {
            get throws {
                let rows = try store.load()
                return try StoredState.state(of: rows).jobs.mapValues(\.stage)
            }
        }
    }

    @Test func `Rows are written once their time has come, and when service ends`() throws {
        let rig = try Rig()
        try rig.perform(.submit([.example("One")], by: .alice))
        #expect(try rig.jobRows == [:])
        #expect(rig.published.last?.unwritten == [JobID(1)])
        #expect(rig.bench.timeUntilNextTick == UnwrittenEvents.patience)
        try rig.pass(UnwrittenEvents.patience)
        #expect(try rig.jobRows == [JobID(1): .queued])
        #expect(rig.bench.timeUntilNextTick == nil)

        try rig.perform(.submit([.example("Two")], by: .alice))
        try rig.bench.writeRows()
        #expect(try rig.jobRows.count == 2)
    }

    @Test func `What concerns more than one job is written with all rows at once`() throws {
        let rig = try Rig()
        try rig.perform(.submit([.example("One")], by: .alice))
        try rig.perform(.halt(.dev, reason: "a pause", stops: false, by: .alice))
        #expect(try rig.jobRows.count == 1)
        #expect(try StoredState.state(of: try rig.store.load()).halt != nil)
    }

    @Test func `A finished job stays in memory until its row shows that it is finished`() throws {
        let rig = try Rig()
        try rig.perform(.submit([.example("One")], by: .alice))
        try rig.perform(.cancel(JobID(1), reason: "not wanted", by: .alice))
        #expect(rig.bench.fleet.state.jobs[JobID(1)]?.stage == .failed)
        try rig.pass(UnwrittenEvents.patience)
        #expect(try rig.jobRows == [JobID(1): .failed])
        #expect(rig.bench.fleet.state.jobs.isEmpty)
        #expect(rig.published.contains { $0.dismissed == [JobID(1)] })
    }

    @Test func `A coordinator that died before it wrote rows is followed by one that does`() throws
    {
        let rig = try Rig()
        try rig.perform(.submit([.example("One")], by: .alice))
        try rig.perform(.submit([.example("Two")], by: .alice))
        try rig.perform(.cancel(JobID(1), reason: "not wanted", by: .alice))
        #expect(try rig.jobRows == [:])
        try rig.startAnew()
        #expect(try rig.jobRows == [JobID(1): .failed, JobID(2): .queued])
        #expect(rig.bench.fleet.state.jobs.keys.sorted() == [JobID(2)])
        #expect(try Replay.check(rig.store, against: try rig.store.load()).differences == [])
    }

    @Test func `Whether a job is needed is judged by its newest events, not by its row`() throws {
        let rig = try Rig()
        try rig.perform(.submit([.example("One")], by: .alice))
        let retention = try Retention.OfStore(
            try rig.store.history(),
            open: try rig.store.loadOpen(),
            cutoff: rig.desk.now.withLock { $0 }
        )
        #expect(try retention.standing(of: JobID(1)) == .kept("its job is in queued"))
        try rig.perform(.cancel(JobID(1), reason: "not wanted", by: .alice))
        #expect(try rig.jobRows == [:])
        #expect(try retention.standing(of: JobID(1)) == .expired)
        #expect(try retention.standing(of: JobID(7)) == .unknown)
    }
}
