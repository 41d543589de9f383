/// What happened, with all that is needed to apply it again.
package indirect enum EventBody: Hashable, Sendable {
    case jobSubmitted(JobSubmitted)
    case jobAssigned(JobAssigned)
    case jobPassed(Judged)
    case jobPromoted(Judged)
    case jobCancelRequested(CancelRequested)
    case jobPauseRequested(Hold)
    case jobPaused(Hold)
    case jobResumed(Reason)
    case jobPreemptRequested(Preemption)
    case jobPreempted(Preemption)
    case jobAnswered(Answered)
    case jobReprioritised(Reprioritised)
    case jobRequeued(Requeued)
    case jobRetrying(Retrying)
    case jobFailed(GaveUp)
    case jobDeadLettered(GaveUp)
    case jobShipped(Job.Shipped)
    case leaseGranted(Lease)
    case leaseExtended(LeaseExtended)
    case leaseExpired(LeaseEnded)
    case leaseReleased(LeaseEnded)
    case runStarted(RunStarted)
    case runWaitingInput(WaitingInput)
    case runCheckpointed(Checkpoint)
    case runFinished(RunFinished)
    case evidenceRecorded(Evidence)
    case gateEvaluated(Judged)
    case reviewRequested(ReviewRequested)
    case reviewApproved(ReviewApproved)
    case reviewRejected(Reason)
    case shipRequested(ShipRequested)
    case shipStarted(ShipStarted)
    case shipMerged(ShipMerged)
    case shipRefused(ShipRefused)
    case factoryRegistered(Factory)
    case factoryLate(Reason)
    case factoryOffline(Reason)
    case factoryReturned(Reason)
    case factoryDraining(Draining)
    case factoryRemoved(Reason)
    case repositoryChanged(Repository)
    case profileProposed(ProfileProposed)
    case profileChanged(ProfileChanged)
    case profileRejected(ProfileRejected)
    case fleetHalted(Halt)
    case fleetResumed(Reason)
    case productPaused(Hold)
    case productResumed(Reason)
    case tokenIssued(Token)
    case tokenRevoked(TokenRevoked)
    case fleetRestored(Restored)
}

package struct JobSubmitted: Hashable, Sendable, Codable {
    package var manifest: Manifest
    package var prompt: String
    package var contentHash: String
    package var style: ManifestStyle
    package var terms: JobTerms
    package var dependencies: [JobID]
    /// The person behind the principal that submitted it.
    package var owner: String?

    package init(
        manifest: Manifest,
        prompt: String,
        contentHash: String,
        style: ManifestStyle,
        terms: JobTerms,
        dependencies: [JobID],
        owner: String? = nil
    ) {
        self.manifest = manifest
        self.prompt = prompt
        self.contentHash = contentHash
        self.style = style
        self.terms = terms
        self.dependencies = dependencies
        self.owner = owner
    }
}

package struct JobAssigned: Hashable, Sendable, Codable {
    package var factory: FactoryID
    package var engine: String
    /// Resolved again with the profile of this moment.
    package var terms: JobTerms
    /// Parts per million.
    package var score: Int64
    /// SHA-256 of the explanation, which lies in a table of its own.
    package var decisionHash: String
    /// What the product pays for the station; nil in events of earlier versions.
    package var charge: StationCharge?
    /// Commits that it begins on although they had not shipped when it could start.
    package var groundwork: [Groundwork]?

    package init(
        factory: FactoryID,
        engine: String,
        terms: JobTerms,
        score: Int64,
        decisionHash: String,
        charge: StationCharge? = nil,
        groundwork: [Groundwork]? = nil
    ) {
        self.charge = charge
        self.groundwork = groundwork
        self.factory = factory
        self.engine = engine
        self.terms = terms
        self.score = score
        self.decisionHash = decisionHash
    }
}

/// A verdict on one commit: by the gates, or by a person who promotes it.
package struct Judged: Hashable, Sendable, Codable {
    package var commit: String?
    package var reason: String
    /// A pause goes on after it; without this word, as older versions wrote it, it ended then.
    package var keepsPause: Bool?

    package init(commit: String?, reason: String, keepsPause: Bool? = nil) {
        self.commit = commit
        self.reason = reason
        self.keepsPause = keepsPause
    }
}

package struct CancelRequested: Hashable, Sendable, Codable {
    /// `cancelled` or `rejected`: what the job fails with once its worker has stopped.
    package var cause: FailureCause
    package var reason: String

    package init(cause: FailureCause, reason: String) {
        self.cause = cause
        self.reason = reason
    }
}

package struct Reason: Hashable, Sendable, Codable {
    package var reason: String

    package init(_ reason: String) { self.reason = reason }
}

package struct Draining: Hashable, Sendable, Codable {
    package var draining: Bool
    package var reason: String
    /// Nil once it ended, and in what older versions wrote: they kept neither moment nor reason.
    package var since: Instant?

    package init(draining: Bool, reason: String, since: Instant? = nil) {
        self.draining = draining
        self.reason = reason
        self.since = since
    }
}

package struct Requeued: Hashable, Sendable, Codable {
    package var reason: String
    /// A person's requeue begins the counting of retries, losses and rounds anew.
    package var startsOver: Bool
    /// Set when a merge conflict or a failed merged verify sends the work back.
    package var conflict: FailureReport?

    package init(reason: String, startsOver: Bool, conflict: FailureReport? = nil) {
        self.reason = reason
        self.startsOver = startsOver
        self.conflict = conflict
    }
}

package struct Retrying: Hashable, Sendable, Codable {
    package var failure: FailureReport
    /// Not before this instant.
    package var until: Instant

    package init(failure: FailureReport, until: Instant) {
        self.failure = failure
        self.until = until
    }
}

