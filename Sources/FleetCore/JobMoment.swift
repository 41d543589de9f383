import FleetModel
import FleetRules

/// What indices must know of a job as it was before an event, for nobody keeps the job itself.
struct JobMoment {
    /// What indices must know of a lease, most of which is texts that they need not copy.
    struct Hold {
        let kind: Lease.Kind
        let fence: UInt64
        let attempt: Int
        let factory: FactoryID
        let granted: Instant

        init?(_ job: Job) {
            guard job.isLeased, let lease = job.lease else { return nil }
            (kind, fence, attempt) = (lease.kind, lease.fence, lease.attempt)
            (factory, granted) = (lease.factory, lease.granted)
        }
    }

    let product: String
    let stage: Stage
    let fence: UInt64
    let attempt: Int
    let lease: Hold?
    let charge: StationCharge?
    let couldGiveWay: Bool
    let givesWayTo: JobID?

    init(_ job: Job) {
        product = job.terms.product
        stage = job.stage
        fence = job.fence
        attempt = job.attempt
        lease = Hold(job)
        charge = job.charge
        couldGiveWay = job.couldGiveWay
        givesWayTo = job.givesWayTo
    }
}
