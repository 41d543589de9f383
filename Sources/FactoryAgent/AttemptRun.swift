import Detection
import Engines
import FleetModel
import Git
import Processes

/// One attempt of a job: from the grant to the judged commit.
struct AttemptRun: Sendable {
    let grant: GrantedRun
    let control: RunControl
    let context: FactoryContext
    let log: RunLog
    let reporter: Reporter

    var lease: Lease { grant.lease }
    var folder: RunFolder {
        RunFolder(
            root: context.folder.runFolder(lease),
            isSandboxed: context.confinement.isSandboxed
        )
    }

    func run() throws {
        var succeeded = false
        defer { cleanUp(succeeded) }
        do {
            let prepared = try start()
            try control.check()
            guard let (candidate, engine) = try finishedBefore(prepared) ?? engineWork(prepared)
            else {
                succeeded = true
                return
            }
            try conclude(candidate, engine, prepared)
            try keepingWork(candidate, prepared) { try judge(candidate, prepared) }
            succeeded = true
        } catch let failure as RunFailure {
            log.say("failed (\(failure.report.cause.rawValue))")
            log.close(waiting: .seconds(5))
            try reporter.report(
                .finished(RunFinished(failure: redacted(failure.report), notes: []))
            )
        }
    }

    /// The engine's work as one commit; nil when it ended with a question instead.
    ///
    /// Whatever stops it on the way, what it did so far is kept where a later attempt finds it.
    private func engineWork(
        _ ready: Preparation
    ) throws -> (candidate: Candidate, engine: EngineResult?)? {
        let session = Monitor<String?>(nil)
        var isFinished = false
        do {
            let engine = try work(ready, session)
            if let question = engine.question {
                try ask(question, engine, ready, session.read(\.self))
                return nil
            }
            isFinished = true
            try control.built()
            return (try takeOver(ready), engine)
        } catch let interrupted as Interrupted {
            if case .paused = control.ending {
                keepWork(ready, session.read(\.self), isFinished: isFinished)
            }
            throw interrupted
        }
    }

    private func redacted(_ report: FailureReport) -> FailureReport {
        var report = report
        report.tail = report.tail.map { Redactor.redact($0, secrets: context.secrets) }
        return report
    }

    private func cleanUp(_ succeeded: Bool) {
        if !succeeded { context.folder.quarantine(folder.root) }
        FileTree.remove(folder.root)
    }

    /// Prepares, and reports the start in time also where the origin is slow.
    private func start() throws -> Preparation {
        let thread = try PreparationThread { [grant, folder, context] in
            try Preparation.make(grant, folder, context)
        }
        let patience = Duration.milliseconds(context.configuration.startPatience.milliseconds)
        if case .success(let ready)? = thread.outcome(within: patience) {
            try reportStart(ready)
            return ready
        }
        try reportStart(nil)
        return try (thread.outcome(within: nil) ?? .failure(Interrupted(ending: .leaseLost(""))))
            .get()
    }

    private func reportStart(_ ready: Preparation?) throws {
        var notes = ready?.invocation.notes ?? ["the start was reported before the fetch was done"]
        if let ready, ready.start != ready.base { notes.append("goes on from \(ready.start)") }
        notes.append(context.confinement.limits.words)
        if !context.confinement.isSandboxed { notes.append("sandbox: none") }
        try reporter.report(
            .started(
                RunStarted(
                    engineVersion: ready?.engine?.version,
                    model: grant.terms.model ?? grant.profile.model,
                    sandbox: context.confinement.name,
                    promptHash: ready.map { Digest(sha256: $0.prompt).hex },
                    base: ready?.base.hex,
                    notes: notes
                )
            )
        )
    }

