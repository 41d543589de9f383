/// `GET /fleet/policies`: the rules that work is under now, by profile.
package struct PolicyList: Hashable, Sendable, Codable {
    package var policies: [Policy]
    package var secondPerson: SecondPersonRule
    /// Of all pages together.
    package var total: Int
    /// Pass as `after` to read on; nil at the end.
    package var next: String?

    package init(
        policies: [Policy],
        secondPerson: SecondPersonRule,
        total: Int,
        next: String? = nil
    ) {
        self.policies = policies
        self.secondPerson = secondPerson
        self.total = total
        self.next = next
    }
}

/// `GET /fleet/policies/{name}`.
package struct PolicyDetail: Hashable, Sendable, Codable {
    package var policy: Policy
    package var secondPerson: SecondPersonRule

    package init(policy: Policy, secondPerson: SecondPersonRule) {
        self.policy = policy
        self.secondPerson = secondPerson
    }
}

/// What holds for jobs of one profile whose file says nothing stricter.
package struct Policy: Hashable, Sendable, Codable {
    /// How such work leaves for one repository: the stricter of profile and repository.
    package struct Way: Hashable, Sendable, Codable {
        package var repository: String
        package var target: String
        package var ship: String
        /// Whether a verify is known; without one a person promotes.
        package var verifies: Bool

        package init(repository: String, target: String, ship: String, verifies: Bool) {
            self.repository = repository
            self.target = target
            self.ship = ship
            self.verifies = verifies
        }
    }

    package var profile: String
    package var version: Int
    /// A newer version waits for a second person.
    package var pendingVersion: Int?
    /// `auto`, `manual` or `reviewers`; manual where the profile says nothing.
    package var reviewPolicy: String
    package var reviewers: [String]
    package var quorum: Int?
    /// For `reviewers`: the people among them who could approve somebody else's work now.
    package var able: [String]
    /// Why it cannot be fulfilled by anybody's job; missing where it can.
    package var shortage: String?
    /// Empty means every path.
    package var allowedScope: [String]
    /// A change of one of these needs a person, whatever the review policy.
    package var protectedPaths: [String]
    package var network: String
    package var repositories: [Way]

    package init(
        profile: String,
        version: Int,
        pendingVersion: Int? = nil,
        reviewPolicy: String,
        reviewers: [String] = [],
        quorum: Int? = nil,
        able: [String] = [],
        shortage: String? = nil,
        allowedScope: [String],
        protectedPaths: [String],
        network: String,
        repositories: [Way]
    ) {
        self.profile = profile
        self.version = version
        self.pendingVersion = pendingVersion
        self.reviewPolicy = reviewPolicy
        self.reviewers = reviewers
        self.quorum = quorum
        self.able = able
        self.shortage = shortage
        self.allowedScope = allowedScope
        self.protectedPaths = protectedPaths
        self.network = network
        self.repositories = repositories
    }
}

/// Whether a change of a profile that allows more needs two people, and who they are.
package struct SecondPersonRule: Hashable, Sendable, Codable {
    package var applies: Bool
    /// People who are admins now, by the owners of their tokens; missing without a token.
    ///
    /// The operator is one.
    package var admins: [String]?
    /// Fields whose widening waits.
    package var covers: [String]

    package init(applies: Bool, admins: [String]?, covers: [String]) {
        self.applies = applies
        self.admins = admins
        self.covers = covers
    }
}

/// `GET /fleet/config`: what the coordinator runs with; no secret is among it, and no path for a
/// reader without a token.
package struct ServerSettings: Hashable, Sendable, Codable {
    package struct Row: Hashable, Sendable, Codable {
        package var key: String
        package var value: String
        /// A flag, a variable, a file with its line, or `default`; `a file` for a reader without
        /// a token.
        package var origin: String

        package init(key: String, value: String, origin: String) {
            self.key = key
            self.value = value
            self.origin = origin
        }
    }

    package var settings: [Row]

    package init(settings: [Row]) { self.settings = settings }
}
