public import JSONWriting

// What factories report all the time, read without a decoder.

extension RunStarted: JSONReadable {
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var base: String?
        var engineVersion: String?
        var model: String?
        var notes: [String]?
        var promptHash: String?
        var sandbox: String?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "base": try json.read(into: &base)
            case "engineVersion": try json.read(into: &engineVersion)
            case "model": try json.read(into: &model)
            case "notes": try json.read(into: &notes)
            case "promptHash": try json.read(into: &promptHash)
            case "sandbox": try json.read(into: &sandbox)
            default: throw JSONMismatch()
            }
        }
        guard let notes else { throw JSONMismatch() }
        self.base = base
        self.engineVersion = engineVersion
        self.model = model
        self.notes = notes
        self.promptHash = promptHash
        self.sandbox = sandbox
    }
}

extension RunFinished: JSONReadable {
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var candidate: Candidate?
        var failure: FailureReport?
        var model: String?
        var notes: [String]?
        var spendMicroUSD: Int64?
        var usage: Usage?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "candidate": try json.read(into: &candidate)
            case "failure": try json.read(into: &failure)
            case "model": try json.read(into: &model)
            case "notes": try json.read(into: &notes)
            case "spendMicroUSD": try json.read(into: &spendMicroUSD)
            case "usage": try json.read(into: &usage)
            default: throw JSONMismatch()
            }
        }
        guard let notes else { throw JSONMismatch() }
        self.candidate = candidate
        self.failure = failure
        self.model = model
        self.notes = notes
        self.spendMicroUSD = spendMicroUSD
        self.usage = usage
    }
}

extension Evidence: JSONReadable {
    @usableFromInline
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var artifacts: [Artifact]?
        var command: String?
        var commit: String?
        var exitCode: Int?
        var gate: Gate?
        var milliseconds: Int64?
        var missingArtifacts: [String]?
        var needsReview: String?
        var reportHash: String?
        var summary: String?
        var tail: [String]?
        var verdict: Verdict?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "artifacts": try json.read(into: &artifacts)
            case "command": try json.read(into: &command)
            case "commit": try json.read(into: &commit)
            case "exitCode": try json.read(into: &exitCode)
            case "gate": try json.read(into: &gate)
            case "milliseconds": try json.read(into: &milliseconds)
            case "missingArtifacts": try json.read(into: &missingArtifacts)
            case "needsReview": try json.read(into: &needsReview)
            case "reportHash": try json.read(into: &reportHash)
            case "summary": try json.read(into: &summary)
            case "tail": try json.read(into: &tail)
            case "verdict": try json.read(into: &verdict)
            default: throw JSONMismatch()
            }
        }
        guard let commit, let gate, let summary, let tail, let verdict
        else { throw JSONMismatch() }
        self.artifacts = artifacts
        self.command = command
        self.commit = commit
        self.exitCode = exitCode
        self.gate = gate
        self.milliseconds = milliseconds
        self.missingArtifacts = missingArtifacts
        self.needsReview = needsReview
        self.reportHash = reportHash
        self.summary = summary
        self.tail = tail
        self.verdict = verdict
    }
}

extension Artifact: JSONReadable {
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var asked: String?
        var bytes: Int64?
        var name: String?
        var path: String?
        var redactions: Int?
        var sha256: String?
        var source: Source?
        try json.object { (json: inout JSONReader, field: JSONName) throws(JSONMismatch) in
            switch field {
            case "asked": try json.read(into: &asked)
            case "bytes": try json.read(into: &bytes)
            case "name": try json.read(into: &name)
            case "path": try json.read(into: &path)
            case "redactions": try json.read(into: &redactions)
            case "sha256": try json.read(into: &sha256)
            case "source": try json.read(into: &source)
            default: throw JSONMismatch()
            }
        }
        guard let asked, let bytes, let name, let path, let sha256, let source
        else { throw JSONMismatch() }
        self.asked = asked
        self.bytes = bytes
        self.name = name
        self.path = path
        self.redactions = redactions
        self.sha256 = sha256
        self.source = source
    }
}

extension Candidate: JSONReadable {
    @usableFromInline
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var base: String?
        var branch: String?
        var commit: String?
        var patchID: String?
        var tree: String?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "base": try json.read(into: &base)
            case "branch": try json.read(into: &branch)
            case "commit": try json.read(into: &commit)
            case "patchID": try json.read(into: &patchID)
            case "tree": try json.read(into: &tree)
            default: throw JSONMismatch()
            }
        }
        guard let base, let branch, let commit, let patchID, let tree
        else { throw JSONMismatch() }
        self.base = base
        self.branch = branch
        self.commit = commit
        self.patchID = patchID
        self.tree = tree
    }
}

extension Usage: JSONReadable {
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var cacheWriteTokens: Int?
        var cachedReadTokens: Int?
        var inputTokens: Int?
        var outputTokens: Int?
        var reasoningTokens: Int?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "cacheWriteTokens": try json.read(into: &cacheWriteTokens)
            case "cachedReadTokens": try json.read(into: &cachedReadTokens)
            case "inputTokens": try json.read(into: &inputTokens)
            case "outputTokens": try json.read(into: &outputTokens)
            case "reasoningTokens": try json.read(into: &reasoningTokens)
            default: throw JSONMismatch()
            }
        }
        self.cacheWriteTokens = cacheWriteTokens
        self.cachedReadTokens = cachedReadTokens
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.reasoningTokens = reasoningTokens
    }
}

extension FailureReport: JSONReadable {
    @usableFromInline
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var cause: FailureCause?
        var command: String?
        var tail: [String]?
        var tree: String?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "cause": try json.read(into: &cause)
            case "command": try json.read(into: &command)
            case "tail": try json.read(into: &tail)
            case "tree": try json.read(into: &tree)
            default: throw JSONMismatch()
            }
        }
        guard let cause, let command, let tail else { throw JSONMismatch() }
        self.cause = cause
        self.command = command
        self.tail = tail
        self.tree = tree
    }
}

extension Station: JSONReadable {
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var classes: [String]?
        var count: Int?
        var engine: String?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "classes": try json.read(into: &classes)
            case "count": try json.read(into: &count)
            case "engine": try json.read(into: &engine)
            default: throw JSONMismatch()
            }
        }
        guard let classes, let count, let engine else { throw JSONMismatch() }
        self.classes = classes
        self.count = count
        self.engine = engine
    }
}

extension HeldLease: JSONReadable {
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var fence: UInt64?
        var job: JobID?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "fence": try json.read(into: &fence)
            case "job": try json.read(into: &job)
            default: throw JSONMismatch()
            }
        }
        guard let fence, let job else { throw JSONMismatch() }
        self.fence = fence
        self.job = job
    }
}