    /// Runs the engine in a clone of its own.
    private func work(
        _ ready: Preparation,
        _ session: Monitor<String?>
    ) throws -> EngineResult {
        let branch = branchName
        let prepared = try preparing(ready.mirror).result(at: ready.base)
        do throws(GitFault) {
            try ready.mirror.makeClone(of: ready.start, branch: branch, at: folder.outside(.clone))
        } catch {
            throw RunFailure(error)
        }
        log.say(
            "engine \(ready.adapter.name) on \(ready.base), sandbox \(context.confinement.name)"
        )
        let outcome: EngineRun.Outcome
        do {
            outcome = try EngineRun(
                grant: grant,
                adapter: ready.adapter,
                invocation: ready.invocation,
                folder: folder,
                executable: ready.engine?.executable,
                context: context,
                control: control,
                log: log,
                session: session,
                prepared: prepared
            ).run()
        } catch let fault as SpawnFault {
            throw RunFailure(.engineFailed, tail: ["the engine did not start: \(fault)"])
        }
        if outcome.stop == .timeout || outcome.stop == .silence {
            throw RunFailure(
                .timeout,
                command: ready.adapter.name.text,
                tail: ["stopped after \(grant.terms.timeout)"] + lines(outcome.result.diagnosis)
            )
        }
        if case .budget(let words)? = outcome.stop {
            throw RunFailure(.budget, command: ready.adapter.name.text, tail: [words])
        }
        if outcome.result.question != nil { return outcome.result }
        guard outcome.result.endedWell else {
            throw RunFailure(
                outcome.result.cause ?? .engineFailed,
                command: ready.adapter.name.text,
                tail: lines(outcome.result.diagnosis ?? outcome.result.exitStatus)
            )
        }
        return outcome.result
    }

    private func preparing(_ mirror: Mirror) -> Preparing {
        Preparing(
            grant: grant,
            mirror: mirror,
            folder: folder,
            context: context,
            control: control,
            log: log
        )
    }

    private func lines(_ text: String?) -> [String] {
        text.map { $0.split(separator: "\n").map(String.init) } ?? []
    }

    var branchName: String { "giga/\(grant.fleet)/\(lease.job)/\(lease.attempt)" }
}

/// What the engine left, taken over and told.
extension AttemptRun {
    private func takeOver(_ ready: Preparation) throws -> Candidate {
        try control.check()
        let bundle = try handOver(ready, under: control, leavingOut: filesBesideTheChange)
        do throws(GitFault) {
            return try makeCandidate(ready, bundle)
        } catch {
            throw RunFailure(
                .engineFailed,
                command: "git \(error.command)",
                tail: ["its result cannot be taken over"] + lines(error.words)
            )
        }
    }

    private func conclude(
        _ candidate: Candidate,
        _ engine: EngineResult?,
        _ ready: Preparation
    ) throws {
        if candidate.isEmpty, !grant.terms.acceptsNoChange, grant.terms.output != .none {
            throw RunFailure(
                .engineFailed,
                command: ready.adapter.name.text,
                tail: ["no change: the engine ended well and every file is as it was"],
                tree: candidate.tree
            )
        }
        let spend = engine.map { Self.spend(of: $0, ready.adapter) } ?? 0
        try upload(candidate, ready.mirror)
        try reporter.report(
            .finished(
                RunFinished(
                    candidate: candidate,
                    usage: engine?.usage,
                    model: engine?.model,
                    spendMicroUSD: spend,
                    notes: notes(on: engine)
                )
            )
        )
    }
}

/// The three gates, and the branch that others can ship.
extension AttemptRun {
    private func judge(_ candidate: Candidate, _ ready: Preparation) throws {
        guard let commit = ObjectID(candidate.commit) else { return }
        let gates = Gates(
            grant: grant,
            mirror: ready.mirror,
            candidate: candidate,
            commit: commit,
            base: ready.base,
            secrets: context.secrets
        )
        let verifier = Verifier(
            grant: grant,
            mirror: ready.mirror,
            folder: folder,
            context: context,
            control: control,
            log: log
        )
        var evidence: [Evidence] = []
        let verify = { try verifyAndCollect(gates, verifier) }
        for gate in [gates.scope, gates.scanForSecrets, verify] {
            try control.check()
            let item = try gate()
            log.say("\(item.gate.rawValue): \(item.verdict.rawValue): \(item.summary)")
            evidence.append(item)
            try reporter.report(.evidence(item))
        }
        if !candidate.isEmpty, !evidence.contains(where: { $0.verdict == .failed }) {
            try control.check()
            push(commit, ready.mirror)
        }
        log.close(waiting: .seconds(5))
        try reporter.report(.evidenceComplete)
    }

    /// So that any factory can ship it; without the right to push it stays in this mirror.
    func push(_ commit: ObjectID, _ mirror: Mirror) {
        let ref = "refs/heads/\(branchName)"
        do throws(GitFault) {
            let present = try mirror.remoteRef(ref)
            guard present != commit else { return }
            try mirror.push([RefUpdate(ref, from: present, to: commit)])
        } catch {
            log.say("the branch stays in this factory's mirror: \(error)")
            return
        }
        if grant.checkpoint?.commit != commit.hex { WorkInProgress.forget(of: grant, mirror) }
    }
}
