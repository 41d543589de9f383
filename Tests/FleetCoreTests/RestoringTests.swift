import FleetCore
import FleetModel
import FleetRules
import FleetTesting
import Testing

@Suite struct RestoringTests {
    private var fleet = TestFleet()

    init() {
        fleet.register("mac")
        fleet.register("pc")
        fleet.submit(.example())
    }

    private func restored(after hours: Int64) -> Restored {
        var highest = Restored.Highest()
        for event in fleet.events { highest.take(event) }
        return Restored(
            position: fleet.state.counters.position,
            lastInstant: fleet.state.counters.lastInstant,
            madeAt: fleet.now,
            now: fleet.now.advanced(by: .seconds(hours * 3_600)),
            highest: highest
        )
    }

    private mutating func restore(after hours: Int64 = 1) {
        let restored = restored(after: hours)
        fleet.clock.advance(by: .seconds(hours * 3_600))
        fleet.run(.restore(restored, by: .alice))
    }

    @Test mutating func `who held a lease when the backup was made has none any more`() {
        let run = fleet.build(JobID(1), on: "mac")
        restore()
        #expect(fleet.job(JobID(1)).lease == nil && fleet.stage(JobID(1)) == .queued)
        #expect(fleet.job(JobID(1)).retriesUsed == 0)
        let refusal = fleet.refusal(of: run, .finished(RunFinished(candidate: .example())))
        #expect(refusal?.code == "lease.stale")
    }

    @Test mutating func `no fence, attempt or id of the lost history is given out again`() {
        // What the lost part of the history did: the same fleet, gone on for an hour.
        var lost = fleet
        for round in 1...40 {
            lost.build(JobID(1), on: "mac")
            lost.register("mac", boot: "boot-\(round)-again")
        }
        let more = (0..<50).flatMap { _ in lost.submit(.example()) }
        let taken = lost.job(JobID(1))

        restore()
        fleet.run(.resume(reason: "looked", by: .alice))
        fleet.beatNow("pc")
        let run = fleet.build(JobID(1), on: "pc")
        #expect(run.lease.fence > taken.fence)
        #expect(run.lease.attempt > taken.attempt)
        let next = fleet.submit(.example())
        #expect(next[0] > more[more.count - 1])
    }

    @Test mutating func `a second restore of the same backup leaves out what the first gave`() {
        let madeAt = fleet.now
        var highest = Restored.Highest()
        for event in fleet.events { highest.take(event) }
        func restored(_ hours: Int64) -> Restored {
            Restored(
                position: 3,
                lastInstant: madeAt,
                madeAt: madeAt,
                now: madeAt.advanced(by: .seconds(hours * 3_600)),
                highest: highest
            )
        }
        let (first, second) = (restored(1), restored(2))
        // An hour of ten jobs a millisecond, a grant a millisecond, a start a second.
        #expect(second.lastJob >= first.lastJob + 36_000_000)
        #expect(second.fence >= first.fence + 3_600_000)
        #expect(second.attempt >= first.attempt + 3_600)
        // And a restore of what came of the first begins behind it.
        var later = highest
        fleet.run(.restore(first, by: .alice))
        for event in fleet.events { later.take(event) }
        #expect(later.job >= first.lastJob && later.fence >= first.fence)
        #expect(later.attempt >= first.attempt)
    }

    @Test mutating func `new jobs count from one again, only older ones leave numbers out`() {
        restore()
        fleet.run(.resume(reason: "looked", by: .alice))
        let new = fleet.submit(.example())[0]
        fleet.run(.cancel(JobID(1), reason: "test", by: .alice))
        fleet.beatNow("mac")
        let run = fleet.build(new, on: "mac")
        #expect(run.lease.fence == 1 && run.lease.attempt == 1)
    }

    @Test mutating func `nothing is placed before a person resumes`() {
        restore()
        #expect(fleet.state.halt?.level == .all)
        fleet.beatNow("mac")
        fleet.claim("mac")
        #expect(fleet.job(JobID(1)).lease == nil)
        fleet.run(.resume(reason: "looked", by: .alice))
        #expect(fleet.job(JobID(1)).lease?.factory == "mac")
    }

    @Test mutating func `replay knows of the restore`() {
        fleet.build(JobID(1), on: "mac")
        restore()
        #expect(fleet.replayed() == fleet.state)
        #expect(fleet.state.counters.restored != nil)
        fleet.restart()
        #expect(fleet.state.counters.restored != nil)
    }
}
