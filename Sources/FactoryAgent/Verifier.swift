import Engines
import FleetModel
import Git
import Processes
import Synchronization

/// Runs a job's verify on a commit: in a clean checkout, in the sandbox, without a network.
struct Verifier: Sendable {
    let grant: GrantedRun
    let mirror: Mirror
    let folder: RunFolder
    let context: FactoryContext
    let control: RunControl
    let log: RunLog

    struct Outcome: Sendable {
        var passed: Bool
        var exitCode: Int
        var tail: [String]
        var reportHash: String
        var milliseconds: Int64
        var isTimedOut: Bool
    }

    private struct Report: Sendable {
        var bytes: [UInt8] = []
        var lines: [String] = []
    }

    /// `look` gets the checkout once the command has ended, and before it is removed.
    func run(
        _ command: String,
        on commit: ObjectID,
        then look: (String) throws -> Void = { _ in }
    ) throws -> Outcome {
        FileTree.remove(folder.outside(.verify))
        FileTree.remove(folder.outside(.home))
        FileTree.make(folder.outside(.home), mode: 0o700)
        try mirror.exportTree(commit, to: folder.outside(.verify))
        defer { FileTree.remove(folder.outside(.verify)) }
        // With a changed lockfile it is prepared anew, for this run alone.
        let prepared = try Preparing(
            grant: grant,
            mirror: mirror,
            folder: folder,
            context: context,
            control: control,
            log: log
        ).result(at: commit)
        let frame = Confinement.Frame(
            folder: folder,
            writable: [.verify, .home],
            network: .off,
            environment: context.environment(of: grant.lease),
            workingFolder: folder.seen(.verify),
            executable: nil,
            marker: context.marker(grant.lease),
            prepared: prepared?.binds(
                over: folder.outside(.verify),
                seenAt: folder.seen(.verify)
            ) ?? []
        )
        let invocation = try context.confinement.invocation(["/bin/sh", "-c", command], frame)
        log.say("verify: \(command)")
        let report = Mutex(Report())
        let supervision = Supervision(control: control, timeout: grant.terms.timeout, say: log.say)
        let outcome = try supervision.run(invocation) { line, _ in
            log.line(line.bytes, isCut: line.isCut)
            report.withLock { report in
                if report.bytes.count < 16 << 20 { report.bytes += line.bytes + [0x0A] }
                report.lines.append(String(line.text.prefix(400)))
                if report.lines.count > 40 { report.lines.removeFirst() }
            }
        }
        log.say("verify ended: \(outcome.exit) after \(outcome.milliseconds) ms")
        try look(folder.outside(.verify))
        let said = report.withLock(\.self)
        var tail = said.lines
        if outcome.isTimedOut { tail.append("verify did not end within \(grant.terms.timeout)") }
        return Outcome(
            passed: outcome.exit.isSuccess && !outcome.isTimedOut,
            exitCode: Int(outcome.exit.shellCode),
            tail: tail,
            reportHash: Digest(sha256: said.bytes).hex,
            milliseconds: outcome.milliseconds,
            isTimedOut: outcome.isTimedOut
        )
    }
}
