/// A critical job that could have no other station takes that of a low one which is building.
@usableFromInline
package struct Preemption: Hashable, Sendable, Codable {
    /// The critical job that the station is for.
    package var critical: JobID
    package var reason: String
    package var since: Instant

    package init(for critical: JobID, reason: String, since: Instant) {
        self.critical = critical
        self.reason = reason
        self.since = since
    }
}
