package import FleetModel

/// `POST /fleet/jobs`: files as people wrote them; the coordinator parses them itself.
package struct SubmitRequest: Hashable, Sendable, Codable {
    package struct File: Hashable, Sendable, Codable {
        /// Shown in errors, and what other files of this submission may name in `deps`.
        package var name: String
        package var text: String

        package init(
            name: String,
            text: String
        ) {
            self.name = name
            self.text = text
        }
    }

    package var files: [File]
    /// What a file that says nothing falls back on, from the sender's configuration.
    package var product: String?
    package var repo: String?
    package var profile: String?

    package init(
        files: [File],
        product: String? = nil,
        repo: String? = nil,
        profile: String? = nil
    ) {
        self.files = files
        self.product = product
        self.repo = repo
        self.profile = profile
    }
}

package struct SubmitReply: Hashable, Sendable, Codable {
    package struct Accepted: Hashable, Sendable, Codable {
        package var id: JobID
        package var stage: Stage
        /// False when nothing happened because the same job was there.
        package var created: Bool
        /// What the reader should know: which defaults applied, what is recorded but not enforced.
        package var notes: [String]

        package init(
            id: JobID,
            stage: Stage,
            created: Bool,
            notes: [String]
        ) {
            self.id = id
            self.stage = stage
            self.created = created
            self.notes = notes
        }
    }

    package var jobs: [Accepted]

    package init(
        jobs: [Accepted]
    ) {
        self.jobs = jobs
    }
}

/// `POST /fleet/jobs/{id}/{verb}`, drain and resume.
package struct VerbRequest: Hashable, Sendable, Codable {
    package var reason: String?

    package init(
        reason: String? = nil
    ) {
        self.reason = reason
    }
}

/// `POST /fleet/jobs/{id}/answer`.
package struct AnswerRequest: Hashable, Sendable, Codable {
    package var text: String

    package init(
        text: String
    ) {
        self.text = text
    }
}

/// `POST /fleet/jobs/{id}/reprioritise`.
package struct PriorityRequest: Hashable, Sendable, Codable {
    package var priority: Priority

    package init(
        priority: Priority
    ) {
        self.priority = priority
    }
}

/// `POST /fleet/halt`.
package struct HaltRequest: Hashable, Sendable, Codable {
    package var level: Halt.Level
    package var reason: String
    package var stop: Bool?

    package init(
        level: Halt.Level,
        reason: String,
        stop: Bool? = nil
    ) {
        self.level = level
        self.reason = reason
        self.stop = stop
    }
}

/// `GET /fleet/factories`.
package struct FactoryList: Hashable, Sendable, Codable {
    /// Why a factory takes nothing new: a person's word, or its own when it was told to stop.
    package struct Drain: Hashable, Sendable, Codable {
        package var by: String
        package var reason: String
        /// ISO 8601.
        package var since: String

        package init(by: String, reason: String, since: String) {
            self.by = by
            self.reason = reason
            self.since = since
        }
    }

    package struct Row: Hashable, Sendable, Codable {
        package var name: String
        package var standing: String
        package var draining: Bool
        package var facts: [Fact]
        package var stations: [Station]
        package var leases: [HeldLease]
        package var load: Int64
        /// ISO 8601; nil when it was not heard of since the coordinator started.
        package var lastHeartbeat: String?
        /// Why it claims nothing now, by its own word; nil while it claims.
        package var claimsNothing: String?
        /// Nil while it does not drain.
        package var drain: Drain?

        package init(
            name: String,
            standing: String,
            draining: Bool,
            facts: [Fact],
            stations: [Station],
            leases: [HeldLease],
            load: Int64,
            lastHeartbeat: String? = nil,
            claimsNothing: String? = nil,
            drain: Drain? = nil
        ) {
            self.name = name
            self.standing = standing
            self.draining = draining
            self.facts = facts
            self.stations = stations
            self.leases = leases
            self.load = load
            self.lastHeartbeat = lastHeartbeat
            self.claimsNothing = claimsNothing
            self.drain = drain
        }
    }

    package var factories: [Row]
    /// Of all pages together.
    package var total: Int
    /// Pass as `after` to read on; nil at the end.
    package var next: String?

    package init(
        factories: [Row],
        total: Int,
        next: String? = nil
    ) {
        self.factories = factories
        self.total = total
        self.next = next
    }
}

package struct RepositoryList: Hashable, Sendable, Codable {
    package var repositories: [Repository]
    /// Of all pages together.
    package var total: Int
    /// Pass as `after` to read on; nil at the end.
    package var next: String?

    package init(
        repositories: [Repository],
        total: Int,
        next: String? = nil
    ) {
        self.repositories = repositories
        self.total = total
        self.next = next
    }
}

package struct ProfileList: Hashable, Sendable, Codable {
    package var profiles: [Profile]
    /// Of the page's names, the newest version that a second person was asked about: a name that
    /// is only proposed has its place among the others.
    package var proposals: [ProposedProfile]
    /// Names of all pages together, stored or only proposed.
    package var total: Int
    /// Pass as `after` to read on; nil at the end.
    package var next: String?

    package init(
        profiles: [Profile],
        proposals: [ProposedProfile] = [],
        total: Int,
        next: String? = nil
    ) {
        self.profiles = profiles
        self.proposals = proposals
        self.total = total
        self.next = next
    }
}

/// `GET /fleet/profiles/{name}`.
package struct ProfileVersions: Hashable, Sendable, Codable {
    package var name: String
    /// Oldest first.
    package var versions: [Profile]
    /// The newest version that a second person was asked about.
    package var proposal: ProposedProfile?

    package init(name: String, versions: [Profile], proposal: ProposedProfile? = nil) {
        self.name = name
        self.versions = versions
        self.proposal = proposal
    }
}

/// `GET /fleet/stats`.
package struct FleetStatus: Hashable, Sendable, Codable {
    package var fleet: String
    package var version: String
    package var position: UInt64
    package var stages: [String: Int]
    package var factories: Int
    package var halt: Halt?
    package var startedAt: String
    package var leases: LeaseTerms

    package init(
        fleet: String,
        version: String,
        position: UInt64,
        stages: [String: Int],
        factories: Int,
        halt: Halt? = nil,
        startedAt: String,
        leases: LeaseTerms
    ) {
        self.fleet = fleet
        self.version = version
        self.position = position
        self.stages = stages
        self.factories = factories
        self.halt = halt
        self.startedAt = startedAt
        self.leases = leases
    }
}
