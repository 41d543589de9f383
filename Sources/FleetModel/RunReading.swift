public import JSONWriting

// Runs and leases of a job's row, read without a decoder.

/// What was read of a `Run` so far.
private struct RunDraft {
    var artifacts: [Artifact]?
    var attempt: Int?
    var commit: String?
    var endedAt: Instant?
    var engine: String?
    var engineVersion: String?
    var factory: FactoryID?
    var fence: UInt64?
    var grantedAt: Instant?
    var id: String?
    var kind: Lease.Kind?
    var model: String?
    var notes: [String]?
    var outcome: String?
    var profile: ProfileReference?
    var promptHash: String?
    var sandbox: String?
    var spendMicroUSD: Int64?
    var startedAt: Instant?
    var usage: Usage?

    mutating func read(_ json: inout JSONReader, _ name: JSONName) throws(JSONMismatch) {
        switch name {
        case "artifacts": try json.read(into: &artifacts)
        case "attempt": try json.read(into: &attempt)
        case "commit": try json.read(into: &commit)
        case "endedAt": try json.read(into: &endedAt)
        case "engine": try json.read(into: &engine)
        case "engineVersion": try json.read(into: &engineVersion)
        case "factory": try json.read(into: &factory)
        case "fence": try json.read(into: &fence)
        case "grantedAt": try json.read(into: &grantedAt)
        case "id": try json.read(into: &id)
        case "kind": try json.read(into: &kind)
        case "model": try json.read(into: &model)
        case "notes": try json.read(into: &notes)
        case "outcome": try json.read(into: &outcome)
        case "profile": try json.read(into: &profile)
        case "promptHash": try json.read(into: &promptHash)
        case "sandbox": try json.read(into: &sandbox)
        case "spendMicroUSD": try json.read(into: &spendMicroUSD)
        case "startedAt": try json.read(into: &startedAt)
        case "usage": try json.read(into: &usage)
        default: throw JSONMismatch()
        }
    }
}

extension Run: JSONReadable {
    @usableFromInline
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var draft = RunDraft()
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            try draft.read(&json, name)
        }
        guard let attempt = draft.attempt, let factory = draft.factory, let fence = draft.fence,
            let grantedAt = draft.grantedAt, let id = draft.id, let kind = draft.kind,
            let notes = draft.notes
        else { throw JSONMismatch() }
        self.artifacts = draft.artifacts
        self.attempt = attempt
        self.commit = draft.commit
        self.endedAt = draft.endedAt
        self.engine = draft.engine
        self.engineVersion = draft.engineVersion
        self.factory = factory
        self.fence = fence
        self.grantedAt = grantedAt
        self.id = id
        self.kind = kind
        self.model = draft.model
        self.notes = notes
        self.outcome = draft.outcome
        self.profile = draft.profile
        self.promptHash = draft.promptHash
        self.sandbox = draft.sandbox
        self.spendMicroUSD = draft.spendMicroUSD
        self.startedAt = draft.startedAt
        self.usage = draft.usage
    }
}

extension Lease: JSONReadable {
    @usableFromInline
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var attempt: Int?
        var boot: String?
        var claim: String?
        var expires: Instant?
        var factory: FactoryID?
        var fence: UInt64?
        var granted: Instant?
        var job: JobID?
        var kind: Kind?
        var station: String?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "attempt": try json.read(into: &attempt)
            case "boot": try json.read(into: &boot)
            case "claim": try json.read(into: &claim)
            case "expires": try json.read(into: &expires)
            case "factory": try json.read(into: &factory)
            case "fence": try json.read(into: &fence)
            case "granted": try json.read(into: &granted)
            case "job": try json.read(into: &job)
            case "kind": try json.read(into: &kind)
            case "station": try json.read(into: &station)
            default: throw JSONMismatch()
            }
        }
        guard let attempt, let boot, let expires, let factory, let fence, let granted, let job,
            let kind
        else { throw JSONMismatch() }
        self.attempt = attempt
        self.boot = boot
        self.claim = claim
        self.expires = expires
        self.factory = factory
        self.fence = fence
        self.granted = granted
        self.job = job
        self.kind = kind
        self.station = station
    }
}

extension Groundwork: JSONReadable {
    @usableFromInline
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var commit: String?
        var job: JobID?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "commit": try json.read(into: &commit)
            case "job": try json.read(into: &job)
            default: throw JSONMismatch()
            }
        }
        guard let commit, let job else { throw JSONMismatch() }
        self.commit = commit
        self.job = job
    }
}

extension StationCharge: JSONReadable {
    @usableFromInline
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var expected: Timespan?
        var turns: [ProductTurn]?
        var weight: Int64?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "expected": try json.read(into: &expected)
            case "turns": try json.read(into: &turns)
            case "weight": try json.read(into: &weight)
            default: throw JSONMismatch()
            }
        }
        guard let expected, let weight else { throw JSONMismatch() }
        self.expected = expected
        self.turns = turns
        self.weight = weight
    }
}

extension ProductTurn: JSONReadable {
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var begins: Int64?
        var product: String?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "begins": try json.read(into: &begins)
            case "product": try json.read(into: &product)
            default: throw JSONMismatch()
            }
        }
        guard let product else { throw JSONMismatch() }
        self.begins = begins
        self.product = product
    }
}
