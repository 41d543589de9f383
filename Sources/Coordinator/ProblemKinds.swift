import HTTPServing

// Every problem that a call can be answered with, by its code; docs/reference/errors.md explains
// each.

extension Problem.Kind {
    // Requests.
    static let unknownParameter = Self("request.unknown-parameter", 400)
    static let badParameter = Self("request.bad-parameter", 400)
    static let badKey = Self("request.bad-key", 400)
    static let keyReused = Self("request.key-reused", 409)
    static let unreadableBody = Self("http.unreadable-body", 400)
    static let unknownType = Self("http.unknown-type", 415)
    static let tooManyStreams = Self("stream.too-many", 503)
    static let tooManyStreamsOfClient = Self("stream.too-many-of-client", 429)

    // Who may.
    static let noToken = Self("auth.no-token", 401)
    static let unknownToken = Self("auth.unknown-token", 401)
    static let tokenOver = Self("auth.token-over", 401)
    static let wrongRole = Self("auth.role", 403)
    static let otherProduct = Self("auth.other-product", 403)
    static let fleetWide = Self("auth.fleet-wide", 403)
    static let notAFactory = Self("auth.not-a-factory", 401)
    static let noJoinToken = Self("auth.no-join-token", 401)
    static let factoryToken = Self("auth.factory-token", 403)
    static let otherFactory = Self("auth.other-factory", 403)

    // Tokens, and words on jobs.
    static let badToken = Self("token.bad-form", 400)
    static let tokenExists = Self("token.exists", 409)
    static let unknownTokenName = Self("token.unknown", 404)
    static let needsPerson = Self("review.agent", 403)
    static let ownWork = Self("review.own-work", 403)
    static let notAsked = Self("review.not-asked", 403)
    static let noCommit = Self("review.no-commit", 400)
    static let otherReviewedCommit = Self("review.other-commit", 409)
    static let twice = Self("review.twice", 400)
    static let forReviewers = Self("policy.reviewers", 422)
    static let unfulfillable = Self("policy.unfulfillable", 422)
    static let waitsAlready = Self("job.waits-already", 409)
    static let stopping = Self("job.stopping", 409)
    static let paused = Self("job.paused", 409)
    static let notPaused = Self("job.not-paused", 409)
    static let ended = Self("job.ended", 409)
    static let noQuestion = Self("job.no-question", 409)
    static let emptyAnswer = Self("answer.empty", 400)
    static let badProduct = Self("product.bad-name", 400)
    static let productNotPaused = Self("product.not-paused", 409)
    static let streamNeedsProduct = Self("stream.no-product", 400)

    // The coordinator and its store.
    static let rescue = Self("coordinator.rescue", 503)
    static let overloaded = Self("coordinator.overloaded", 503)
    static let storeAway = Self("store.away", 503)
    static let unreadableStore = Self("store.unreadable", 503)

    // Jobs.
    static let unknownJob = Self("job.unknown", 404)
    static let badJobID = Self("job.bad-id", 404)
    static let noDiff = Self("job.no-diff", 404)
    static let keyConflict = Self("job.key-conflict", 409)
    static let gatheringEvidence = Self("job.gathering-evidence", 409)
    static let alreadyShipping = Self("job.already-shipping", 409)
    static let alreadyAsked = Self("job.already-asked", 409)
    static let illegalStage = Self("stage.illegal", 409)
    static let unknownDependency = Self("deps.unknown", 404)
    static let dependencyCycle = Self("deps.cycle", 400)
    static let notReviewers = Self("policy.not-reviewers", 422)

    // Submissions.
    static let emptySubmission = Self("submission.empty", 400)
    static let invalidManifest = Self("manifest.invalid", 400)
    static let noRepository = Self("manifest.no-repo", 400)
    static let notKeptYet = Self("manifest.not-kept-yet", 400)
    static let reservedProduct = Self("manifest.product-reserved", 400)
    static let badRequirement = Self("manifest.requirement", 400)
    static let badProfileName = Self("profile.bad-name", 400)
    static let unknownProfile = Self("profile.unknown", 404)