package struct GaveUp: Hashable, Sendable, Codable {
    package var cause: FailureCause
    package var failure: FailureReport?
    package var reason: String

    package init(cause: FailureCause, failure: FailureReport? = nil, reason: String) {
        self.cause = cause
        self.failure = failure
        self.reason = reason
    }
}

package struct LeaseEnded: Hashable, Sendable, Codable {
    package var kind: Lease.Kind
    package var reason: String
    /// Whether `run.started` had been reported under it.
    package var hadStarted: Bool
    /// Of a ship run: its factory says that it stopped before it pushed anything.
    package var pushedNothing: Bool?

    package init(
        kind: Lease.Kind,
        reason: String,
        hadStarted: Bool,
        pushedNothing: Bool? = nil
    ) {
        self.pushedNothing = pushedNothing
        self.kind = kind
        self.reason = reason
        self.hadStarted = hadStarted
    }
}

/// No live lease ends before `until`; one that ran longer anyway keeps its own end.
package struct LeaseExtended: Hashable, Sendable, Codable {
    package var until: Instant
    package var leases: Int
    package var reason: String

    package init(until: Instant, leases: Int, reason: String) {
        self.until = until
        self.leases = leases
        self.reason = reason
    }
}

package struct RunStarted: Hashable, Sendable, Codable {
    package var engineVersion: String?
    package var model: String?
    package var sandbox: String?
    package var promptHash: String?
    package var base: String?
    package var notes: [String]

    package init(
        engineVersion: String? = nil,
        model: String? = nil,
        sandbox: String? = nil,
        promptHash: String? = nil,
        base: String? = nil,
        notes: [String] = []
    ) {
        self.engineVersion = engineVersion
        self.model = model
        self.sandbox = sandbox
        self.promptHash = promptHash
        self.base = base
        self.notes = notes
    }
}

package struct RunFinished: Hashable, Sendable, Codable {
    /// Nil when the engine ended well; then `candidate` is set.
    package var failure: FailureReport?
    package var candidate: Candidate?
    package var usage: Usage?
    package var model: String?
    package var spendMicroUSD: Int64?
    package var notes: [String]

    package init(
        failure: FailureReport? = nil,
        candidate: Candidate? = nil,
        usage: Usage? = nil,
        model: String? = nil,
        spendMicroUSD: Int64? = nil,
        notes: [String] = []
    ) {
        self.failure = failure
        self.candidate = candidate
        self.usage = usage
        self.model = model
        self.spendMicroUSD = spendMicroUSD
        self.notes = notes
    }
}

package struct ShipRequested: Hashable, Sendable, Codable {
    package var commit: String

    package init(commit: String) { self.commit = commit }
}

package struct ShipStarted: Hashable, Sendable, Codable {
    package var commit: String
    package var target: String

    package init(commit: String, target: String) {
        self.commit = commit
        self.target = target
    }
}

package struct ShipMerged: Hashable, Sendable, Codable {
    /// The merge commit on the target, and its tree.
    package var commit: String
    package var tree: String
    package var target: String
    /// It was found there already, so this run moved nothing.
    package var wasThere: Bool

    package init(commit: String, tree: String, target: String, wasThere: Bool) {
        self.commit = commit
        self.tree = tree
        self.target = target
        self.wasThere = wasThere
    }
}

@usableFromInline
package struct ShipRefused: Hashable, Sendable, Codable {
    package enum Cause: String, Hashable, Sendable, Codable, CaseIterable {
        case conflict
        case verifyFailed = "verify_failed"
        case scopeViolation = "scope_violation"
        case targetMoved = "target_moved"
        /// The origin was reached and its target seen; it did not let the target be moved.
        case pushRefused = "push_refused"
        /// The origin could not be asked, so nobody knows whether the change is there.
        case unseen
        /// As `unseen`, since the origin did not answer.
        case unreachable
        /// As `unseen`, since the origin takes no push of this factory, not even of the fence.
        case forbidden
        /// A newer fence had been taken: this run had no right any more.
        case overtaken
        /// Asked to make sure that nothing landed, and nothing has.
        case absent

        /// Whether the run saw the target without the change while no older run could still move it.
        package var hasSeenTarget: Bool {
            switch self {
            case .overtaken, .unseen, .unreachable, .forbidden: false
            case .conflict, .verifyFailed, .scopeViolation, .targetMoved, .pushRefused, .absent:
                true
            }
        }
    }

    package var cause: Cause
    package var detail: [String]
    package var blocks: Job.ShipBlock?
    package var until: Instant?

    package init(
        cause: Cause,
        detail: [String],
        blocks: Job.ShipBlock? = nil,
        until: Instant? = nil
    ) {
        self.cause = cause
        self.detail = detail
        self.blocks = blocks
        self.until = until
    }
}

/// A fleet-wide hold.
package struct Halt: Hashable, Sendable, Codable {
    package enum Level: String, Hashable, Comparable, Sendable, Codable, CaseIterable {
        /// Nothing is claimed but by reviewers.
        case dev
        /// Reviewers stop as well.
        case review
        /// Nothing ships either.
        case all

        package static func < (left: Level, right: Level) -> Bool { left.width < right.width }
        private var width: Int { self == .dev ? 0 : self == .review ? 1 : 2 }
    }

    package var level: Level
    package var reason: String
    package var by: Principal
    package var at: Instant
    /// Running work is stopped too.
    package var stops: Bool

    package init(level: Level, reason: String, by: Principal, at: Instant, stops: Bool) {
        self.level = level
        self.reason = reason
        self.by = by
        self.at = at
        self.stops = stops
    }
}
