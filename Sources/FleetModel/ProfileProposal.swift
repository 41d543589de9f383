/// A version of a profile that a second person was asked about, and what came of it.
package struct ProfileProposal: Hashable, Sendable, Codable {
    /// How it ended; a version that ended without an approval keeps its number for ever.
    package struct End: Hashable, Sendable, Codable {
        package enum Way: String, Hashable, Sendable, Codable, CaseIterable {
            case approved, rejected
            /// A newer version came, so that an approval would have gone back.
            case superseded
        }

        package var way: Way
        package var by: Principal
        package var at: Instant
        package var reason: String?

        package init(_ way: Way, by: Principal, at: Instant, reason: String? = nil) {
            self.way = way
            self.by = by
            self.at = at
            self.reason = reason
        }
    }

    package var proposed: ProfileProposed
    package var by: Principal
    package var at: Instant
    package var end: End?

    package init(_ proposed: ProfileProposed, by: Principal, at: Instant) {
        self.proposed = proposed
        self.by = by
        self.at = at
    }

    package var profile: Profile { proposed.profile }
    package var isPending: Bool { end == nil }
}

/// The body of `profile.proposed`.
package struct ProfileProposed: Hashable, Sendable, Codable {
    /// As it would be stored, with the number that it keeps.
    package var profile: Profile
    /// The fields that differ from the newest version, which is missing for a new name.
    package var changes: [String]
    package var against: Int?
    /// Why one person is not enough, a sentence part each.
    package var widens: [String]
    /// The person behind the principal that proposed it.
    package var owner: String
    package var reason: String?
    /// The people whose tokens that principal's comes from; older versions did not write it down.
    package var issuers: [String]?

    package init(
        profile: Profile,
        changes: [String],
        against: Int?,
        widens: [String],
        owner: String,
        reason: String? = nil,
        issuers: [String]? = nil
    ) {
        self.profile = profile
        self.changes = changes
        self.against = against
        self.widens = widens
        self.owner = owner
        self.reason = reason
        self.issuers = issuers
    }
}

/// The body of `profile.rejected`.
package struct ProfileRejected: Hashable, Sendable, Codable {
    package var name: String
    package var version: Int
    package var reason: String

    package init(name: String, version: Int, reason: String) {
        self.name = name
        self.version = version
        self.reason = reason
    }
}

/// The body of `profile.changed`: the profile's own fields, and beside them what is new and why.
package struct ProfileChanged: Hashable, Sendable {
    package var profile: Profile
    /// The fields that differ from the version before.
    package var changes: [String]
    /// What its jobs may do that they might not do before.
    package var widens: [String]
    package var reason: String?
    /// The person who proposed it, where a second one agreed.
    package var proposedBy: String?

    package init(
        _ profile: Profile,
        changes: [String] = [],
        widens: [String] = [],
        reason: String? = nil,
        proposedBy: String? = nil
    ) {
        self.profile = profile
        self.changes = changes
        self.widens = widens
        self.reason = reason
        self.proposedBy = proposedBy
    }
}

/// Older stores hold the bare profile: what is empty is left out, so that those read as they did.
extension ProfileChanged: Codable {
    private enum Key: String, CodingKey { case changes, widens, reason, proposedBy }

    package init(from decoder: any Decoder) throws {
        let beside = try decoder.container(keyedBy: Key.self)
        self.init(
            try Profile(from: decoder),
            changes: try beside.decodeIfPresent([String].self, forKey: .changes) ?? [],
            widens: try beside.decodeIfPresent([String].self, forKey: .widens) ?? [],
            reason: try beside.decodeIfPresent(String.self, forKey: .reason),
            proposedBy: try beside.decodeIfPresent(String.self, forKey: .proposedBy)
        )
    }

    package func encode(to encoder: any Encoder) throws {
        try profile.encode(to: encoder)
        var beside = encoder.container(keyedBy: Key.self)
        if !changes.isEmpty { try beside.encode(changes, forKey: .changes) }
        if !widens.isEmpty { try beside.encode(widens, forKey: .widens) }
        try beside.encodeIfPresent(reason, forKey: .reason)
        try beside.encodeIfPresent(proposedBy, forKey: .proposedBy)
    }
}
