/// A leased run with all that a factory needs to do it.
package struct GrantedRun: Hashable, Sendable, Codable {
    package var lease: Lease
    package var fleet: String
    package var terms: JobTerms
    package var manifest: Manifest
    package var prompt: String
    package var profile: Profile
    package var repository: Repository
    /// Commits that the start must contain: shipped dependencies and the last known target.
    package var mustContain: [String]
    /// Commits in testing that the start is a merge of, in that order.
    package var groundwork: [Groundwork]?
    /// What the earlier attempt failed on.
    package var lastFailure: FailureReport?
    /// Work in progress and session of an attempt that was paused, or ended with a question.
    package var checkpoint: Checkpoint?
    /// Questions of earlier attempts that were answered, oldest first.
    package var answers: [Dialogue.Exchange]
    /// What a ship run brings to the target.
    package var candidate: Candidate?
    /// A ship run that only makes sure whether an earlier one landed.
    package var onlyLooks: Bool

    package init(
        lease: Lease,
        fleet: String,
        terms: JobTerms,
        manifest: Manifest,
        prompt: String,
        profile: Profile,
        repository: Repository,
        mustContain: [String],
        groundwork: [Groundwork]? = nil,
        lastFailure: FailureReport?,
        candidate: Candidate?,
        onlyLooks: Bool,
        checkpoint: Checkpoint? = nil,
        answers: [Dialogue.Exchange] = []
    ) {
        self.lease = lease
        self.fleet = fleet
        self.terms = terms
        self.manifest = manifest
        self.prompt = prompt
        self.profile = profile
        self.repository = repository
        self.mustContain = mustContain
        self.groundwork = groundwork
        self.lastFailure = lastFailure
        self.candidate = candidate
        self.onlyLooks = onlyLooks
        self.checkpoint = checkpoint
        self.answers = answers
    }
}
