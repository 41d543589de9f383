package import FleetModel

/// `GET /fleet/inbox`: what waits for a person, and how the fleet stands.
package struct Inbox: Hashable, Sendable, Codable {
    package struct Row: Hashable, Sendable, Codable {
        /// A job, or the version of a profile: `job-12`, `qa@2`.
        package var id: String
        package var title: String
        package var product: String
        /// `approval`, `promotion`, `ship`, `answer`, `requeue`, `blocked`, `policy` or `profile`.
        package var need: String
        package var reason: String
        /// What to type.
        package var command: String
        package var since: String
        package var ageSeconds: Int64

        package init(
            id: String,
            title: String,
            product: String,
            need: String,
            reason: String,
            command: String,
            since: String,
            ageSeconds: Int64
        ) {
            self.id = id
            self.title = title
            self.product = product
            self.need = need
            self.reason = reason
            self.command = command
            self.since = since
            self.ageSeconds = ageSeconds
        }
    }

    /// The oldest first.
    package var needs: [Row]
    /// All of them, also those beyond what is listed.
    package var total: Int
    package var running: Int
    package var queued: Int
    package var shipped: Int
    package var halt: Halt?

    package init(
        needs: [Row],
        total: Int,
        running: Int,
        queued: Int,
        shipped: Int,
        halt: Halt? = nil
    ) {
        self.needs = needs
        self.total = total
        self.running = running
        self.queued = queued
        self.shipped = shipped
        self.halt = halt
    }
}
