import FleetCore
import FleetModel
import FleetPorts
import FleetTesting
import Processes
import Testing

@testable import Coordinator

struct WriterTests {
    @Test func `Nobody is answered before the commit, a refusal neither`() throws {
        let rig = try WriterRig()
        rig.hold()
        try rig.together {
            rig.submit("put", .putRepository(.shop, by: .alice))
            rig.submit("refused", .cancel(JobID(9), reason: "no", by: .alice))
            rig.submit("same", .putRepository(.shop, by: .alice))
        }
        try rig.waitForCommit()
        #expect(rig.answers.read { $0.isEmpty })
        #expect(rig.publications.read { $0.isEmpty })
        rig.release()
        #expect(try rig.answer("put").get().position == 1)
        #expect(try rig.answer("same").get().position == nil)
        #expect(throws: Refusal.self) { try rig.answer("refused").get() }
        #expect(rig.order.read { $0 } == ["publish", "put", "refused", "same"])
        rig.writer.stop()
    }

    @Test func `A claim is granted only after the commit`() throws {
        let rig = try WriterRig()
        try rig.furnish()
        rig.claim("claim", "c-1")
        rig.hold()
        rig.submit("job", .submit([.example()], by: .alice))
        try rig.waitForCommit()
        #expect(rig.claims.read { $0.isEmpty })
        rig.release()
        #expect(try rig.claimAnswer("claim").get().map(\.lease.job) == [JobID(1)])
        rig.writer.stop()
    }

    @Test func `Commands that waited together are one commit`() throws {
        let rig = try WriterRig()
        try rig.furnish()
        let before = rig.store.read { $0.batches.count }
        try rig.together {
            for number in 1...50 {
                rig.submit("\(number)", .submit([.example("Job \(number)")], by: .alice))
            }
        }
        for number in 1...50 { _ = try rig.answer("\(number)").get() }
        let batches = rig.store.read { $0.batches.dropFirst(before) }
        #expect(batches.count == 1)
        let events = try #require(batches.first?.events)
        #expect(events.lastPosition - events.firstPosition == 49)
        #expect(batches.first?.touched.count == 50)
        rig.writer.stop()
    }

    @Test func `Nothing is committed where nothing changed`() throws {
        let rig = try WriterRig()
        try rig.furnish()
        let before = rig.store.read { $0.batches.count }
        rig.submit("same", .putRepository(.shop, by: .alice))
        rig.submit("beat", .heartbeat(Heartbeat(factory: "f", boot: "boot-1", held: [], load: 1)))
        _ = try rig.answer("same").get()
        _ = try rig.answer("beat").get()
        #expect(rig.store.read { $0.batches.count } == before)
        rig.writer.stop()
    }

    private func beat() -> Command {
        .heartbeat(Heartbeat(factory: "f", boot: "boot-1", held: [], load: 1))
    }

    @Test func `Heartbeats wait for each other, and none is left waiting`() throws {
        let rig = try WriterRig()
        try rig.furnish()
        // One by one with nothing beside it, then many, then again one.
        for number in 1...20 {
            rig.submit("\(number)", beat())
            _ = try rig.answer("\(number)").get()
        }
        for number in 21...300 { rig.submit("\(number)", beat()) }
        for number in 21...300 { _ = try rig.answer("\(number)").get() }
        rig.submit("last", beat())
        _ = try rig.answer("last").get()
        rig.writer.stop()
    }

    @Test func `What comes after a heartbeat is answered after it`() throws {
        let rig = try WriterRig()
        try rig.furnish()
        for round in 1...50 {
            rig.submit("beat \(round)", beat())
            rig.submit("put \(round)", .putRepository(.shop, by: .alice))
            _ = try rig.answer("put \(round)").get()
        }
        let told = rig.order.read { $0.filter { $0.hasPrefix("beat ") || $0.hasPrefix("put ") } }
        #expect(told == (1...50).flatMap { ["beat \($0)", "put \($0)"] })
        rig.writer.stop()
    }

    @Test func `A writer that is stopped answers the heartbeats that wait`() throws {
        let rig = try WriterRig()
        try rig.furnish()
        for number in 1...10 { rig.submit("\(number)", beat()) }
        rig.writer.stop()
        for number in 1...10 { _ = try rig.answer("\(number)").get() }
    }

    @Test(arguments: [
        StoreFault.full(path: "/data", needed: 10, free: 0),
        StoreFault.broken(path: "/data", reason: "the disk is gone"),
        StoreFault.deposed(epoch: 1, newest: 2),
    ])
    func `A commit that fails is told once, and nobody is answered`(fault: StoreFault) throws {
        let rig = try WriterRig()
        try rig.furnish()
        rig.claim("claim", "c-1")
        rig.store.change { $0.fault = fault }
        try rig.together {
            rig.submit("job", .submit([.example()], by: .alice))
            rig.submit("refused", .cancel(JobID(9), reason: "no", by: .alice))
        }
        let closed = rig.store.wait(until: .after(.seconds(60))) { $0.isClosed ? true : nil }
        #expect(closed == true)
        #expect(rig.faults.read { $0 } == [fault])
        #expect(rig.answers.read { $0["job"] == nil && $0["refused"] == nil })
        #expect(rig.claims.read { $0.isEmpty })
        #expect(rig.publications.read { $0.allSatisfy { $0.events.allSatisfy { $0.job == nil } } })
        rig.writer.stop()
        #expect(rig.faults.read { $0.count } == 1)
    }

