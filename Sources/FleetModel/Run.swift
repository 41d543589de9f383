/// One attempt or ship run of a job, as the record keeps it.
@usableFromInline
package struct Run: Hashable, Sendable, Codable {
    package var id: String
    package var kind: Lease.Kind
    package var attempt: Int
    package var fence: UInt64
    package var factory: FactoryID
    package var engine: String?
    package var engineVersion: String?
    package var model: String?
    package var profile: ProfileReference?
    /// `bubblewrap`, or `none`: whether the engine was confined.
    package var sandbox: String?
    package var promptHash: String?
    package var notes: [String]
    package var grantedAt: Instant
    package var startedAt: Instant?
    package var endedAt: Instant?
    /// `ended`, a failure cause, `lost` (taken away), `released` (given back), `stopped` (given
    /// back by a ship run that had pushed nothing), `shipped`, `refused`, `overtaken`; nil while it runs.
    package var outcome: String?
    package var commit: String?
    package var usage: Usage?
    package var spendMicroUSD: Int64?
    /// What was captured of it beside its commit, by name.
    package var artifacts: [Artifact]?

    package init(lease: Lease, engine: String?, profile: ProfileReference?) {
        id = lease.run.description
        kind = lease.kind
        attempt = lease.attempt
        fence = lease.fence
        factory = lease.factory
        grantedAt = lease.granted
        self.engine = engine
        self.profile = profile
        notes = []
    }
}

/// Tokens of a run, a part that nobody reported is nil: unknown is never zero.
package struct Usage: Hashable, Sendable, Codable {
    package var inputTokens: Int?
    package var cachedReadTokens: Int?
    package var cacheWriteTokens: Int?
    package var outputTokens: Int?
    package var reasoningTokens: Int?

    package init(
        inputTokens: Int? = nil,
        cachedReadTokens: Int? = nil,
        cacheWriteTokens: Int? = nil,
        outputTokens: Int? = nil,
        reasoningTokens: Int? = nil
    ) {
        self.inputTokens = inputTokens
        self.cachedReadTokens = cachedReadTokens
        self.cacheWriteTokens = cacheWriteTokens
        self.outputTokens = outputTokens
        self.reasoningTokens = reasoningTokens
    }
}

/// The host-made commit of an attempt: what is judged, approved and shipped, by object id.
@usableFromInline
package struct Candidate: Hashable, Sendable, Codable {
    package var commit: String
    package var tree: String
    package var base: String
    /// The branch in the factory's mirror or at the origin: `giga/<fleet>/<job>/<attempt>`.
    package var branch: String
    /// Content of the change, independent of its parent; empty when nothing changed.
    package var patchID: String

    package init(commit: String, tree: String, base: String, branch: String, patchID: String) {
        self.commit = commit
        self.tree = tree
        self.base = base
        self.branch = branch
        self.patchID = patchID
    }

    package var isEmpty: Bool { patchID.isEmpty }
}

/// What one gate read and what it concluded.
@usableFromInline
package struct Evidence: Hashable, Sendable, Codable {
    package enum Gate: String, Hashable, Sendable, Codable, CaseIterable {
        case scope, secrets, verify
    }
    package enum Verdict: String, Hashable, Sendable, Codable, CaseIterable {
        case passed, failed, skipped
    }

    package var gate: Gate
    package var verdict: Verdict
    /// The commit that was judged.
    package var commit: String
    /// One sentence for people.
    package var summary: String
    /// The command that was run, and how it ended; nil where none was run.
    package var command: String?
    package var exitCode: Int?
    package var tail: [String]
    /// SHA-256 of the full report.
    package var reportHash: String?
    package var milliseconds: Int64?
    /// Why a person must look although nothing failed, such as a changed lockfile.
    package var needsReview: String?
    /// With the verdict on verify: what was collected, and in words what was asked for in vain.
    package var artifacts: [Artifact]?
    package var missingArtifacts: [String]?

    package init(
        gate: Gate,
        verdict: Verdict,
        commit: String,
        summary: String,
        command: String? = nil,
        exitCode: Int? = nil,
        tail: [String] = [],
        reportHash: String? = nil,
        milliseconds: Int64? = nil,
        needsReview: String? = nil,
        artifacts: [Artifact]? = nil,
        missingArtifacts: [String]? = nil
    ) {
        self.gate = gate
        self.verdict = verdict
        self.commit = commit
        self.summary = summary
        self.command = command
        self.exitCode = exitCode
        self.tail = tail
        self.reportHash = reportHash
        self.milliseconds = milliseconds
        self.needsReview = needsReview
        self.artifacts = artifacts
        self.missingArtifacts = missingArtifacts
    }
}
