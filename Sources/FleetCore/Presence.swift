package import FleetModel

/// The volatile part of state: renewals, load, waiting claims.
///
/// Neither events nor replayed.
package struct Presence: Sendable {
    package struct Seen: Hashable, Sendable {
        package var boot: String
        /// Boot ids that a later one replaced: whoever still sends them is a leftover.
        package var formerBoots: Set<String> = []
        package var lastHeartbeat: Instant
        /// Parts per million.
        package var load: Int64 = 0
        /// Why it claims nothing now, by its own word.
        package var claimsNothing: String?
        package var claim: Claim?
        /// The last claim that was answered with leases, to be repeated when it is asked again.
        package var answered: ClaimAnswer?
        package var recentAssignments = 0
        package var recentCrashes = 0
        package var recentVerifyFailures = 0
        package var lastProduct: String?
    }

    package struct LiveLease: Hashable, Sendable {
        package var fence: UInt64
        package var expires: Instant
        package var grantedAt: Instant
        /// The first of the latest heartbeats in a row that did not list it.
        package var unlistedSince: Instant?
    }

    package var factories: [FactoryID: Seen] = [:]
    package var leases: [JobID: LiveLease] = [:]
    /// The last turn of the writer; a gap means a stall or a suspended machine.
    package var lastTurn: Instant?
}
