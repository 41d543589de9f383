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

/// One row of `GET /fleet/jobs`; the names are fixed for scripts.
package struct JobSummary: Hashable, Sendable, Codable {
    package var id: JobID
    package var title: String
    package var stage: Stage
    package var condition: String?
    package var reason: String?
    package var product: String
    package var repo: String
    package var profile: String
    package var capabilities: [String]
    package var trackerItem: String?
    package var engine: String?
    package var factory: String?
    package var attempt: Int
    package var priority: Priority
    /// ISO 8601, UTC, milliseconds.
    package var submittedAt: String
    package var costMicroUSD: Int64

    package init(
        id: JobID,
        title: String,
        stage: Stage,
        condition: String? = nil,
        reason: String? = nil,
        product: String,
        repo: String,
        profile: String,
        capabilities: [String],
        trackerItem: String? = nil,
        engine: String? = nil,
        factory: String? = nil,
        attempt: Int,
        priority: Priority,
        submittedAt: String,
        costMicroUSD: Int64
    ) {
        self.id = id
        self.title = title
        self.stage = stage
        self.condition = condition
        self.reason = reason
        self.product = product
        self.repo = repo
        self.profile = profile
        self.capabilities = capabilities
        self.trackerItem = trackerItem
        self.engine = engine
        self.factory = factory
        self.attempt = attempt
        self.priority = priority
        self.submittedAt = submittedAt
        self.costMicroUSD = costMicroUSD
    }
}

package struct JobList: Hashable, Sendable, Codable {
    package var jobs: [JobSummary]
    package var total: Int
    /// Pass as `after` to read on; nil at the end.
    package var next: String?

    package init(
        jobs: [JobSummary],
        total: Int,
        next: String? = nil
    ) {
        self.jobs = jobs
        self.total = total
        self.next = next
    }
}

/// `GET /fleet/jobs/{id}`: the summary's names, and these.
package struct JobDetail: Hashable, Sendable, Codable {
    package struct RunDetail: Hashable, Sendable, Codable {
        package var id: String
        package var kind: String
        package var attempt: Int
        package var fence: UInt64
        package var factory: String
        package var engine: String?
        package var engineVersion: String?
        package var model: String?
        package var outcome: String?
        package var startedAt: String?
        package var endedAt: String?
        package var commit: String?
        package var usage: Usage?
        package var sandbox: String?
        package var profile: String?
        package var promptHash: String?
        package var notes: [String]

        package init(
            id: String,
            kind: String,
            attempt: Int,
            fence: UInt64,
            factory: String,
            engine: String? = nil,
            engineVersion: String? = nil,
            model: String? = nil,
            outcome: String? = nil,
            startedAt: String? = nil,
            endedAt: String? = nil,
            commit: String? = nil,
            usage: Usage? = nil,
            sandbox: String? = nil,
            profile: String? = nil,
            promptHash: String? = nil,
            notes: [String]
        ) {
            self.id = id
            self.kind = kind
            self.attempt = attempt
            self.fence = fence
            self.factory = factory
            self.engine = engine
            self.engineVersion = engineVersion
            self.model = model
            self.outcome = outcome
            self.startedAt = startedAt
            self.endedAt = endedAt
            self.commit = commit
            self.usage = usage
            self.sandbox = sandbox
            self.profile = profile
            self.promptHash = promptHash
            self.notes = notes
        }
    }

    package struct LeaseDetail: Hashable, Sendable, Codable {
        package var kind: String
        package var factory: String
        package var fence: UInt64
        package var grantedAt: String
        package var expiresAt: String

        package init(
            kind: String,
            factory: String,
            fence: UInt64,
            grantedAt: String,
            expiresAt: String
        ) {
            self.kind = kind
            self.factory = factory
            self.fence = fence
            self.grantedAt = grantedAt
            self.expiresAt = expiresAt
        }
    }

    package struct ShippedDetail: Hashable, Sendable, Codable {
        package var commit: String?
        package var target: String
        package var reason: String?

        package init(
            commit: String? = nil,
            target: String,
            reason: String? = nil
        ) {
            self.commit = commit
            self.target = target
            self.reason = reason
        }
    }

    package var summary: JobSummary
    package var manifest: Manifest
    package var prompt: String
    package var runs: [RunDetail]
    package var lease: LeaseDetail?
    package var evidence: [Evidence]
    package var candidate: Candidate?
    package var failure: FailureReport?
    package var dependencies: [JobID]
    package var events: Int
    package var shipped: ShippedDetail?
    package var verify: String?
    package var target: String

    package init(
        summary: JobSummary,
        manifest: Manifest,
        prompt: String,
        runs: [RunDetail],
        lease: LeaseDetail? = nil,
        evidence: [Evidence],
        candidate: Candidate? = nil,
        failure: FailureReport? = nil,
        dependencies: [JobID],
        events: Int,
        shipped: ShippedDetail? = nil,
        verify: String? = nil,
        target: String
    ) {
        self.summary = summary
        self.manifest = manifest
        self.prompt = prompt
        self.runs = runs
        self.lease = lease
        self.evidence = evidence
        self.candidate = candidate
        self.failure = failure
        self.dependencies = dependencies
        self.events = events
        self.shipped = shipped
        self.verify = verify
        self.target = target
    }
}

