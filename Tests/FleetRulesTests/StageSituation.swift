import FleetCore
import FleetModel
import FleetTesting

/// A column of the stages page: one way to be in a stage, and a job brought there.
enum StageSituation: String, CaseIterable {
    case queued
    case paused = "queued, paused"
    case assigned, building
    case asking = "building, asking"
    case gathering = "review, gathering"
    case judged = "review, judged"
    case asked = "review, asked"
    case waiting = "testing, waiting"
    case held = "testing, paused"
    case shipping = "testing, shipping"
    case shipped, failed
    case deadLetter = "dead_letter"

    var stage: Stage? { Stage(rawValue: rawValue.split(separator: ",").map(String.init)[0]) }

    /// A fleet of one factory with one job in this situation, and the job's newest run.
    func arrange() -> (fleet: TestFleet, run: GrantedRun?) {
        var fleet = TestFleet(repository: self == .judged ? .unproven : .shop)
        fleet.register("mac")
        fleet.issue("bob")
        let isReviewed = self == .asked
        fleet.submit(
            .example {
                $0.retry = RetryPolicy(max: 1, backoff: .zero, on: [.timeout])
                if isReviewed { $0.reviewPolicy = .reviewers(["bob"], quorum: 1) }
            }
        )
        let run = advance(&fleet)
        return (fleet, run)
    }

    private func advance(_ fleet: inout TestFleet) -> GrantedRun? {
        let job = JobID(1)
        switch self {
        case .queued: return nil
        case .paused:
            fleet.run(.pause(job, reason: "lunch", by: .alice))
            return nil
        case .asking:
            let run = fleet.build(job, on: "mac")
            fleet.report(run, .waitingInput(WaitingInput(question: "Which port?")))
            return run
        case .assigned: return fleet.grant(job, to: "mac")
        case .building: return fleet.build(job, on: "mac")
        case .gathering:
            let run = fleet.finish(job, on: "mac")
            for item in Evidence.all() { fleet.report(run, .evidence(item)) }
            return run
        case .judged: return fleet.prove(job, on: "mac", verify: .skipped)
        case .asked, .waiting: return fleet.prove(job, on: "mac")
        case .held:
            let run = fleet.finish(job, on: "mac")
            fleet.run(.pause(job, reason: "lunch", by: .alice))
            fleet.judge(run)
            return run
        case .shipping, .shipped:
            fleet.prove(job, on: "mac")
            fleet.run(.ship(job, by: .alice))
            let run = fleet.grant(job, to: "mac")
            if self == .shipped { fleet.report(run, .shipBegins, .merged("merge-1")) }
            return run
        case .failed:
            let run = fleet.build(job, on: "mac")
            fleet.report(run, .failed(.engineFailed))
            return run
        case .deadLetter:
            fleet.report(fleet.build(job, on: "mac"), .failed(.timeout))
            fleet.tick()
            let run = fleet.build(job, on: "mac")
            fleet.report(run, .failed(.timeout))
            return run
        }
    }
}

/// A row of the stages page: something that is done to a job, wherever it stands.
enum StageCommand: String, CaseIterable {
    case promote, ship, approve, reject, requeue, cancel, pause, resume, reprioritise, answer
    case started, finished, checkpointed, waitingInput, evidence, evidenceComplete, stopped
    case shipStarted, shipMerged, shipRefused
    case grant, expiry, release

    /// Does it; what the rules say no to comes back.
    func act(on fleet: inout TestFleet, _ run: GrantedRun?) -> Refusal? {
        let job = JobID(1)
        switch self {
        case .promote: return fleet.refusal(of: .promote(job, by: .alice))
        case .ship: return fleet.refusal(of: .ship(job, by: .alice))
        case .approve: return fleet.refusal(of: .approving(job, by: .person("bob")))
        case .reject: return fleet.refusal(of: .reject(job, reason: "no", by: .alice))
        case .requeue: return fleet.refusal(of: .requeue(job, reason: "again", by: .alice))
        case .cancel: return fleet.refusal(of: .cancel(job, reason: "no", by: .alice))
        case .pause: return fleet.refusal(of: .pause(job, reason: "lunch", by: .alice))
        case .resume: return fleet.refusal(of: .resumeJob(job, reason: "", by: .alice))
        case .reprioritise: return fleet.refusal(of: .reprioritise(job, .high, by: .alice))
        case .answer: return fleet.refusal(of: .answer(job, text: "8080", by: .alice))
        case .grant:
            fleet.claim("mac")
            return nil
        case .expiry:
            fleet.tick(after: .seconds(15))
            fleet.beatNow("mac")
            fleet.tick(after: .seconds(15))
            for _ in 0..<10 { fleet.tick(after: .seconds(15)) }
            return nil
        case .release:
            fleet.register("mac", boot: "boot-2")
            return nil
        default: return report(to: &fleet, run)
        }
    }

    private func report(to fleet: inout TestFleet, _ run: GrantedRun?) -> Refusal? {
        let report = RunReport(
            run: run?.lease.run.description ?? "job-1.1",
            fence: run?.lease.fence ?? 1,
            items: item.map { [$0] } ?? []
        )
        return fleet.refusal(of: .report(report, by: "mac"))
    }

    private var item: RunReportItem? {
        switch self {
        case .started: .started(RunStarted())
        case .finished: .finished(RunFinished(candidate: .example()))
        case .checkpointed: .checkpointed(Checkpoint(factory: "mac", engine: "shell"))
        case .waitingInput: .waitingInput(WaitingInput(question: "Which port?"))
        case .evidence: .evidence(.example(.scope))
        case .evidenceComplete: .evidenceComplete
        case .stopped: .stopped(.drained, reason: "the factory drains")
        case .shipStarted: .shipBegins
        case .shipMerged: .merged("merge-1")
        case .shipRefused: .shipRefused(.conflict, detail: ["CONFLICT in a.txt"])
        default: nil
        }
    }
}
