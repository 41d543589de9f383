import FleetModel
import FleetRules

/// What indices must know of a job as it was before an event, for nobody keeps the job itself.
struct JobMoment {
    let product: String
    let stage: Stage
    let fence: UInt64
    let attempt: Int
    let lease: Lease?
    let charge: StationCharge?
    let couldGiveWay: Bool
    let givesWayTo: JobID?

    init(_ job: Job) {
        product = job.terms.product
        stage = job.stage
        fence = job.fence
        attempt = job.attempt
        lease = job.lease
        charge = job.charge
        couldGiveWay = job.couldGiveWay
        givesWayTo = job.givesWayTo
    }
}
