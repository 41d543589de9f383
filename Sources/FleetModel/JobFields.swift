// What a job's record says, as if the job had it itself.
//
// Spelt out, alike as the lines are: members looked up by key path would have to be called
// `self.stage` in the rules, and are copied on the way in other rooms.
extension Job {
    @inlinable package var id: JobID { record.id }

    @inlinable package var manifest: Manifest {
        _read { yield record.boxedManifest.wrappedValue }
    }

    @inlinable package var prompt: String { record.prompt }

    @inlinable package var contentHash: String { record.contentHash }

    @inlinable package var style: ManifestStyle { record.style }

    @inlinable package var submittedBy: Principal { record.submittedBy }

    @inlinable package var submittedAt: Instant { record.submittedAt }

    /// The person behind `submittedBy`; stores of the first version do not say.
    @inlinable package var owner: String? {
        _read { yield record.owner }
        _modify { yield &record.owner }
    }

    @inlinable package var terms: JobTerms {
        _read { yield record.boxedTerms.wrappedValue }
        _modify { yield &record.boxedTerms.wrappedValue }
    }

    /// Ids of the jobs that come first: shipped, or with `@testing` at least in testing.
    @inlinable package var dependencies: [JobID] {
        _read { yield record.dependencies }
        _modify { yield &record.dependencies }
    }

    @inlinable package var stage: Stage {
        _read { yield record.stage }
        _modify { yield &record.stage }
    }

    @inlinable package var stageSince: Instant {
        _read { yield record.stageSince }
        _modify { yield &record.stageSince }
    }

    @inlinable package var fence: UInt64 {
        _read { yield record.fence }
        _modify { yield &record.fence }
    }

    @inlinable package var attempt: Int {
        _read { yield record.attempt }
        _modify { yield &record.attempt }
    }

    @inlinable package var retriesUsed: Int {
        _read { yield record.retriesUsed }
        _modify { yield &record.retriesUsed }
    }

    /// `lease_expired` in a row, each after a start; five make a poison job.
    @inlinable package var lossesInARow: Int {
        _read { yield record.lossesInARow }
        _modify { yield &record.lossesInARow }
    }

    /// Automatic retries after a merge conflict; one is allowed.
    @inlinable package var conflictRetries: Int {
        _read { yield record.conflictRetries }
        _modify { yield &record.conflictRetries }
    }

    @inlinable package var shipRounds: Int {
        _read { yield record.shipRounds }
        _modify { yield &record.shipRounds }
    }

    @inlinable package var lease: Lease? {
        _read { yield record.boxedLease.wrappedValue }
        set { record.boxedLease.wrappedValue = newValue }
        _modify { yield &record.boxedLease.wrappedValue }
    }

    /// Whether it has a lease, which need not be copied for that.
    @inlinable package var isLeased: Bool { record.boxedLease.isPresent }

    /// `run.started` was reported under the present lease.
    @inlinable package var hasStarted: Bool {
        _read { yield record.hasStarted }
        _modify { yield &record.hasStarted }
    }

    /// What the product paid for the present attempt's station; nil without one.
    @inlinable package var charge: StationCharge? {
        _read { yield record.boxedCharge.wrappedValue }
        set { record.boxedCharge.wrappedValue = newValue }
        _modify { yield &record.boxedCharge.wrappedValue }
    }

    /// The commits of others that the newest attempt began on; nil when its start had shipped.
    @inlinable package var groundwork: [Groundwork]? {
        _read { yield record.groundwork }
        _modify { yield &record.groundwork }
    }

    @inlinable package var runs: [Run] {
        _read { yield record.runs }
        _modify { yield &record.runs }
    }

    @inlinable package var lastFailure: FailureReport? {
        _read { yield record.boxedLastFailure.wrappedValue }
        set { record.boxedLastFailure.wrappedValue = newValue }
        _modify { yield &record.boxedLastFailure.wrappedValue }
    }

    @inlinable package var backoffUntil: Instant? {
        _read { yield record.backoffUntil }
        _modify { yield &record.backoffUntil }
    }

    @inlinable package var candidate: Candidate? {
        _read { yield record.boxedCandidate.wrappedValue }
        set { record.boxedCandidate.wrappedValue = newValue }
        _modify { yield &record.boxedCandidate.wrappedValue }
    }

    @inlinable package var evidence: [Evidence] {
        _read { yield record.evidence }
        _modify { yield &record.evidence }
    }

    /// The gates have judged the present candidate, and the attempt's lease ended with that.
    @inlinable package var isJudged: Bool {
        _read { yield record.isJudged }
        _modify { yield &record.isJudged }
    }

    @inlinable package var shipRequest: Job.ShipRequest? {
        _read { yield record.boxedShipRequest.wrappedValue }
        set { record.boxedShipRequest.wrappedValue = newValue }
        _modify { yield &record.boxedShipRequest.wrappedValue }
    }

    @inlinable package var shipBlock: Job.ShipBlock? {
        _read { yield record.shipBlock }
        _modify { yield &record.shipBlock }
    }

    /// How its last ship run failed; nil once it goes another way.
    @inlinable package var shipRefusal: ShipRefused? {
        _read { yield record.boxedShipRefusal.wrappedValue }
        set { record.boxedShipRefusal.wrappedValue = newValue }
        _modify { yield &record.boxedShipRefusal.wrappedValue }
    }

    @inlinable package var cancelRequest: Job.CancelRequest? {
        _read { yield record.boxedCancelRequest.wrappedValue }
        set { record.boxedCancelRequest.wrappedValue = newValue }
        _modify { yield &record.boxedCancelRequest.wrappedValue }
    }

    @inlinable package var shipped: Job.Shipped? {
        _read { yield record.boxedShipped.wrappedValue }
        set { record.boxedShipped.wrappedValue = newValue }
        _modify { yield &record.boxedShipped.wrappedValue }
    }

    /// Asked for while a lease is held, in effect once the job is queued.
    @inlinable package var pause: Hold? {
        _read { yield record.boxedPause.wrappedValue }
        set { record.boxedPause.wrappedValue = newValue }
        _modify { yield &record.boxedPause.wrappedValue }
    }

    /// Asked for while a lease is held; once the job is queued, why it waits again.
    @inlinable package var preemption: Preemption? {
        _read { yield record.boxedPreemption.wrappedValue }
        set { record.boxedPreemption.wrappedValue = newValue }
        _modify { yield &record.boxedPreemption.wrappedValue }
    }

    @inlinable package var checkpoint: Checkpoint? {
        _read { yield record.boxedCheckpoint.wrappedValue }
        set { record.boxedCheckpoint.wrappedValue = newValue }
        _modify { yield &record.boxedCheckpoint.wrappedValue }
    }

    @inlinable package var dialogue: Dialogue? {
        _read { yield record.boxedDialogue.wrappedValue }
        set { record.boxedDialogue.wrappedValue = newValue }
        _modify { yield &record.boxedDialogue.wrappedValue }
    }

    @inlinable package var review: Review? {
        _read { yield record.boxedReview.wrappedValue }
        set { record.boxedReview.wrappedValue = newValue }
        _modify { yield &record.boxedReview.wrappedValue }
    }

    @inlinable package var eventCount: Int {
        _read { yield record.eventCount }
        _modify { yield &record.eventCount }
    }

    @inlinable package var spendMicroUSD: Int64 {
        _read { yield record.spendMicroUSD }
        _modify { yield &record.spendMicroUSD }
    }
}