    static let profileNotPending = Self("profile.not-pending", 409)
    static let profileProposerGone = Self("profile.proposer-gone", 409)
    static let ownProfileChange = Self("profile.own-change", 403)
    static let notSecondPerson = Self("profile.not-second", 403)
    static let noRejectReason = Self("profile.no-reason", 400)

    // Repositories.
    static let unknownRepository = Self("repo.unknown", 404)
    static let badRepositoryName = Self("repo.bad-name", 400)
    static let badRepositoryURL = Self("repo.bad-url", 400)
    static let badRepositoryArtifacts = Self("repo.bad-artifacts", 400)
    static let badTarget = Self("repo.bad-target", 400)
    static let shipNotKeptYet = Self("repo.ship-not-kept-yet", 400)

    // Factories, leases and runs.
    static let badFactoryName = Self("factory.bad-name", 400)
    static let factoryNameTaken = Self("factory.name-taken", 409)
    static let unknownFactory = Self("factory.unknown", 404)
    static let removedFactory = Self("factory.removed", 403)
    static let unheardFactory = Self("factory.unheard", 409)
    static let stoppingFactory = Self("factory.stopping", 409)
    static let replacedFactory = Self("factory.replaced", 409)
    static let staleLease = Self("lease.stale", 409)
    static let badRunID = Self("run.bad-id", 404)
    static let unknownRun = Self("run.unknown", 400)
    static let outOfTurn = Self("run.out-of-turn", 409)
    static let noCandidate = Self("run.no-candidate", 400)
    static let otherCommit = Self("evidence.other-commit", 400)
    static let missingEvidence = Self("evidence.missing", 422)
    static let logGap = Self("log.gap", 409)
    static let unwritableLog = Self("log.unwritable", 503)
    static let busyLog = Self("log.busy", 503)
    static let unknownRunOfLog = Self("log.unknown-run", 404)
    static let unknownLine = Self("log.unknown-line", 404)
    static let badCursor = Self("log.bad-cursor", 400)
    static let twoPlaces = Self("log.two-places", 400)
    static let tooManyLogReaders = Self("log.too-many-readers", 503)
    static let badArtifactName = Self("artifact.bad-name", 400)
    static let otherArtifactHash = Self("artifact.other-hash", 422)
    static let tooMuchOfArtifacts = Self("artifact.too-much", 413)
    static let noRoomForArtifact = Self("artifact.no-room", 507)
    static let unwritableArtifact = Self("artifact.unwritable", 503)
    static let unknownArtifact = Self("artifact.unknown", 404)
    static let clearedArtifact = Self("artifact.cleared", 410)

    // Halts.
    static let halted = Self("fleet.halted", 423)
    static let notHalted = Self("fleet.not-halted", 409)
    static let noHaltReason = Self("halt.no-reason", 400)
}

extension Call.Who {
    /// What may be wrong with any token.
    private static let ofTokens: [Problem.Kind] = [
        .noToken, .unknownToken, .tokenOver, .removedFactory,
    ]

    var problems: [Problem.Kind] {
        switch self {
        case .anybody: []
        case .reader: Self.ofTokens + [.wrongRole, .otherProduct]
        case .listener: Self.ofTokens + [.wrongRole, .otherProduct, .notAFactory]
        case .auditor, .admin: Self.ofTokens + [.wrongRole, .factoryToken]
        case .person: Self.ofTokens + [.wrongRole, .otherProduct, .factoryToken]
        case .overseer: Self.ofTokens + [.wrongRole, .fleetWide, .factoryToken]
        case .factory: Self.ofTokens + [.notAFactory, .otherFactory]
        case .joining: Self.ofTokens + [.wrongRole, .noJoinToken]
        }
    }
}
