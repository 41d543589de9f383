import Coordinator
import FleetCore
import FleetModel
import FleetPorts
import Foundation
import Stores
import Testing

/// What the first released version wrote means the same to this one.
@Suite struct FirstSchemaReplayTests {
    private let folder: ScratchFolder
    private let store: SQLiteStore

    init() throws {
        folder = try ScratchFolder()
        try FirstSchema.make(in: folder.data)
        store = try SQLiteStore(folder: folder.data)
    }

    @Test func `its replay equals its rows`() throws {
        let outcome = try Replay.check(store.history(), against: store.load())
        #expect(outcome.differences == [] && outcome.events == 151)
        #expect(outcome.highest.job == 9)
    }

    @Test func `a coordinator starts from it, with the one job that is open`() throws {
        let state = try StoredState.open(store).state
        #expect(state.jobs.values.filter { !$0.stage.isEnded }.count == 1)
        #expect(state.count(in: .shipped) == 7 && state.count(in: .failed) == 1)
        #expect(state.counters.restored == nil)
    }
}
