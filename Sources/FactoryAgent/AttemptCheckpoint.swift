import Detection
import Engines
import FleetModel
import Git
import Processes

/// What an attempt leaves to the next one when it is stopped before its end.
extension AttemptRun {
    /// A coordinator takes no report of more: a thousand million dollars.
    private static let mostSpend: Int64 = 1_000_000_000_000_000

    /// What a run cost by its engine's own word; nil when that is not known.
    static func spend(of engine: EngineResult, _ adapter: any EngineAdapter) -> Int64? {
        guard adapter.callsModel else { return 0 }
        let costs = engine.turns.map(\.costMicroUSD)
        return costs.contains(nil) || costs.isEmpty
            ? nil : min(costs.compactMap(\.self).saturatingSum, mostSpend)
    }

    /// The engine asked something and was stopped for it: its work is kept until it is answered.
    func ask(
        _ question: String,
        _ engine: EngineResult,
        _ ready: Preparation,
        _ session: String?
    ) throws {
        keepWork(ready, session)
        log.say("it asks: \(question)")
        log.close(waiting: .seconds(5))
        try reporter.report(
            .waitingInput(
                WaitingInput(
                    question: Redactor.redact(question, secrets: context.secrets),
                    usage: engine.usage,
                    model: engine.model,
                    spendMicroUSD: Self.spend(of: engine, ready.adapter)
                )
            )
        )
    }

    /// Commits the files as they are, and reports where they and the session are.
    ///
    /// Never fails: whoever wanted the run stopped gets it stopped, with or without its work.
    func keepWork(_ ready: Preparation, _ session: String?, isFinished: Bool = false) {
        var kept = Checkpoint(
            factory: lease.factory,
            engine: ready.adapter.name.text,
            session: session
        )
        do {
            if let commit = try workInProgress(ready) {
                kept.commit = commit.hex
                kept.base = ready.base.hex
                kept.branch = branchName
                kept.isFinished = isFinished ? true : nil
                log.say("work in progress is kept as \(commit)")
            }
        } catch {
            log.say("work in progress could not be kept: \(error)")
        }
        guard kept.commit != nil || session != nil else { return }
        report(kept)
    }

    private func report(_ kept: Checkpoint) {
        do {
            try reporter.report(.checkpointed(kept))
        } catch {
            log.say("the checkpoint could not be reported: \(error)")
        }
    }

    private func workInProgress(_ ready: Preparation) throws -> ObjectID? {
        // The run's own control says stop to everything by now.
        let keeper = RunControl(lease, deadline: control.deadline)
        let candidate = try makeCandidate(ready, handOver(ready, under: keeper))
        guard !candidate.isEmpty, let commit = ObjectID(candidate.commit) else { return nil }
        try pushUnlessSecret(commit, candidate, ready)
        return commit
    }

    private func pushUnlessSecret(
        _ commit: ObjectID,
        _ candidate: Candidate,
        _ ready: Preparation
    ) throws {
        let gates = Gates(
            grant: grant,
            mirror: ready.mirror,
            candidate: candidate,
            commit: commit,
            base: ready.base,
            secrets: context.secrets
        )
        // Nothing that looks like a secret leaves this machine, in no state of the work.
        let scan = try gates.scanForSecrets()
        if scan.verdict == .passed { push(commit, ready.mirror) }
    }
}

/// An engine's work that ended well, and was not judged yet when somebody paused the job.
extension AttemptRun {
    private func onlyGatesAreLeft(_ ready: Preparation) -> Bool {
        // A start at the base means that it no longer fits, or is out of reach.
        grant.checkpoint?.isFinished == true && ready.start != ready.base
    }

    /// The engine whose work this attempt has: another one, where an earlier attempt finished it.
    func maker(_ ready: Preparation) -> String {
        guard onlyGatesAreLeft(ready), let kept = grant.checkpoint else {
            return ready.adapter.name.text
        }
        return kept.engine
    }

    /// What an earlier attempt finished, as this one's own candidate; nil where the engine must run.
    func finishedBefore(
        _ ready: Preparation
    ) throws -> (candidate: Candidate, engine: EngineResult?)? {
        guard onlyGatesAreLeft(ready) else { return nil }
        try control.built()
        log.say(Self.isFinishedNote)
        do throws(GitFault) {
            return (try candidate(of: try ready.mirror.tree(of: ready.start), ready), nil)
        } catch {
            throw RunFailure(error)
        }
    }

    /// Runs the gates; if a pause stops them, the commit is left to the next attempt as it is.
    func keepingWork(
        _ candidate: Candidate,
        _ ready: Preparation,
        _ judge: () throws -> Void
    ) throws {
        do { try judge() } catch let interrupted as Interrupted {
            if case .paused = control.ending { keepFinished(candidate, ready) }
            throw interrupted
        }
    }

    private func keepFinished(_ candidate: Candidate, _ ready: Preparation) {
        if !candidate.isEmpty, let commit = ObjectID(candidate.commit) {
            do { try pushUnlessSecret(commit, candidate, ready) } catch {
                log.say("the finished work stays in this factory's mirror: \(error)")
            }
        }
        log.say("the finished work is kept as \(candidate.commit)")
        report(
            Checkpoint(
                factory: lease.factory,
                engine: maker(ready),
                commit: candidate.commit,
                base: candidate.base,
                branch: candidate.isEmpty ? nil : branchName,
                isFinished: true
            )
        )
    }

    func notes(on engine: EngineResult?) -> [String] {
        guard let engine else { return [Self.isFinishedNote] }
        return engine.engineVersion.map { ["engine version \($0)"] } ?? []
    }

    private static let isFinishedNote =
        "an earlier attempt finished the engine's work; only the gates are left"
}
