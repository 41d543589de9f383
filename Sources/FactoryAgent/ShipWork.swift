import Detection
import FleetModel
import Git
import Shipping

/// One ship run, as the factory's worker does it.
struct ShipWork: Sendable {
    let grant: GrantedRun
    let control: RunControl
    let context: FactoryContext
    let log: RunLog
    let reporter: Reporter

    private var lease: Lease { grant.lease }

    func run() throws {
        guard let order = ShipOrder(grant) else {
            try reporter.report(
                .shipRefused(.unseen, detail: ["the grant names no candidate to ship"])
            )
            return
        }
        let folder = RunFolder(
            root: context.folder.runFolder(lease),
            isSandboxed: context.confinement.isSandboxed
        )
        defer { FileTree.remove(folder.root) }
        try reporter.report(
            .shipStarted(ShipStarted(commit: order.candidate.commit, target: order.target))
        )
        let result: ShipResult
        do {
            result = try ship(order, folder)
        } catch let fault as GitFault {
            result = .refused(fault)
        } catch let failure as RunFailure {
            result = .refused(.verifyFailed, detail: failure.report.tail)
        }
        log.say(result.words)
        log.close(waiting: .seconds(5))
        switch result {
        case .merged(let merged): try reporter.report(.shipMerged(merged))
        case .refused(let cause, let detail):
            context.log.say(
                "\(lease.run): refused (\(cause.rawValue)): \(detail.joined(separator: " | "))"
            )
            try reporter.report(.shipRefused(cause, detail: redacted(detail)))
        }
    }

    private func redacted(_ lines: [String]) -> [String] {
        lines.suffix(60).map { Redactor.redact(String($0.prefix(400)), secrets: context.secrets) }
    }

    private func ship(_ order: ShipOrder, _ folder: RunFolder) throws -> ShipResult {
        guard folder.make() else {
            return .refused(.unseen, detail: ["\(folder.root) could not be made"])
        }
        let mirror: Mirror
        do throws(GitFault) {
            mirror = try context.mirror(of: grant.repository)
            try mirror.fetch()
        } catch {
            return .refused(error)
        }
        let verifier = Verifier(
            grant: grant,
            mirror: mirror,
            folder: folder,
            context: context,
            control: control,
            log: log
        )
        let gates = ShipGates(
            offences: { [grant] in Gates.offences(in: $0, of: grant) },
            verify: { [grant] commit in
                guard let command = grant.terms.verify else { return nil }
                let outcome = try verifier.run(command, on: commit)
                return outcome.passed ? nil : ["verify of the merged tree failed"] + outcome.tail
            },
            mayGoOn: { [control] in try control.check() },
            say: { [log, factoryLog = context.log, run = lease.run] words in
                log.say(words)
                factoryLog.say("\(run): \(words)")
            }
        )
        let committer = Signature(
            name: "gigafactory",
            email: "ship@giga.invalid",
            seconds: BootClock.wallSeconds()
        )
        return try ShipRun(
            order,
            mirror: mirror,
            gates: gates,
            intentFile: context.folder.intent(lease),
            committer: committer
        ).run()
    }
}
