import FleetModel
import FleetProtocol
import Processes

/// Tells the coordinator of one run, item after item; each is repeated until it is answered.
struct Reporter: Sendable {
    let control: RunControl
    let link: any CoordinatorLink
    let say: @Sendable (String) -> Void

    func report(_ items: RunReportItem...) throws {
        let lease = control.lease
        let request = ReportRequest(fence: lease.fence, items: items)
        var pause = Duration.milliseconds(100)
        while true {
            try control.checkLease()
            do throws(LinkFault) {
                return try link.report(request, run: lease.run.description)
            } catch {
                switch error {
                case .stale(let why):
                    say("\(lease.run): 409, the lease is stale: \(why); this worker stops")
                    control.end(.leaseLost(why), ladder: .killAtOnce)
                case .unreachable(let why):
                    say("\(lease.run): \(why); trying again")
                    Pause.wait(pause)
                    pause = min(pause * 2, .seconds(2))
                default:
                    say("\(lease.run): the coordinator refuses the report: \(error)")
                    control.end(.leaseLost("\(error)"), ladder: .killAtOnce)
                }
            }
        }
    }

    /// For a run whose ending was asked for: it is over, but the coordinator should know.
    func stopped(_ cause: FailureCause, _ reason: String) {
        let request = ReportRequest(
            fence: control.lease.fence,
            items: [.stopped(cause, reason: reason)]
        )
        let until = min(control.deadline, BootClock.now() + .seconds(5))
        while BootClock.now() < until {
            do throws(LinkFault) {
                return try link.report(request, run: control.lease.run.description)
            } catch {
                guard case .unreachable = error else {
                    say("\(control.lease.run): \(error)")
                    return
                }
                Pause.wait(.milliseconds(200))
            }
        }
    }
}
