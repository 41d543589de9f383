import FleetCore
import FleetModel
import FleetTesting
import Testing

/// Finished jobs leave memory, and nobody can tell from what the fleet answers.
@Suite struct FinishedJobsTests {
    /// A fleet beside its twin, and one factory that takes any work.
    private func pair(batch: Int = 1) -> TestFleet {
        var fleet = TestFleet(twinWithBatch: batch)
        fleet.register("f")
        fleet.beat("f")
        return fleet
    }

    private func inMemory(_ fleet: TestFleet) -> [JobID] {
        fleet.twin?.fleet.state.jobs.keys.sorted() ?? []
    }

    @Test(arguments: 1...24)
    func `any random history is answered alike with and without leaving`(seed: UInt64) {
        let batch = 1 + Int(seed % 5)
        let simulation = FleetSimulation.run(seed: seed, steps: 150, twinWithBatch: batch)
        for difference in simulation.fleet.differences.prefix(3) {
            Issue.record("seed \(seed): \(difference.prefix(1_000))")
        }
        if batch == 1 { #expect(simulation.fleet.twin?.needless == []) }
    }

    @Test func `the random histories make jobs leave and come back`() {
        var (dismissals, recalls) = (0, 0)
        for seed in UInt64(1)...10 {
            let twin = FleetSimulation.run(seed: seed, steps: 150, twinWithBatch: 1).fleet.twin
            dismissals += twin?.dismissals ?? 0
            recalls += twin?.recalls ?? 0
        }
        #expect(dismissals > 40 && recalls > 10, "\(dismissals) left, \(recalls) came back")
    }

    @Test func `nothing leaves before the end of its batch`() {
        var fleet = TestFleet()
        fleet.register("f")
        let id = fleet.submit(.example())[0]
        fleet.run(.cancel(id, reason: "no", by: .alice))
        #expect(fleet.stage(id) == .failed)
    }

    @Test func `a cancel of a shipped job still names its stage`() {
        var fleet = pair()
        let id = fleet.submit(.example())[0]
        fleet.ship(id, on: "f")
        #expect(inMemory(fleet).isEmpty)
        let refusal = fleet.refusal(of: .cancel(id, reason: "late", by: .alice))
        #expect(refusal?.code == "stage.illegal" && refusal?.why.contains("shipped") == true)
        #expect(inMemory(fleet).isEmpty, "it was only looked at")
        #expect(fleet.differences == [])
    }

    @Test func `an unknown job stays unknown`() {
        var fleet = pair()
        #expect(fleet.refusal(of: .ship(JobID(9), by: .alice))?.code == "job.unknown")
        #expect(fleet.differences == [])
    }

    @Test func `a late report of a finished run is stale, a repeat of its last is not`() {
        var fleet = pair()
        let id = fleet.submit(.example())[0]
        fleet.prove(id, on: "f")
        if fleet.job(id).shipRequest == nil { fleet.run(.ship(id, by: .alice)) }
        let run = fleet.grant(id, to: "f", free: 0)
        fleet.report(run, .merged("m"))
        #expect(inMemory(fleet).isEmpty)
        #expect(fleet.refusal(of: run, .merged("m")) == nil)
        #expect(fleet.refusal(of: run, .started(RunStarted()))?.kind == .staleFence)
        #expect(fleet.differences == [])
    }

    @Test func `a key of a finished job still stands for it`() {
        var fleet = pair()
        let id = fleet.submit(.example("a", key: "k"))[0]
        fleet.ship(id, on: "f")
        #expect(inMemory(fleet).isEmpty)
        #expect(fleet.submit(.example("a", key: "k")) == [id])
        var other = Submission.example("a", key: "k")
        other.contentHash = "another"
        let refusal = fleet.refusal(of: .submit([other], by: .alice))
        #expect(refusal?.code == "job.key-conflict")
        #expect(inMemory(fleet).isEmpty)
        #expect(fleet.differences == [])
    }

    @Test func `a dependency that has shipped comes back for as long as it is needed`() {
        var fleet = pair()
        let first = fleet.submit(.example("a", key: "k"))[0]
        fleet.ship(first, on: "f")
        let byKey = fleet.submit(.example("b") { $0.deps = [Dependency(name: "k")] })[0]
        let byID = fleet.submit(.example("c") { $0.deps = [Dependency(name: "\(first)")] })[0]
        #expect(inMemory(fleet) == [first, byKey, byID])
        let run = fleet.grant(byKey, to: "f")
        #expect(run.mustContain.contains("merge-\(first)"))
        fleet.run(.cancel(byID, reason: "no", by: .alice))
        #expect(inMemory(fleet) == [first, byKey])
        fleet.run(.cancel(byKey, reason: "no", by: .alice))
        fleet.report(run, .stopped(.cancelled, reason: "stopped"))
        #expect(inMemory(fleet).isEmpty)
        #expect(fleet.differences == [])
    }

    @Test func `a dependency that failed stays while somebody waits for it`() {
        var fleet = pair()
        let first = fleet.submit(.example("a"))[0]
        let second = fleet.submit(.example("b") { $0.deps = [Dependency(name: "\(first)")] })[0]
        fleet.run(.cancel(first, reason: "no", by: .alice))
        #expect(fleet.condition(of: second)?.name == .dependencyFailed)
        #expect(inMemory(fleet) == [first, second])
        fleet.run(.requeue(first, reason: "again", by: .alice))
        fleet.ship(first, on: "f")
        fleet.ship(second, on: "f")
        #expect(inMemory(fleet).isEmpty)
        #expect(fleet.differences == [])
    }

    @Test func `a requeued job brings back what it depends on`() {
        var fleet = pair()
        let first = fleet.submit(.example("a"))[0]
        let second = fleet.submit(.example("b") { $0.deps = [Dependency(name: "\(first)")] })[0]
        fleet.ship(first, on: "f")
        fleet.run(.cancel(second, reason: "no", by: .alice))
        #expect(inMemory(fleet).isEmpty)
        fleet.run(.requeue(second, reason: "again", by: .alice))
        #expect(inMemory(fleet) == [first, second])
        #expect(fleet.grant(second, to: "f").mustContain.contains("merge-\(first)"))
        #expect(fleet.differences == [])
    }

    @Test func `a restart takes up only what is open and what that needs`() {
        var fleet = pair()
        let jobs = (0..<3).map { fleet.submit(.example("j\($0)"))[0] }
        for job in jobs { fleet.ship(job, on: "f") }
        let waiting = fleet.submit(.example("w") { $0.deps = [Dependency(name: "\(jobs[1])")] })[0]
        fleet.restart()
        #expect(inMemory(fleet) == [jobs[1], waiting])
        #expect(fleet.differences == [])
    }

    @Test func `ended jobs are counted wherever they are`() {
        var fleet = pair()
        let jobs = (0..<5).map { number in
            fleet.submit(.example("j\(number)") { $0.product = number < 3 ? nil : "side" })[0]
        }
        fleet.ship(jobs[0], on: "f")
        for id in jobs[1...3] { fleet.run(.cancel(id, reason: "no", by: .alice)) }
        fleet.run(.requeue(jobs[1], reason: "again", by: .alice))
        for state in [fleet.state, fleet.twin?.fleet.state ?? FleetState()] {
            let main = ["shipped": 1, "failed": 1]
            #expect(state.counters.ended == ["main": main, "side": ["failed": 1]])
            #expect(state.count(in: .failed) == 2 && state.count(in: .failed, of: "side") == 1)
            #expect(state.count(in: .queued) == 2 && state.count(in: .queued, of: "main") == 1)
        }
        #expect(fleet.differences == [])
    }
}
