/// A person's hold on one job, or on the queue of a whole product.
@usableFromInline
package struct Hold: Hashable, Sendable, Codable {
    package var by: Principal
    package var reason: String
    package var since: Instant

    package init(by: Principal, reason: String, since: Instant) {
        self.by = by
        self.reason = reason
        self.since = since
    }
}

/// A new place in the queue; the manifest stays as it was written.
package struct Reprioritised: Hashable, Sendable, Codable {
    package var priority: Priority
    package var before: Priority

    package init(priority: Priority, before: Priority) {
        self.priority = priority
        self.before = before
    }
}
