import FleetCore
import FleetModel
import FleetTesting
import Testing

@testable import Coordinator

/// What `/metrics` counts, event by event, beside what the whole history says.
struct FleetTallyTests {

    private func figures(
        of fleet: TestFleet
    ) -> (tally: FleetTally.Figures, census: FleetCensus.Figures) {
        figures(of: fleet.events, after: FleetState(), settings: fleet.fleet.settings)
    }

    private func figures(
        of events: some Sequence<Event>,
        after state: FleetState,
        settings: FleetSettings
    ) -> (tally: FleetTally.Figures, census: FleetCensus.Figures) {
        let model = ReadModel(state: state, settings: settings, now: .epoch)
        for event in events { model.take(Publication(events: [event])) }
        return model.read(at: .epoch) { ($0.tally.figures, $0.census.figures) }
    }

    @Test func `a dead letter is one end, and not a failure beside it`() {
        var fleet = TestFleet()
        fleet.register("f")
        fleet.beatNow("f")
        let id = fleet.submit(
            .example { $0.retry = RetryPolicy(max: 1, backoff: .seconds(60), on: [.engineFailed]) }
        )[0]
        let first = fleet.build(id, on: "f")
        fleet.report(first, .failed(.engineFailed))
        fleet.pass(.minutes(70), beating: ["f"])
        let second = fleet.build(id, on: "f")
        fleet.report(second, .failed(.engineFailed))
        #expect(fleet.stage(id) == .deadLetter)
        let tally = figures(of: fleet).tally
        #expect(tally.finished == [.failed: 0, .deadLetter: 1])
        #expect(tally.retried == 1)
        #expect(tally.granted == [.attempt: 2])
    }

    @Test func `a job waits from when it could start, not from when it was held`() {
        var fleet = TestFleet()
        fleet.register("f")
        fleet.beatNow("f")
        let jobs = fleet.submit(
            .example("first"),
            .example("second") { $0.deps = [Dependency(name: "first")] }
        )
        let (first, second) = (jobs[0], jobs[1])
        fleet.pass(.seconds(100), beating: ["f"])
        fleet.ship(first, on: "f")
        fleet.pass(.seconds(3), beating: ["f"])
        _ = fleet.grant(second, to: "f")
        // 100 s for the first; the second could start 3 s ago.
        let waits = figures(of: fleet).tally.assignLatency
        #expect(waits.count == 2 && waits.sum == 103_000)
    }

    @Test func `where testing is enough a job waits from when that was reached`() {
        var fleet = TestFleet()
        fleet.register("f")
        fleet.beatNow("f")
        let jobs = fleet.submit(
            .example("first"),
            .example("second") { $0.deps = [Dependency(name: "first", fromTesting: true)] }
        )
        fleet.pass(.seconds(100), beating: ["f"])
        fleet.prove(jobs[0], on: "f")
        fleet.pass(.seconds(3), beating: ["f"])
        _ = fleet.grant(jobs[1], to: "f")
        let waits = figures(of: fleet).tally.assignLatency
        #expect(waits.count == 2 && waits.sum == 103_000)
    }

    @Test func `neither a pause nor the time before a retry is a wait`() {
        var fleet = TestFleet()
        fleet.register("f")
        fleet.beatNow("f")
        let id = fleet.submit(
            .example { $0.retry = RetryPolicy(max: 1, backoff: .seconds(60), on: [.engineFailed]) }
        )[0]
        fleet.run(.pause(id, reason: "lunch", by: .alice))
        fleet.pass(.seconds(50), beating: ["f"])
        fleet.run(.resumeJob(id, reason: "back", by: .alice))
        let run = fleet.build(id, on: "f")
        fleet.report(run, .failed(.engineFailed))
        let until = fleet.job(id).backoffUntil
        fleet.pass(.minutes(70), beating: ["f"])
        _ = fleet.grant(id, to: "f")
        let late = until.map { fleet.now.since($0).milliseconds }
        let waits = figures(of: fleet).tally.assignLatency
        #expect(waits.count == 2 && waits.sum == late)
    }

