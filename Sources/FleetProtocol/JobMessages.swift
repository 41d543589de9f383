package import FleetModel

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
    /// The person who submitted it.
    package var owner: String
    package var dependencies: [JobID]

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
        costMicroUSD: Int64,
        owner: String,
        dependencies: [JobID]
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
        self.owner = owner
        self.dependencies = dependencies
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
        package var artifacts: [Artifact]?

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
            notes: [String],
            artifacts: [Artifact]? = nil
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
            self.artifacts = artifacts
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
    package var events: Int
    package var shipped: ShippedDetail?
    package var verify: String?
    package var target: String
    /// Whom its policy asks about the present candidate, and who has said yes.
    package var review: ReviewDetail?
    /// Questions of its agents with their answers, oldest first.
    package var dialogue: Dialogue?

    package init(
        summary: JobSummary,
        manifest: Manifest,
        prompt: String,
        runs: [RunDetail],
        lease: LeaseDetail? = nil,
        evidence: [Evidence],
        candidate: Candidate? = nil,
        failure: FailureReport? = nil,
        events: Int,
        shipped: ShippedDetail? = nil,
        verify: String? = nil,
        target: String,
        review: ReviewDetail? = nil,
        dialogue: Dialogue? = nil
    ) {
        self.summary = summary
        self.manifest = manifest
        self.prompt = prompt
        self.runs = runs
        self.lease = lease
        self.evidence = evidence
        self.candidate = candidate
        self.failure = failure
        self.events = events
        self.shipped = shipped
        self.verify = verify
        self.target = target
        self.review = review
        self.dialogue = dialogue
    }
}

/// `GET /fleet/jobs/{id}/runs`.
package struct RunList: Hashable, Sendable, Codable {
    /// Oldest first.
    package var runs: [JobDetail.RunDetail]
    package var total: Int

    package init(runs: [JobDetail.RunDetail], total: Int) {
        self.runs = runs
        self.total = total
    }
}

extension JobDetail {
    private enum Key: String, CodingKey, CaseIterable {
        case manifest, prompt, runs, lease, evidence, candidate, failure, events
        case shipped, verify, target, review, dialogue
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
        try container.encode(events, forKey: .events)
        try container.encodeIfPresent(shipped, forKey: .shipped)
        try container.encodeIfPresent(verify, forKey: .verify)
        try container.encode(target, forKey: .target)
        try container.encodeIfPresent(review, forKey: .review)
        try container.encodeIfPresent(dialogue, forKey: .dialogue)
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
            events: try container.decode(Int.self, forKey: .events),
            shipped: try container.decodeIfPresent(ShippedDetail.self, forKey: .shipped),
            verify: try container.decodeIfPresent(String.self, forKey: .verify),
            target: try container.decode(String.self, forKey: .target),
            review: try container.decodeIfPresent(ReviewDetail.self, forKey: .review),
            dialogue: try container.decodeIfPresent(Dialogue.self, forKey: .dialogue)
        )
    }
}
