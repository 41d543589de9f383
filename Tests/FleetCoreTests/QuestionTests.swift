import FleetCore
import FleetModel
import FleetTesting
import Testing

/// Questions of agents, their answers, and places in the queue.
@Suite struct QuestionTests {
    private let id = JobID(1)
    private let question = WaitingInput(question: "Which port?", spendMicroUSD: 5)

    private func asking(_ items: RunReportItem...) -> TestFleet {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example { $0.retry = RetryPolicy(max: 0, backoff: .zero, on: []) })
        let run = fleet.build(id, on: "mac")
        fleet.run(.report(.of(run, items + [.waitingInput(question)]), by: "mac"))
        return fleet
    }

    @Test func `a question ends the run, frees the station and waits for ever`() throws {
        var fleet = asking()
        #expect(fleet.stage(id) == .building)
        #expect(fleet.job(id).lease == nil)
        let run = try #require(fleet.job(id).runs.last)
        #expect(run.outcome == "waiting_input" && run.endedAt != nil && run.spendMicroUSD == 5)
        #expect(fleet.job(id).spendMicroUSD == 5)
        fleet.tick(after: .hours(100))
        let condition = try #require(fleet.condition(of: id))
        #expect(condition.name == .waitingInput)
        #expect(condition.reason.contains("Which port?"))
        #expect(condition.endsWhen == "giga answer job-1 --text TEXT")
    }

    @Test func `an answer starts the next attempt with question, answer and session`() throws {
        let kept = Checkpoint(factory: "mac", engine: "shell", session: "s-1")
        var fleet = asking(.checkpointed(kept))
        fleet.run(.answer(id, text: "8080", by: .alice))
        #expect(fleet.stage(id) == .queued)
        let run = try #require(fleet.claim("mac").first)
        #expect(run.lease.attempt == 2)
        #expect(run.checkpoint == kept)
        #expect(run.answers.map(\.question) == ["Which port?"])
        #expect(run.answers.map(\.answer) == ["8080"])
        #expect(run.answers.map(\.answeredBy) == [.alice])
        #expect(fleet.job(id).retriesUsed == 0, "although it has none")
        #expect(fleet.replayed() == fleet.state)
    }

    @Test func `an answer is placed where the session is, if that factory can`() throws {
        let kept = Checkpoint(factory: "mac", engine: "shell", session: "s-1")
        for (other, wins) in [("abc", "mac"), ("xyz", "mac")] {
            var fleet = asking(.checkpointed(kept))
            fleet.register(FactoryID(other))
            fleet.beatNow("mac")
            fleet.claim(FactoryID(other))
            fleet.claim("mac")
            fleet.takeAnswers()
            fleet.run(.answer(id, text: "8080", by: .alice))
            #expect(fleet.takeAnswers().filter { !$0.isEmpty }.map(\.factory.name) == [wins])
        }
    }

    @Test func `what did not ask takes no answer, and one question takes one`() {
        var fleet = asking()
        let nothing = fleet.refusal(of: .answer(id, text: " \n", by: .alice))
        #expect(nothing?.code == "answer.empty")
        fleet.run(.answer(id, text: "8080", by: .alice))
        let second = fleet.refusal(of: .answer(id, text: "8081", by: .alice))
        #expect(second?.code == "job.no-question")
        #expect(fleet.refusal(of: .answer(JobID(9), text: "x", by: .alice))?.code == "job.unknown")
    }

    @Test func `a job that asks can be cancelled at once, and its question goes with it`() {
        var fleet = asking()
        fleet.run(.cancel(id, reason: "no", by: .alice))
        #expect(fleet.stage(id) == .failed)
        fleet.run(.requeue(id, reason: "yes", by: .alice))
        #expect(fleet.job(id).dialogue?.open == nil)
        #expect(fleet.claim("mac").first?.answers == [])
    }

    @Test func `a job that is to be cancelled ends with its question`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example())
        let run = fleet.build(id, on: "mac")
        fleet.run(.cancel(id, reason: "no", by: .alice))
        fleet.report(run, .waitingInput(question))
        #expect(fleet.stage(id) == .failed)
    }

    @Test func `a job whose pause came too late asks first, and is held after the answer`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example())
        let run = fleet.build(id, on: "mac")
        fleet.run(.pause(id, reason: "lunch", by: .alice))
        fleet.report(run, .waitingInput(question))
        #expect(fleet.condition(of: id)?.name == .waitingInput)
        fleet.run(.answer(id, text: "8080", by: .alice))
        #expect(fleet.condition(of: id)?.name == .paused)
        #expect(fleet.claim("mac").isEmpty)
    }

    @Test func `another priority changes the order of the queue, and outlives an attempt`() {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example("a"), .example("b") { $0.priority = .low })
        fleet.run(.reprioritise(JobID(2), .critical, by: .alice))
        #expect(fleet.run(.reprioritise(JobID(2), .critical, by: .alice)).events.isEmpty)
        #expect(fleet.claim("mac").map(\.lease.job) == [JobID(2)])
        #expect(fleet.job(JobID(2)).terms.priority == .critical, "assignment resolved them again")
        #expect(fleet.job(JobID(2)).manifest.priority == .low, "the file stays as it is")
        fleet.run(.cancel(id, reason: "no", by: .alice))
        let refusal = fleet.refusal(of: .reprioritise(id, .high, by: .alice))
        #expect(refusal?.code == "job.ended")
    }
}
