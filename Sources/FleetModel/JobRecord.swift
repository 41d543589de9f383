/// What a `Job` refers to: everything that its events made of it.
@usableFromInline
struct JobRecord: Hashable, Sendable, Codable {
    @usableFromInline let id: JobID
    @usableFromInline let boxedManifest: Boxed<Manifest>
    @usableFromInline let prompt: String
    @usableFromInline let contentHash: String
    @usableFromInline let style: ManifestStyle
    @usableFromInline let submittedBy: Principal
    @usableFromInline let submittedAt: Instant
    @usableFromInline var owner: String?
    @usableFromInline var boxedTerms: Boxed<JobTerms>
    @usableFromInline var dependencies: [JobID]
    @usableFromInline var stage: Stage = .queued
    @usableFromInline var stageSince: Instant
    @usableFromInline var fence: UInt64 = 0
    @usableFromInline var attempt: Int = 0
    @usableFromInline var retriesUsed: Int = 0
    @usableFromInline var lossesInARow: Int = 0
    @usableFromInline var conflictRetries: Int = 0
    @usableFromInline var shipRounds: Int = 0
    @usableFromInline var boxedLease = BoxedOptional<Lease>(wrappedValue: nil)
    @usableFromInline var hasStarted: Bool = false
    @usableFromInline @BoxedOptional var charge: StationCharge?
    @usableFromInline var groundwork: [Groundwork]?
    @usableFromInline var runs: [Run] = []
    @usableFromInline @BoxedOptional var lastFailure: FailureReport?
    @usableFromInline var backoffUntil: Instant?
    @usableFromInline @BoxedOptional var candidate: Candidate?
    @usableFromInline var evidence: [Evidence] = []
    @usableFromInline var isJudged: Bool = false
    @usableFromInline @BoxedOptional var shipRequest: Job.ShipRequest?
    @usableFromInline var shipBlock: Job.ShipBlock?
    @usableFromInline @BoxedOptional var shipRefusal: ShipRefused?
    @usableFromInline @BoxedOptional var cancelRequest: Job.CancelRequest?
    @usableFromInline @BoxedOptional var shipped: Job.Shipped?
    @usableFromInline @BoxedOptional var pause: Hold?
    @usableFromInline @BoxedOptional var preemption: Preemption?
    @usableFromInline @BoxedOptional var checkpoint: Checkpoint?
    @usableFromInline @BoxedOptional var dialogue: Dialogue?
    @usableFromInline @BoxedOptional var review: Review?
    @usableFromInline var eventCount: Int = 0
    @usableFromInline var spendMicroUSD: Int64 = 0

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

    init(
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
}
