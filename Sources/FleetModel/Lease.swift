/// A factory's time-boxed right to work on one job.
///
/// Live on the half-open interval `granted ..< expires`: at `expires` itself the job may already
/// belong to someone else. `fence` rises with every grant of the job, ship runs included, so that
/// a late report from an earlier holder can be told apart from one of the present holder.
@usableFromInline
package struct Lease: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable { case attempt, ship }

    package let job: JobID
    package let kind: Kind
    package let fence: UInt64
    /// The attempt that the next start will be; of a ship run the attempt whose work it ships.
    package let attempt: Int
    package let factory: FactoryID
    /// The factory's start that holds it; a new boot id releases everything of the old one.
    package let boot: String
    /// Id of the claim that it answered, so that the claim is told it again; nil in stores of
    /// earlier versions.
    package let claim: String?
    /// Name of the station's engine; nil for ship runs, which take no station.
    package let station: String?
    package let granted: Instant
    package var expires: Instant

    package init(
        job: JobID,
        kind: Kind,
        fence: UInt64,
        attempt: Int,
        factory: FactoryID,
        boot: String,
        claim: String? = nil,
        station: String?,
        granted: Instant,
        term: Timespan
    ) {
        precondition(fence > 0, "fence 0 means never leased")
        precondition(term > .zero, "a lease without a term would be born expired")
        self.job = job
        self.kind = kind
        self.fence = fence
        self.attempt = attempt
        self.factory = factory
        self.boot = boot
        self.claim = claim
        self.station = station
        self.granted = granted
        expires = granted.advanced(by: term)
    }

    package func isLive(at now: Instant) -> Bool { granted <= now && now < expires }

    package var run: RunID {
        kind == .attempt ? .attempt(job, attempt) : .ship(job, fence: fence)
    }
}

/// How long leases live; told to factories at registration.
package struct LeaseTerms: Hashable, Sendable, Codable {
    package let term: Timespan
    package let heartbeat: Timespan
    /// A lease that has not started within this time is released.
    package let startWithin: Timespan

    package init(
        term: Timespan = .seconds(60),
        heartbeat: Timespan = .seconds(10),
        startWithin: Timespan = .seconds(15)
    ) {
        self.term = term
        self.heartbeat = heartbeat
        self.startWithin = startWithin
    }

    /// At least three heartbeats must fit into a lease.
    package var isSound: Bool { heartbeat > .zero && heartbeat * 3 <= term }
}
