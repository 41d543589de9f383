public import JSONWriting

// A job's row, read without a decoder: a start reads one for each open job.

/// What was read of a `Job` so far.
private struct JobDraft {
    var attempt: Int?
    var backoffUntil: Instant?
    var cancelRequest: Job.CancelRequest?
    var candidate: Candidate?
    var charge: StationCharge?
    var checkpoint: Checkpoint?
    var conflictRetries: Int?
    var contentHash: String?
    var dependencies: [JobID]?
    var dialogue: Dialogue?
    var eventCount: Int?
    var evidence: [Evidence]?
    var fence: UInt64?
    var groundwork: [Groundwork]?
    var hasStarted: Bool?
    var id: JobID?
    var isJudged: Bool?
    var lastFailure: FailureReport?
    var lease: Lease?
    var lossesInARow: Int?
    var manifest: Manifest?
    var owner: String?
    var pause: Hold?
    var preemption: Preemption?
    var prompt: String?
    var retriesUsed: Int?
    var review: Review?
    var runs: [Run]?
    var shipBlock: Job.ShipBlock?
    var shipRefusal: ShipRefused?
    var shipRequest: Job.ShipRequest?
    var shipRounds: Int?
    var shipped: Job.Shipped?
    var spendMicroUSD: Int64?
    var stage: Stage?
    var stageSince: Instant?
    var style: ManifestStyle?
    var submittedAt: Instant?
    var submittedBy: Principal?
    var terms: JobTerms?

    mutating func read(_ json: inout JSONReader, _ name: JSONName) throws(JSONMismatch) {
        switch name {
        case "attempt": try json.read(into: &attempt)
        case "backoffUntil": try json.read(into: &backoffUntil)
        case "cancelRequest": try json.read(into: &cancelRequest)
        case "candidate": try json.read(into: &candidate)
        case "charge": try json.read(into: &charge)
        case "checkpoint": try json.read(into: &checkpoint)
        case "conflictRetries": try json.read(into: &conflictRetries)
        case "contentHash": try json.read(into: &contentHash)
        case "dependencies": try json.read(into: &dependencies)
        case "dialogue": try json.read(into: &dialogue)
        case "eventCount": try json.read(into: &eventCount)
        case "evidence": try json.read(into: &evidence)
        case "fence": try json.read(into: &fence)
        case "groundwork": try json.read(into: &groundwork)
        case "hasStarted": try json.read(into: &hasStarted)
        case "id": try json.read(into: &id)
        case "isJudged": try json.read(into: &isJudged)
        case "lastFailure": try json.read(into: &lastFailure)
        case "lease": try json.read(into: &lease)
        case "lossesInARow": try json.read(into: &lossesInARow)
        case "manifest": try json.read(into: &manifest)
        case "owner": try json.read(into: &owner)
        case "pause": try json.read(into: &pause)
        case "preemption": try json.read(into: &preemption)
        case "prompt": try json.read(into: &prompt)
        case "retriesUsed": try json.read(into: &retriesUsed)
        case "review": try json.read(into: &review)
        case "runs": try json.read(into: &runs)
        case "shipBlock": try json.read(into: &shipBlock)
        case "shipRefusal": try json.read(into: &shipRefusal)
        case "shipRequest": try json.read(into: &shipRequest)
        case "shipRounds": try json.read(into: &shipRounds)
        case "shipped": try json.read(into: &shipped)
        case "spendMicroUSD": try json.read(into: &spendMicroUSD)
        case "stage": try json.read(into: &stage)
        case "stageSince": try json.read(into: &stageSince)
        case "style": try json.read(into: &style)
        case "submittedAt": try json.read(into: &submittedAt)
        case "submittedBy": try json.read(into: &submittedBy)
        case "terms": try json.read(into: &terms)
        default: throw JSONMismatch()
        }
    }
}

extension Job: JSONReadable {
    @usableFromInline
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        self.init(try JobRecord(from: &json))
    }
}