/// `GET /fleet/factories`.
package struct FactoryList: Hashable, Sendable, Codable {
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

        package init(
            name: String,
            standing: String,
            draining: Bool,
            facts: [Fact],
            stations: [Station],
            leases: [HeldLease],
            load: Int64,
            lastHeartbeat: String? = nil
        ) {
            self.name = name
            self.standing = standing
            self.draining = draining
            self.facts = facts
            self.stations = stations
            self.leases = leases
            self.load = load
            self.lastHeartbeat = lastHeartbeat
        }
    }

    package var factories: [Row]

    package init(
        factories: [Row]
    ) {
        self.factories = factories
    }
}

package struct RepositoryList: Hashable, Sendable, Codable {
    package var repositories: [Repository]

    package init(
        repositories: [Repository]
    ) {
        self.repositories = repositories
    }
}

package struct ProfileList: Hashable, Sendable, Codable {
    package var profiles: [Profile]

    package init(
        profiles: [Profile]
    ) {
        self.profiles = profiles
    }
}

/// `GET /fleet/jobs/{id}/decision`: why a job is where it is; `giga why --json`.
///
/// Scores, terms and weights are whole parts per million.
package struct WhyReply: Hashable, Sendable, Codable {
    package struct Candidate: Hashable, Sendable, Codable {
        package var factory: String
        package var score: Int64
        package var terms: [String: Int64]

        package init(
            factory: String,
            score: Int64,
            terms: [String: Int64]
        ) {
            self.factory = factory
            self.score = score
            self.terms = terms
        }
    }

    package struct Rejected: Hashable, Sendable, Codable {
        package var factory: String
        package var reason: String

        package init(
            factory: String,
            reason: String
        ) {
            self.factory = factory
            self.reason = reason
        }
    }

    package var placed: Bool
    package var factory: String?
    package var score: Int64?
    package var terms: [String: Int64]?
    package var weights: [String: Int64]
    package var candidates: [Candidate]
    package var rejected: [Rejected]
    package var matched: [String: String]
    package var tieBreak: String?
    package var seed: UInt64?
    package var condition: String?
    package var reason: String?
    package var endsWhen: String?

    package init(
        placed: Bool,
        factory: String? = nil,
        score: Int64? = nil,
        terms: [String: Int64]? = nil,
        weights: [String: Int64],
        candidates: [Candidate],
        rejected: [Rejected],
        matched: [String: String],
        tieBreak: String? = nil,
        seed: UInt64? = nil,
        condition: String? = nil,
        reason: String? = nil,
        endsWhen: String? = nil
    ) {
        self.placed = placed
        self.factory = factory
        self.score = score
        self.terms = terms
        self.weights = weights
        self.candidates = candidates
        self.rejected = rejected
        self.matched = matched
        self.tieBreak = tieBreak
        self.seed = seed
        self.condition = condition
        self.reason = reason
        self.endsWhen = endsWhen
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

extension JobDetail {
    private enum Key: String, CodingKey, CaseIterable {
        case manifest, prompt, runs, lease, evidence, candidate, failure, dependencies, events
        case shipped, verify, target
    }

    /// The summary's names stand beside the others, in one object.
    package func encode(to encoder: any Encoder) throws {
        try summary.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(manifest, forKey: .manifest)
        try container.encode(prompt, forKey: .prompt)
        try container.encode(runs, forKey: .runs)
        try container.encodeIfPresent(lease, forKey: .lease)
        try container.encode(evidence, forKey: .evidence)
        try container.encodeIfPresent(candidate, forKey: .candidate)
        try container.encodeIfPresent(failure, forKey: .failure)
        try container.encode(dependencies, forKey: .dependencies)
        try container.encode(events, forKey: .events)
        try container.encodeIfPresent(shipped, forKey: .shipped)
        try container.encodeIfPresent(verify, forKey: .verify)
        try container.encode(target, forKey: .target)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        self.init(
            summary: try JobSummary(from: decoder),
            manifest: try container.decode(Manifest.self, forKey: .manifest),
            prompt: try container.decode(String.self, forKey: .prompt),
            runs: try container.decode([RunDetail].self, forKey: .runs),
            lease: try container.decodeIfPresent(LeaseDetail.self, forKey: .lease),
            evidence: try container.decode([Evidence].self, forKey: .evidence),
            candidate: try container.decodeIfPresent(Candidate.self, forKey: .candidate),
            failure: try container.decodeIfPresent(FailureReport.self, forKey: .failure),
            dependencies: try container.decode([JobID].self, forKey: .dependencies),
            events: try container.decode(Int.self, forKey: .events),
            shipped: try container.decodeIfPresent(ShippedDetail.self, forKey: .shipped),
            verify: try container.decodeIfPresent(String.self, forKey: .verify),
            target: try container.decode(String.self, forKey: .target)
        )
    }
}
