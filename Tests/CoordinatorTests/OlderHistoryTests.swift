import FleetCore
import FleetModel
import FleetPorts
import FleetTesting
import FoundationEssentials
import Stores
import Testing

@testable import Coordinator

/// Events and rows as earlier versions wrote them still mean what they meant then.
@Suite struct OlderHistoryTests {
    @Test func `a drain without a moment is replayed as its row is, and a later one is not`() throws
    {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.register("pc")
        fleet.run(.drain("mac", draining: true, reason: "updates", by: .alice))
        fleet.run(.drain("pc", draining: true, reason: "updates", by: .alice))
        let store = try store(fleet) { event in
            guard case .factoryDraining(var draining) = event.body, event.factory == "mac" else {
                return event.body
            }
            draining.since = nil
            return .factoryDraining(draining)
        }
        var factory = try #require(fleet.state.factories["mac"])
        (factory.drainingReason, factory.drainingSince) = (nil, nil)
        let rows = try rows(store, .factories, "mac", factory)
        #expect(try Replay.check(store, against: rows).differences == [])
        #expect(try StoredState.state(of: rows).factories["mac"]?.drainingBy == .alice)
        #expect(fleet.state.factories["pc"]?.drainingSince == fleet.now)
    }

    @Test(arguments: [false, true])
    func `a pause that ended when its job passed is replayed so`(isPromoted: Bool) throws {
        var fleet = TestFleet(repository: isPromoted ? .unproven : .shop)
        let id = JobID(1)
        fleet.register("mac")
        fleet.submit(.example())
        let run = fleet.finish(id, on: "mac")
        fleet.run(.pause(id, reason: "lunch", by: .alice))
        fleet.judge(run, verify: isPromoted ? .skipped : .passed)
        if isPromoted { fleet.run(.promote(id, by: .alice)) }
        #expect(fleet.stage(id) == .testing)
        #expect(fleet.job(id).pause != nil && fleet.replayed() == fleet.state)
        let store = try store(fleet) { event in
            switch event.body {
            case .jobPassed(let judged):
                .jobPassed(Judged(commit: judged.commit, reason: judged.reason))
            case .jobPromoted(let judged):
                .jobPromoted(Judged(commit: judged.commit, reason: judged.reason))
            default: event.body
            }
        }
        var job = fleet.job(id)
        job.pause = nil
        let rows = try rows(store, .jobs, id.description, job)
        #expect(try Replay.check(store, against: rows).differences == [])
    }

    /// The fleet's history with some bodies as they were once written, and its present rows.
    private func store(_ fleet: TestFleet, _ body: (Event) -> EventBody) throws -> MemoryStore {
        let store = MemoryStore()
        let lines = try fleet.events.map { event in
            let older = Event(
                position: event.position,
                product: event.product,
                seq: event.seq,
                at: event.at,
                actor: event.actor,
                job: event.job,
                fence: event.fence,
                attempt: event.attempt,
                factory: event.factory,
                costMicroUSD: event.costMicroUSD,
                body: body(event)
            )
            return try EventCodec.line(older, salt: [7])
        }
        try store.commit(
            StoreBatch(
                id: "1",
                epoch: store.identity.epoch,
                events: PackedEvents(
                    firstPosition: 1,
                    lastPosition: UInt64(lines.count),
                    bytes: EventCodec.packed(lines)
                ),
                rows: StoredState.changes(by: fleet.events, in: fleet.state),
                at: fleet.state.counters.lastInstant.milliseconds
            )
        )
        return store
    }

    /// Its rows, one of them as it was once written.
    private func rows(
        _ store: MemoryStore,
        _ table: StoreTable,
        _ key: String,
        _ older: some Encodable
    ) throws -> [StoredRow] {
        var rows = try store.load()
        let place = try #require(rows.firstIndex { $0.table == table && $0.key == key })
        rows[place] = StoredRow(
            table: table,
            product: rows[place].product,
            key: key,
            body: Array(try JSONEncoder().encode(older))
        )
        return rows
    }
}
