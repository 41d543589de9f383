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
    @usableFromInline var boxedCharge = BoxedOptional<StationCharge>(wrappedValue: nil)
    @usableFromInline var groundwork: [Groundwork]?
    @usableFromInline var runs: [Run] = []
    @usableFromInline var boxedLastFailure = BoxedOptional<FailureReport>(wrappedValue: nil)
    @usableFromInline var backoffUntil: Instant?
    @usableFromInline var boxedCandidate = BoxedOptional<Candidate>(wrappedValue: nil)
    @usableFromInline var evidence: [Evidence] = []
    @usableFromInline var isJudged: Bool = false
    @usableFromInline var boxedShipRequest = BoxedOptional<Job.ShipRequest>(wrappedValue: nil)
    @usableFromInline var shipBlock: Job.ShipBlock?
    @usableFromInline var boxedShipRefusal = BoxedOptional<ShipRefused>(wrappedValue: nil)
    @usableFromInline var boxedCancelRequest = BoxedOptional<Job.CancelRequest>(wrappedValue: nil)
    @usableFromInline var boxedShipped = BoxedOptional<Job.Shipped>(wrappedValue: nil)
    @usableFromInline var boxedPause = BoxedOptional<Hold>(wrappedValue: nil)
    @usableFromInline var boxedPreemption = BoxedOptional<Preemption>(wrappedValue: nil)
    @usableFromInline var boxedCheckpoint = BoxedOptional<Checkpoint>(wrappedValue: nil)
    @usableFromInline var boxedDialogue = BoxedOptional<Dialogue>(wrappedValue: nil)
    @usableFromInline var boxedReview = BoxedOptional<Review>(wrappedValue: nil)
    @usableFromInline var eventCount: Int = 0
    @usableFromInline var spendMicroUSD: Int64 = 0

    private enum CodingKeys: String, CodingKey {
        case boxedManifest = "manifest"
        case boxedTerms = "terms"
        case boxedLease = "lease"
        case boxedCharge = "charge"
        case boxedLastFailure = "lastFailure"
        case boxedCandidate = "candidate"
        case boxedShipRequest = "shipRequest"
        case boxedShipRefusal = "shipRefusal"
        case boxedCancelRequest = "cancelRequest"
        case boxedShipped = "shipped"
        case boxedPause = "pause"
        case boxedPreemption = "preemption"
        case boxedCheckpoint = "checkpoint"
        case boxedDialogue = "dialogue"
        case boxedReview = "review"
        case id, prompt, contentHash, style, submittedBy, submittedAt, owner, dependencies,
            stage, stageSince, fence, attempt, retriesUsed, lossesInARow, conflictRetries,
            shipRounds, hasStarted, groundwork, runs, backoffUntil, evidence, isJudged,
            shipBlock, eventCount, spendMicroUSD
    }

    init(_ id: JobID, _ submitted: JobSubmitted, by person: Principal, at now: Instant) {
        self.id = id
        boxedManifest = Boxed(wrappedValue: submitted.manifest)
        prompt = submitted.prompt
        contentHash = submitted.contentHash
        style = submitted.style
        submittedBy = person
        submittedAt = now
        owner = submitted.owner
        boxedTerms = Boxed(wrappedValue: submitted.terms)
        dependencies = submitted.dependencies
        stageSince = now
    }
}
