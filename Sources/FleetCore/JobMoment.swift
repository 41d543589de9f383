import FleetModel
import FleetRules

/// What indices must know of a job right before or after an event, for nobody keeps the job itself:
/// a job that is held twice is copied when it changes.
struct JobMoment {
    let product: String
    let stage: Stage
    let fence: UInt64
    let attempt: Int
    let lease: LeaseMoment?
    let charge: StationCharge?
    let couldGiveWay: Bool
    let givesWayTo: JobID?

    init(_ job: Job) {
        product = job.terms.product
        stage = job.stage
        fence = job.fence
        attempt = job.attempt
        lease = job.lease.map(LeaseMoment.init)
        charge = job.charge
        couldGiveWay = job.couldGiveWay
        givesWayTo = job.givesWayTo
    }
}

/// What indices must know of a lease; the rest of it is texts.
struct LeaseMoment {
    let kind: Lease.Kind
    let fence: UInt64
    let attempt: Int
    let factory: FactoryID
    let granted: Instant
    let expires: Instant

    init(_ lease: Lease) {
        (kind, fence, attempt) = (lease.kind, lease.fence, lease.attempt)
        (factory, granted, expires) = (lease.factory, lease.granted, lease.expires)
    }
}
