package import FleetModel

/// What became of a profile that was put, approved or rejected.
package struct ProfileReceipt: Hashable, Sendable, Codable {
    package enum State: String, Hashable, Sendable, Codable, CaseIterable {
        /// Jobs get it from now on, or did already.
        case stored
        /// It waits for a second person; jobs get the version before.
        case pending
        /// It was rejected, and its number is not given again.
        case rejected
    }

    /// `qa@2`.
    package var id: String
    package var state: State
    /// Fields that differ from the version before.
    package var changes: [String]
    /// What it allows that the version before did not.
    package var widens: [String]
    /// The version that waited until now, and waits no more.
    package var supersedes: Int?
    /// Position of the last event that the call led to; missing when nothing changed.
    package var position: UInt64?

    package init(
        id: String,
        state: State,
        changes: [String] = [],
        widens: [String] = [],
        supersedes: Int? = nil,
        position: UInt64? = nil
    ) {
        self.id = id
        self.state = state
        self.changes = changes
        self.widens = widens
        self.supersedes = supersedes
        self.position = position
    }
}

/// `POST /fleet/profiles/{name}/approve`: which version was looked at.
package struct ProfileApproval: Hashable, Sendable, Codable {
    package var version: Int
    package var reason: String?

    package init(version: Int, reason: String? = nil) {
        self.version = version
        self.reason = reason
    }

    /// Characters of a reason that is kept with a change of a profile.
    package static let longestReason = 1024
}

/// `POST /fleet/profiles/{name}/reject`.
package struct ProfileRejection: Hashable, Sendable, Codable {
    package var version: Int
    package var reason: String

    package init(version: Int, reason: String) {
        self.version = version
        self.reason = reason
    }
}

/// A version that a second person was asked about.
package struct ProposedProfile: Hashable, Sendable, Codable {
    package var profile: Profile
    /// `pending`, `approved`, `rejected` or `superseded`.
    package var state: String
    /// The version that it was compared with; missing for a new name.
    package var against: Int?
    package var changes: [String]
    package var widens: [String]
    package var reason: String?
    package var by: Principal
    /// The person who proposed it, whose approval does not count.
    package var owner: String
    package var at: String
    /// While it waits: people who could approve it now.
    package var seconds: [String]
    /// Whose word ended it, when, and why.
    package var endedBy: Principal?
    package var endedAt: String?
    package var endReason: String?

    package init(
        profile: Profile,
        state: String,
        against: Int? = nil,
        changes: [String],
        widens: [String],
        reason: String? = nil,
        by: Principal,
        owner: String,
        at: String,
        seconds: [String] = [],
        endedBy: Principal? = nil,
        endedAt: String? = nil,
        endReason: String? = nil
    ) {
        self.profile = profile
        self.state = state
        self.against = against
        self.changes = changes
        self.widens = widens
        self.reason = reason
        self.by = by
        self.owner = owner
        self.at = at
        self.seconds = seconds
        self.endedBy = endedBy
        self.endedAt = endedAt
        self.endReason = endReason
    }

    package var isPending: Bool { state == "pending" }
}