    @Test func `After a failed commit a newcomer is sent away rather than left waiting`() throws {
        let rig = try WriterRig()
        rig.store.change { $0.fault = .broken(path: "", reason: "gone") }
        rig.submit("first", .putRepository(.shop, by: .alice))
        _ = rig.store.wait(until: .after(.seconds(60))) { $0.isClosed ? true : nil }
        rig.submit("late", .putProfile(.developer, by: .alice))
        let refusal = #expect(throws: Refusal.self) { try rig.answer("late").get() }
        #expect(refusal?.code == "coordinator.overloaded")
        rig.writer.stop()
    }

    @Test func `Commands that queue behind a failing commit are sent away`() throws {
        let rig = try WriterRig()
        rig.store.change { $0.fault = .broken(path: "", reason: "gone") }
        rig.hold()
        rig.submit("first", .putRepository(.shop, by: .alice))
        try rig.waitForCommit()
        rig.submit("behind", .putProfile(.developer, by: .alice))
        rig.claim("claim", "c-1")
        rig.release()
        #expect(throws: Refusal.self) { try rig.answer("behind").get() }
        #expect(throws: Refusal.self) { try rig.claimAnswer("claim").get() }
        #expect(rig.answers.read { $0["first"] == nil })
    }

    @Test func `Stopping answers waiting claims and finishes what waits`() throws {
        let rig = try WriterRig()
        try rig.furnish()
        rig.claim("claim", "c-1")
        rig.submit("put", .putProfile(Profile(name: "qa", persona: "You test."), by: .alice))
        rig.writer.stop()
        #expect(try rig.claims.read { try $0["claim"]?.get() } == [])
        #expect(try rig.answers.read { try $0["put"]?.get().position } != nil)
        #expect(rig.store.read { $0.isClosed })
        #expect(rig.faults.read { $0.isEmpty })
        rig.submit("late", .putRepository(.shop, by: .alice))
        #expect(throws: Refusal.self) { try rig.answer("late").get() }
    }

    @Test func `A claim that is repeated while it waits is answered on the newer connection`()
        throws
    {
        let rig = try WriterRig()
        try rig.furnish()
        rig.claim("first", "c-1")
        rig.claim("second", "c-1")
        #expect(try rig.claimAnswer("first").get().isEmpty)
        rig.submit("job", .submit([.example()], by: .alice))
        #expect(try rig.claimAnswer("second").get().map(\.lease.job) == [JobID(1)])
        rig.writer.stop()
    }

    @Test func `A claim that is repeated after its grant gets the same leases`() throws {
        let rig = try WriterRig()
        try rig.furnish()
        _ = try rig.perform(.submit([.example(), .example("Another")], by: .alice))
        rig.claim("first", "c-1")
        let granted = try rig.claimAnswer("first").get()
        rig.claim("second", "c-1")
        #expect(try rig.claimAnswer("second").get().map(\.lease) == granted.map(\.lease))
        #expect(granted.count == 1)
        rig.writer.stop()
    }

    @Test func `A newer claim of the factory ends the older one empty`() throws {
        let rig = try WriterRig()
        try rig.furnish()
        rig.claim("first", "c-1")
        rig.claim("second", "c-2")
        #expect(try rig.claimAnswer("first").get().isEmpty)
        rig.writer.stop()
        #expect(try rig.claims.read { try $0["second"]?.get() } == [])
    }

    @Test func `A claim that is refused is answered with the refusal`() throws {
        let rig = try WriterRig()
        rig.claim("unknown", "c-1", "nobody")
        #expect(throws: Refusal.self) { try rig.claimAnswer("unknown").get() }
        rig.writer.stop()
    }

    @Test func `What the store keeps is what the fleet came to`() throws {
        let rig = try WriterRig()
        try rig.furnish()
        rig.claim("claim", "c-1")
        _ = try rig.perform(.submit([.example(), .example("B")], by: .alice))
        let run = try #require(try rig.claimAnswer("claim").get().first)
        let report = RunReport.of(run, [.started(RunStarted())])
        _ = try rig.perform(.report(report, by: "f"))
        _ = try rig.perform(.halt(.dev, reason: "tea", stops: false, by: .alice))
        let store = SpyStore(rig.disk, Monitor(SpyStore.Control()))
        let rows = try store.load()
        let stored = try StoredState.state(of: rows)
        #expect(stored == rig.model.read(at: .epoch) { $0.reading.state })
        #expect(try Replay.check(store.history(), against: rows).differences == [])
        #expect(rows.contains { $0.table == .decisions && $0.key == "job-1.1" })
    }

    @Test func `The read model equals the fleet after each publication`() throws {
        let rig = try WriterRig()
        try rig.furnish()
        let differing = Monitor<[Int]>([])
        let looked = Monitor(0)
        for number in 1...60 {
            switch number % 5 {
            case 0: rig.submit("c\(number)", .cancel(JobID(1), reason: "no", by: .alice))
            case 1: rig.claim("claim\(number)", "c-\(number)")
            case 2:
                rig.submit(
                    "h\(number)",
                    .heartbeat(
                        .init(
                            factory: "f",
                            boot: "boot-1",
                            held: [],
                            load: Int64(number)
                        )
                    )
                )
            default: rig.submit("\(number)", .submit([.example("Job \(number)")], by: .alice))
            }
            // A batch of its own: whatever was queued before is published by then.
            try rig.together {}
            _ = rig.writer.look { [model = rig.model] fleet in
                let (state, seen) = model.read(at: .epoch) { ($0.reading.state, $0.reading.seen) }
                if state != fleet.state || seen != fleet.presence.factories {
                    differing.change { $0.append(number) }
                }
                looked.change { $0 = number }
            }
            _ = looked.wait(until: .after(.seconds(60))) { $0 == number ? true : nil }
        }
        #expect(differing.read { $0 } == [])
        #expect(looked.read { $0 } == 60)
        rig.writer.stop()
    }
}
