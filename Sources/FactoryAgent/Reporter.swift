import FleetModel
import FleetProtocol
import Processes

/// Tells the coordinator of one run, item after item; each is repeated until it is answered.
struct Reporter: Sendable {
    let control: RunControl
    let link: any CoordinatorLink
    let say: @Sendable (String) -> Void
    /// Why the coordinator took not even the simplest report; nil again once it takes one.
    let notUnderstood: Monitor<String?>

    func report(_ items: RunReportItem...) throws {
        let lease = control.lease
        let request = ReportRequest(fence: lease.fence, items: items)
        if items.contains(where: \.endsLease) { control.conclude() }
        var pause = Duration.milliseconds(100)
        while true {
            try control.checkLease()
            do throws(LinkFault) {
                return try send(request)
            } catch {
                switch error {
                case .stale(let why):
                    say("\(lease.run): 409, the lease is stale: \(why); this worker stops")
                    control.end(.leaseLost(why), ladder: .killAtOnce)
                case .unreachable(let why):
                    say("\(lease.run): \(why); trying again")
                    Pause.wait(pause)
                    pause = min(pause * 2, .seconds(2))
                case .refused:
                    let words = "the coordinator refuses its report: \(error)"
                    say("\(lease.run): \(words)")
                    // The same words again would meet the same no.
                    control.end(.refused(words), ladder: .killAtOnce)
                    throw Interrupted(ending: control.ending ?? .refused(words))
                default:
                    say("\(lease.run): the coordinator refuses the report: \(error)")
                    control.end(.leaseLost("\(error)"), ladder: .killAtOnce)
                }
            }
        }
    }

    private func send(_ request: ReportRequest) throws(LinkFault) {
        try link.report(request, run: control.lease.run.description)
        notUnderstood.change { if $0 != nil { $0 = nil } }
    }

    /// Says once that the run stopped by itself; a coordinator that went on refuses it.
    func expired() {
        let item = RunReportItem.stopped(.leaseExpired, reason: Ending.expired.words)
        let request = ReportRequest(fence: control.lease.fence, items: [item])
        do throws(LinkFault) {
            try send(request)
        } catch {
            switch error {
            case .stale(let why):
                say("\(control.lease.run): 409, the lease is stale: \(why); this worker stops")
            default: say("\(control.lease.run): \(error)")
            }
        }
    }

    /// For a run whose ending was asked for: it is over, but the coordinator should know.
    ///
    /// Gives the words of a refusal that no other report could escape either.
    @discardableResult
    func stopped(_ cause: FailureCause, _ reason: String) -> String? {
        last(.stopped(cause, reason: reason))
    }

    /// For a run whose report was refused: an attempt failed, by the rules of retries; a ship run may
    /// have pushed already, so that the next one has to look.
    func refused(_ why: String) -> String? {
        let words = String(why.prefix(400))
        return control.lease.kind == .attempt
            ? last(.stopped(.engineCrashed, reason: words))
            : last(.shipRefused(.unseen, detail: [words]))
    }

    private func last(_ item: RunReportItem) -> String? {
        let request = ReportRequest(fence: control.lease.fence, items: [item])
        let until = min(control.deadline, BootClock.now() + .seconds(5))
        while BootClock.now() < until {
            do throws(LinkFault) {
                try send(request)
                return nil
            } catch {
                guard case .unreachable = error else {
                    say("\(control.lease.run): \(error)")
                    guard case .refused(let status, _, _) = error else { return nil }
                    // Only a form that it does not know would be refused the next time too.
                    return [400, 413, 415].contains(status) ? "\(error)" : nil
                }
                Pause.wait(.milliseconds(200))
            }
        }
        return nil
    }
}

extension RunReportItem {
    /// Whether the coordinator ends the lease when it hears this.
    fileprivate var endsLease: Bool {
        switch self {
        case .finished(let finished): finished.failure != nil
        case .evidenceComplete, .stopped, .shipMerged, .shipRefused, .waitingInput: true
        case .started, .checkpointed, .evidence, .shipStarted: false
        }
    }
}