    @Test func `a lost lease is reclaimed, and its run has lasted until then`() {
        var fleet = TestFleet()
        fleet.register("f")
        fleet.beatNow("f")
        let id = fleet.submit(.example())[0]
        fleet.build(id, on: "f")
        let held = figures(of: fleet).census
        #expect(held.leases[.attempt] == 1 && held.busyStations == 1 && held.freeStations == 1)
        fleet.pass(.seconds(61), beating: [])
        let (tally, census) = figures(of: fleet)
        #expect(tally.reclaimed == [.attempt: 1])
        #expect(census.leases[.attempt] == 0 && census.busyStations == 0)
        #expect(census.freeStations == 0, "its factory is not heard of")
        let lost = tally.runs[.init(kind: .attempt, outcome: "lost")]
        #expect(lost?.sum == 60_000 && tally.runs.count == 1)
    }

    @Test func `what was before this process is not counted, and goes on from where it was`() {
        var fleet = TestFleet()
        fleet.register("f")
        fleet.beatNow("f")
        let id = fleet.submit(.example())[0]
        let run = fleet.build(id, on: "f")
        let (before, state) = (fleet.events.count, fleet.state)
        fleet.pass(.seconds(5), beating: ["f"])
        fleet.report(run, .finished(RunFinished(candidate: .example(), spendMicroUSD: 7)))
        let (tally, census) = figures(
            of: fleet.events.dropFirst(before),
            after: state,
            settings: fleet.fleet.settings
        )
        #expect(tally.submitted == 0 && tally.granted == [:] && tally.spendMicroUSD == 7)
        #expect(tally.runs[.init(kind: .attempt, outcome: "ended")]?.sum == 5_000)
        #expect(census.busyStations == 1, "its gates still run")
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `whatever happens, counts agree with the whole history`(seed: UInt64) {
        let history = RandomHistory(seed: seed, steps: 600)
        let (fleet, jobs) = (history.fleet, history.fleet.state.jobs.values)
        let (tally, census) = figures(of: fleet)
        func count(_ isWanted: (EventBody) -> Bool) -> Int {
            fleet.events.count { isWanted($0.body) }
        }
        #expect(tally.submitted == jobs.count)
        #expect(tally.retried == count { if case .jobRetrying = $0 { true } else { false } })
        #expect(
            tally.granted.values.reduce(0, +)
                == jobs.reduce(0) { $0 + $1.runs.count }
        )
        #expect(tally.spendMicroUSD == jobs.reduce(0) { $0 + $1.spendMicroUSD })
        #expect(
            tally.runs.values.reduce(0) { $0 + $1.count }
                == Int64(jobs.reduce(0) { $0 + $1.runs.count { $0.endedAt != nil } })
        )
        let ends = count {
            switch $0 {
            case .jobShipped, .jobFailed: true
            default: false
            }
        }
        #expect(tally.finished.values.reduce(0, +) == ends)
        let leases = jobs.compactMap(\.lease)
        for kind in Lease.Kind.allCases {
            #expect(census.leases[kind] ?? 0 == leases.count { $0.kind == kind })
        }
        #expect(census.busyStations == leases.count { $0.station != nil })
        #expect(census.factories.values.reduce(0, +) == fleet.state.factories.count)
        #expect(census.freeStations >= 0)
        #expect(
            census == FleetCensus(fleet.state).figures.padded(like: census),
            "counted as it changed, and counted at the end"
        )
    }
}

extension FleetCensus.Figures {
    /// Zeros where the other has zeros.
    fileprivate func padded(like other: Self) -> Self {
        var padded = self
        for key in other.leases.keys { padded.leases[key] = leases[key] ?? 0 }
        for key in other.factories.keys { padded.factories[key] = factories[key] ?? 0 }
        return padded
    }
}
