import FleetCore
import FleetModel
import FleetPorts
import FleetTesting
import HTTPServing
import Processes
import Testing

@testable import Coordinator

/// The store's server goes away, and comes back or does not.
struct OutageTests {
    private static let gone = StoreFault.unreachable(path: "postgres://db/", reason: "cut")

    private func lose(_ rig: WriterRig) throws {
        rig.store.change { $0.fault = Self.gone }
        rig.submit("first", .putRepository(.shop, by: .alice))
        let isNoticed = rig.notices.wait(until: .after(.seconds(60))) { $0.isEmpty ? nil : true }
        try #require(isNoticed == true)
    }

    @Test func `Nobody is answered before the lost batch is stored`() throws {
        let rig = try WriterRig()
        try lose(rig)
        #expect(rig.answers.read { $0.isEmpty })
        #expect(rig.publications.read { $0.isEmpty })
        rig.store.change { $0.fault = nil }
        #expect(try rig.answer("first").get().position == 1)
        #expect(rig.notices.read { $0 } == [Self.gone, nil])
        #expect(rig.faults.read { $0.isEmpty })
        rig.writer.stop()
    }

    /// The id tells the store that it is the same, should it have been stored after all.
    @Test func `The same batch is given again until it is stored`() throws {
        let rig = try WriterRig()
        rig.store.change { $0.losesReplies = 3 }
        rig.submit("first", .putRepository(.shop, by: .alice))
        #expect(try rig.answer("first").get().position == 1)
        let batches = rig.store.read { $0.batches }
        #expect(batches.count == 4)
        #expect(Set(batches).count == 1)
        #expect(try rig.perform(.putProfile(.developer, by: .alice)).position == 2)
        rig.writer.stop()
    }

    @Test func `Meanwhile changes, claims and looks are refused at once`() throws {
        let rig = try WriterRig()
        try lose(rig)
        rig.submit("late", .putProfile(.developer, by: .alice))
        rig.claim("claim", "c-1")
        let refusal = #expect(throws: Refusal.self) { try rig.answer("late").get() }
        #expect(refusal == Writer.storeAway)
        #expect(throws: Writer.storeAway) { try rig.claimAnswer("claim").get() }
        #expect(rig.writer.look { _ in } == Writer.storeAway)
        let answer = Writer.storeAway.response
        #expect(answer.status == 503)
        #expect(answer.header("Retry-After") == "1")
        rig.store.change { $0.fault = nil }
        _ = try rig.answer("first").get()
        #expect(try rig.perform(.putProfile(.developer, by: .alice)).position == 2)
        rig.writer.stop()
    }

    @Test func `What queued behind the lost batch is refused`() throws {
        let rig = try WriterRig()
        rig.hold()
        rig.submit("first", .putRepository(.shop, by: .alice))
        try rig.waitForCommit()
        rig.submit("behind", .putProfile(.developer, by: .alice))
        rig.store.change { $0.fault = Self.gone }
        rig.release()
        #expect(throws: Writer.storeAway) { try rig.answer("behind").get() }
        rig.store.change { $0.fault = nil }
        _ = try rig.answer("first").get()
        rig.writer.stop()
    }

    @Test func `A deposed writer ends, and answers nobody`() throws {
        let rig = try WriterRig()
        try lose(rig)
        let deposed = StoreFault.deposed(epoch: 1, newest: 2)
        rig.store.change { $0.fault = deposed }
        let closed = rig.store.wait(until: .after(.seconds(60))) { $0.isClosed ? true : nil }
        #expect(closed == true)
        #expect(rig.faults.read { $0 } == [deposed])
        #expect(rig.answers.read { $0["first"] == nil })
        rig.writer.stop()
    }

    @Test func `It can be stopped while the store is away`() throws {
        let rig = try WriterRig()
        try lose(rig)
        rig.writer.stop()
        #expect(rig.faults.read { $0 } == [Self.gone])
        #expect(rig.answers.read { $0["first"] == nil })
    }
}
