/// One thing that happened: immutable, in one order over the whole store.
///
/// A class, for it is handed from list to list all the time, and a copy would count each of its
/// references.
package final class Event: Hashable, Sendable {
    /// Gapless over the store, from 1.
    package let position: UInt64
    /// `fleet` for events that belong to no product.
    package let product: String
    /// Gapless per product, from 1.
    package let seq: UInt64
    package let at: Instant
    package let actor: Principal
    package let job: JobID?
    package let fence: UInt64?
    package let attempt: Int?
    package let factory: FactoryID?
    package let costMicroUSD: Int64?
    package let body: EventBody

    package init(
        position: UInt64,
        product: String,
        seq: UInt64,
        at: Instant,
        actor: Principal,
        job: JobID? = nil,
        fence: UInt64? = nil,
        attempt: Int? = nil,
        factory: FactoryID? = nil,
        costMicroUSD: Int64? = nil,
        body: EventBody
    ) {
        self.position = position
        self.product = product
        self.seq = seq
        self.at = at
        self.actor = actor
        self.job = job
        self.fence = fence
        self.attempt = attempt
        self.factory = factory
        self.costMicroUSD = costMicroUSD
        self.body = body
    }

    package var kind: EventKind { body.kind }

    package static func == (left: Event, right: Event) -> Bool {
        left === right
            || (left.position == right.position && left.product == right.product
                && left.seq == right.seq && left.at == right.at && left.actor == right.actor
                && left.job == right.job && left.fence == right.fence
                && left.attempt == right.attempt && left.factory == right.factory
                && left.costMicroUSD == right.costMicroUSD && left.body == right.body)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(position)
        hasher.combine(product)
        hasher.combine(body)
    }

    /// The product of events that concern the whole fleet.
    package static let fleetProduct = "fleet"
}
