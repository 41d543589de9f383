/// A unit of work with everything that its events made of it.
@usableFromInline
package struct Job: Hashable, Sendable, Codable {
    package let id: JobID
    @usableFromInline let boxedManifest: Boxed<Manifest>
    package let prompt: String
    package let contentHash: String
    package let style: ManifestStyle
    package let submittedBy: Principal
    package let submittedAt: Instant
    /// The person behind `submittedBy`; stores of the first version do not say.
    package var owner: String?
    @usableFromInline var boxedTerms: Boxed<JobTerms>
    /// Ids of the jobs that come first: shipped, or with `@testing` at least in testing.
    package var dependencies: [JobID]

    package var stage: Stage = .queued
    package var stageSince: Instant

    // The three numbers; see Lease and FleetRules. Never mixed.
    package var fence: UInt64 = 0
    package var attempt: Int = 0
    package var retriesUsed: Int = 0

    /// `lease_expired` in a row, each after a start; five make a poison job.
    package var lossesInARow: Int = 0
    /// Automatic retries after a merge conflict; one is allowed.
    package var conflictRetries: Int = 0
    package var shipRounds: Int = 0

    @usableFromInline var boxedLease = BoxedOptional<Lease>(wrappedValue: nil)
    /// `run.started` was reported under the present lease.
    package var hasStarted: Bool = false
    /// What the product paid for the present attempt's station; nil without one.
    @BoxedOptional package var charge: StationCharge?
    /// The commits of others that the newest attempt began on; nil when its start had shipped.
    package var groundwork: [Groundwork]?
    package var runs: [Run] = []
    @BoxedOptional package var lastFailure: FailureReport?
    package var backoffUntil: Instant?
    @BoxedOptional package var candidate: Candidate?
    package var evidence: [Evidence] = []
    /// The gates have judged the present candidate, and the attempt's lease ended with that.
    package var isJudged: Bool = false
    @BoxedOptional package var shipRequest: ShipRequest?
    package var shipBlock: ShipBlock?
    /// How its last ship run failed; nil once it goes another way.
    @BoxedOptional package var shipRefusal: ShipRefused?
    @BoxedOptional package var cancelRequest: CancelRequest?
    @BoxedOptional package var shipped: Shipped?
    /// Asked for while a lease is held, in effect once the job is queued.
    @BoxedOptional package var pause: Hold?
    /// Asked for while a lease is held; once the job is queued, why it waits again.
    @BoxedOptional package var preemption: Preemption?
    @BoxedOptional package var checkpoint: Checkpoint?
    @BoxedOptional package var dialogue: Dialogue?
    @BoxedOptional package var review: Review?
    package var eventCount: Int = 0
    package var spendMicroUSD: Int64 = 0

    private enum CodingKeys: String, CodingKey {
        case boxedManifest = "manifest"
        case boxedTerms = "terms"
        case boxedLease = "lease"
        case id, prompt, contentHash, style, submittedBy, submittedAt, owner, dependencies, stage,
            stageSince, fence, attempt, retriesUsed, lossesInARow, conflictRetries, shipRounds,
            hasStarted, charge, groundwork, runs, lastFailure, backoffUntil, candidate, evidence,
            isJudged, shipRequest, shipBlock, shipRefusal, cancelRequest, shipped, pause,
            preemption, checkpoint, dialogue, review, eventCount, spendMicroUSD
    }

    package init(
        id: JobID,
        manifest: Manifest,
        prompt: String,
        contentHash: String,
        style: ManifestStyle,
        terms: JobTerms,
        dependencies: [JobID],
        submittedBy: Principal,
        submittedAt: Instant
    ) {
        self.id = id
        boxedManifest = Boxed(wrappedValue: manifest)
        self.prompt = prompt
        self.contentHash = contentHash
        self.style = style
        boxedTerms = Boxed(wrappedValue: terms)
        self.dependencies = dependencies
        self.submittedBy = submittedBy
        self.submittedAt = submittedAt
        stageSince = submittedAt
    }

    /// Somebody, or the policy `auto`, asked for this candidate to be shipped.
    package struct ShipRequest: Hashable, Sendable, Codable {
        package var by: Principal
        package var commit: String
        package var at: Instant

        package init(by: Principal, commit: String, at: Instant) {
            self.by = by
            self.commit = commit
            self.at = at
        }
    }

    /// Why a requested ship stands still until a person acts.
    package enum ShipBlock: String, Hashable, Sendable, Codable {
        case mergeConflict = "merge-conflict"
        case targetMovesTooFast = "target-moves-too-fast"
        case pushRefused = "push-refused"
        case targetUnreachable = "target-unreachable"
    }

    package struct CancelRequest: Hashable, Sendable, Codable {
        package var by: Principal
        /// `cancelled` or `rejected`.
        package var cause: FailureCause
        package var reason: String
        package var at: Instant

        package init(by: Principal, cause: FailureCause, reason: String, at: Instant) {
            self.by = by
            self.cause = cause
            self.reason = reason
            self.at = at
        }
    }

    /// What arrived at the target; `commit` is nil for an accepted no-op.
    package struct Shipped: Hashable, Sendable, Codable {
        package var commit: String?
        package var target: String
        package var reason: String?

        package init(commit: String?, target: String, reason: String? = nil) {
            self.commit = commit
            self.target = target
            self.reason = reason
        }
    }
}

// What is asked for all the time is read in place: a copy of it would count each of its references.
extension Job {
    @inlinable package var manifest: Manifest {
        _read { yield boxedManifest.wrappedValue }
    }

    @inlinable package var terms: JobTerms {
        _read { yield boxedTerms.wrappedValue }
        _modify { yield &boxedTerms.wrappedValue }
    }

    @inlinable package var lease: Lease? {
        get { boxedLease.wrappedValue }
        _modify { yield &boxedLease.wrappedValue }
    }
}
