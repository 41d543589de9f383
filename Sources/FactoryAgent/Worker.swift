import FleetModel
import Processes

/// One granted run on a thread of its own, to whatever end it comes.
struct Worker: Sendable {
    let grant: GrantedRun
    let control: RunControl
    let context: FactoryContext

    func run() {
        let lease = grant.lease
        let log = RunLog(
            control,
            link: context.link,
            secrets: context.secrets,
            copyAt: context.folder.log(lease)
        )
        let reporter = context.reporter(control)
        context.log.say("\(lease.run): begins \(grant.terms.title)")
        do {
            switch lease.kind {
            case .attempt:
                try AttemptRun(
                    grant: grant,
                    control: control,
                    context: context,
                    log: log,
                    reporter: reporter
                ).run()
            case .ship:
                try ShipWork(
                    grant: grant,
                    control: control,
                    context: context,
                    log: log,
                    reporter: reporter
                ).run()
            }
            context.log.say("\(lease.run): done")
        } catch let interrupted as Interrupted {
            end(control.ending ?? interrupted.ending, log, reporter)
        } catch {
            // An error that no step expected must not leave the job without a word.
            log.say("\(error)")
            context.log.say("\(lease.run): \(error)")
            end(.asked(.engineCrashed, "\(error)"), log, reporter)
        }
        log.close(waiting: .seconds(2))
        ProcessTree.sweep(context.marker(lease))
        context.prepared.release(context.user(lease))
    }

    private func end(_ ending: Ending, _ log: RunLog, _ reporter: Reporter) {
        log.say(ending.words)
        context.log.say("\(grant.lease.run): \(ending.words)")
        switch ending {
        case .leaseLost: return
        case .expired: reporter.expired()
        case .paused(let reason):
            log.close(waiting: .seconds(2))
            reporter.stopped(.preempted, reason)
        case .asked(let cause, let reason):
            log.close(waiting: .seconds(2))
            reporter.stopped(cause, reason)
        case .refused(let words):
            log.close(waiting: .seconds(2))
            guard let why = reporter.refused(words) else { return }
            context.notUnderstood.change { $0 = why }
        }
    }
}