extension JobRecord {
    fileprivate init(from json: inout JSONReader) throws(JSONMismatch) {
        var draft = JobDraft()
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            try draft.read(&json, name)
        }
        guard let attempt = draft.attempt, let conflictRetries = draft.conflictRetries,
            let contentHash = draft.contentHash, let dependencies = draft.dependencies,
            let eventCount = draft.eventCount, let evidence = draft.evidence,
            let fence = draft.fence, let hasStarted = draft.hasStarted, let id = draft.id,
            let isJudged = draft.isJudged, let lossesInARow = draft.lossesInARow,
            let manifest = draft.manifest, let prompt = draft.prompt,
            let retriesUsed = draft.retriesUsed, let runs = draft.runs,
            let shipRounds = draft.shipRounds, let spendMicroUSD = draft.spendMicroUSD,
            let stage = draft.stage, let stageSince = draft.stageSince, let style = draft.style,
            let submittedAt = draft.submittedAt, let submittedBy = draft.submittedBy,
            let terms = draft.terms
        else { throw JSONMismatch() }
        self.attempt = attempt
        self.backoffUntil = draft.backoffUntil
        self.conflictRetries = conflictRetries
        self.contentHash = contentHash
        self.dependencies = dependencies
        self.eventCount = eventCount
        self.evidence = evidence
        self.fence = fence
        self.groundwork = draft.groundwork
        self.hasStarted = hasStarted
        self.id = id
        self.isJudged = isJudged
        boxedLease = BoxedOptional(wrappedValue: draft.lease)
        self.lossesInARow = lossesInARow
        boxedManifest = Boxed(wrappedValue: manifest)
        self.owner = draft.owner
        self.prompt = prompt
        self.retriesUsed = retriesUsed
        self.runs = runs
        self.shipBlock = draft.shipBlock
        self.shipRounds = shipRounds
        self.spendMicroUSD = spendMicroUSD
        self.stage = stage
        self.stageSince = stageSince
        self.style = style
        self.submittedAt = submittedAt
        self.submittedBy = submittedBy
        boxedTerms = Boxed(wrappedValue: terms)
        boxedCancelRequest = BoxedOptional(wrappedValue: draft.cancelRequest)
        boxedCandidate = BoxedOptional(wrappedValue: draft.candidate)
        boxedCharge = BoxedOptional(wrappedValue: draft.charge)
        boxedCheckpoint = BoxedOptional(wrappedValue: draft.checkpoint)
        boxedDialogue = BoxedOptional(wrappedValue: draft.dialogue)
        boxedLastFailure = BoxedOptional(wrappedValue: draft.lastFailure)
        boxedPause = BoxedOptional(wrappedValue: draft.pause)
        boxedPreemption = BoxedOptional(wrappedValue: draft.preemption)
        boxedReview = BoxedOptional(wrappedValue: draft.review)
        boxedShipRefusal = BoxedOptional(wrappedValue: draft.shipRefusal)
        boxedShipRequest = BoxedOptional(wrappedValue: draft.shipRequest)
        boxedShipped = BoxedOptional(wrappedValue: draft.shipped)
    }
}

extension Job.Shipped: JSONReadable {
    @usableFromInline
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var commit: String?
        var reason: String?
        var target: String?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "commit": try json.read(into: &commit)
            case "reason": try json.read(into: &reason)
            case "target": try json.read(into: &target)
            default: throw JSONMismatch()
            }
        }
        guard let target else { throw JSONMismatch() }
        self.commit = commit
        self.reason = reason
        self.target = target
    }
}

extension Job.CancelRequest: JSONReadable {
    @usableFromInline
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var at: Instant?
        var by: Principal?
        var cause: FailureCause?
        var reason: String?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "at": try json.read(into: &at)
            case "by": try json.read(into: &by)
            case "cause": try json.read(into: &cause)
            case "reason": try json.read(into: &reason)
            default: throw JSONMismatch()
            }
        }
        guard let at, let by, let cause, let reason else { throw JSONMismatch() }
        self.at = at
        self.by = by
        self.cause = cause
        self.reason = reason
    }
}

extension Job.ShipRequest: JSONReadable {
    @usableFromInline
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var at: Instant?
        var by: Principal?
        var commit: String?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "at": try json.read(into: &at)
            case "by": try json.read(into: &by)
            case "commit": try json.read(into: &commit)
            default: throw JSONMismatch()
            }
        }
        guard let at, let by, let commit else { throw JSONMismatch() }
        self.at = at
        self.by = by
        self.commit = commit
    }
}

extension ShipRefused: JSONReadable {
    @usableFromInline
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var blocks: Job.ShipBlock?
        var cause: Cause?
        var detail: [String]?
        var until: Instant?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "blocks": try json.read(into: &blocks)
            case "cause": try json.read(into: &cause)
            case "detail": try json.read(into: &detail)
            case "until": try json.read(into: &until)
            default: throw JSONMismatch()
            }
        }
        guard let cause, let detail else { throw JSONMismatch() }
        self.blocks = blocks
        self.cause = cause
        self.detail = detail
        self.until = until
    }
}

extension Hold: JSONReadable {
    @usableFromInline
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var by: Principal?
        var reason: String?
        var since: Instant?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "by": try json.read(into: &by)
            case "reason": try json.read(into: &reason)
            case "since": try json.read(into: &since)
            default: throw JSONMismatch()
            }
        }
        guard let by, let reason, let since else { throw JSONMismatch() }
        self.by = by
        self.reason = reason
        self.since = since
    }
}

extension Preemption: JSONReadable {
    @usableFromInline
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var critical: JobID?
        var reason: String?
        var since: Instant?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "critical": try json.read(into: &critical)
            case "reason": try json.read(into: &reason)
            case "since": try json.read(into: &since)
            default: throw JSONMismatch()
            }
        }
        guard let critical, let reason, let since else { throw JSONMismatch() }
        self.critical = critical
        self.reason = reason
        self.since = since
    }
}

extension Checkpoint: JSONReadable {
    @usableFromInline
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var base: String?
        var branch: String?
        var commit: String?
        var engine: String?
        var factory: FactoryID?
        var isFinished: Bool?
        var session: String?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "base": try json.read(into: &base)
            case "branch": try json.read(into: &branch)
            case "commit": try json.read(into: &commit)
            case "engine": try json.read(into: &engine)
            case "factory": try json.read(into: &factory)
            case "isFinished": try json.read(into: &isFinished)
            case "session": try json.read(into: &session)
            default: throw JSONMismatch()
            }
        }
        guard let engine, let factory else { throw JSONMismatch() }
        self.base = base
        self.branch = branch
        self.commit = commit
        self.engine = engine
        self.factory = factory
        self.isFinished = isFinished
        self.session = session
    }
}
