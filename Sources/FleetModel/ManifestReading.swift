public import JSONWriting

// What a job's file and its defaults say, read without a decoder.

extension Manifest: JSONReadable {
    @usableFromInline
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        self.init()
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "allowed-scope": try json.read(into: &allowedScope)
            case "artifacts": try json.read(into: &artifacts)
            case "base": try json.read(into: &base)
            case "budget": try json.read(into: &budget)
            case "capabilities": try json.read(into: &capabilities)
            case "cwd": try json.read(into: &cwd)
            case "deadline": try json.read(into: &deadline)
            case "deps": try json.read(into: &deps)
            case "engine": try json.read(into: &engine)
            case "engine-class": try json.read(into: &engineClass)
            case "extensions": try json.read(into: &extensions)
            case "idempotency-key": try json.read(into: &idempotencyKey)
            case "issue": try json.read(into: &issue)
            case "labels": try json.read(into: &labels)
            case "lane": try json.read(into: &lane)
            case "lock": try json.read(into: &lock)
            case "mandate": try json.read(into: &mandate)
            case "model": try json.read(into: &model)
            case "obligations": try json.read(into: &obligations)
            case "output": try json.read(into: &output)
            case "prefers": try json.read(into: &prefers)
            case "priority": try json.read(into: &priority)
            case "product": try json.read(into: &product)
            case "profile": try json.read(into: &profile)
            case "repo": try json.read(into: &repo)
            case "retry": try json.read(into: &retry)
            case "review-policy": try json.read(into: &reviewPolicy)
            case "script": try json.read(into: &script)
            case "timeout": try json.read(into: &timeout)
            case "title": try json.read(into: &title)
            case "tracker-item": try json.read(into: &trackerItem)
            case "value-milli": try json.read(into: &valueMilli)
            case "value-stream": try json.read(into: &valueStream)
            case "verify": try json.read(into: &verify)
            case "yolo": try json.read(into: &yolo)
            default: throw JSONMismatch()
            }
        }
    }
}

/// What was read of a `JobTerms` so far.
private struct JobTermsDraft {
    var acceptsNoChange: Bool?
    var base: String?
    var budget: Budget?
    var capabilities: [Requirement]?
    var engine: String?
    var engineClass: String?
    var lock: String?
    var model: String?
    var output: Manifest.Output?
    var prefers: [Preference]?
    var priority: Priority?
    var product: String?
    var profile: ProfileReference?
    var repo: String?
    var retry: RetryPolicy?
    var reviewPolicy: ReviewPolicy?
    var scopes: [[Glob]]?
    var ship: ShipWay?
    var target: String?
    var timeout: Timespan?
    var title: String?
    var verify: String?
    var yolo: Bool?

    mutating func read(_ json: inout JSONReader, _ name: JSONName) throws(JSONMismatch) {
        switch name {
        case "acceptsNoChange": try json.read(into: &acceptsNoChange)
        case "base": try json.read(into: &base)
        case "budget": try json.read(into: &budget)
        case "capabilities": try json.read(into: &capabilities)
        case "engine": try json.read(into: &engine)
        case "engineClass": try json.read(into: &engineClass)
        case "lock": try json.read(into: &lock)
        case "model": try json.read(into: &model)
        case "output": try json.read(into: &output)
        case "prefers": try json.read(into: &prefers)
        case "priority": try json.read(into: &priority)
        case "product": try json.read(into: &product)
        case "profile": try json.read(into: &profile)
        case "repo": try json.read(into: &repo)
        case "retry": try json.read(into: &retry)
        case "reviewPolicy": try json.read(into: &reviewPolicy)
        case "scopes": try json.read(into: &scopes)
        case "ship": try json.read(into: &ship)
        case "target": try json.read(into: &target)
        case "timeout": try json.read(into: &timeout)
        case "title": try json.read(into: &title)
        case "verify": try json.read(into: &verify)
        case "yolo": try json.read(into: &yolo)
        default: throw JSONMismatch()
        }
    }
}

extension JobTerms: JSONReadable {
    @usableFromInline
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var draft = JobTermsDraft()
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            try draft.read(&json, name)
        }
        guard let acceptsNoChange = draft.acceptsNoChange, let capabilities = draft.capabilities,
            let engineClass = draft.engineClass, let output = draft.output,
            let prefers = draft.prefers, let priority = draft.priority,
            let product = draft.product, let profile = draft.profile, let repo = draft.repo,
            let retry = draft.retry, let reviewPolicy = draft.reviewPolicy,
            let scopes = draft.scopes, let ship = draft.ship, let target = draft.target,
            let timeout = draft.timeout, let title = draft.title, let yolo = draft.yolo
        else { throw JSONMismatch() }
        self.acceptsNoChange = acceptsNoChange
        self.base = draft.base
        self.budget = draft.budget
        self.capabilities = capabilities
        self.engine = draft.engine
        self.engineClass = engineClass
        self.lock = draft.lock
        self.model = draft.model
        self.output = output
        self.prefers = prefers
        self.priority = priority
        self.product = product
        self.profile = profile
        self.repo = repo
        self.retry = retry
        self.reviewPolicy = reviewPolicy
        self.scopes = scopes
        self.ship = ship
        self.target = target
        self.timeout = timeout
        self.title = title
        self.verify = draft.verify
        self.yolo = yolo
    }
}

extension ProfileReference: JSONReadable {
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var name: String?
        var version: Int?
        try json.object { (json: inout JSONReader, field: JSONName) throws(JSONMismatch) in
            switch field {
            case "name": try json.read(into: &name)
            case "version": try json.read(into: &version)
            default: throw JSONMismatch()
            }
        }
        guard let name else { throw JSONMismatch() }
        self.name = name
        self.version = version
    }
}

extension Budget: JSONReadable {
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var microUSD: Int64?
        var tokens: Int64?
        var wall: Timespan?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "microUSD": try json.read(into: &microUSD)
            case "tokens": try json.read(into: &tokens)
            case "wall": try json.read(into: &wall)
            default: throw JSONMismatch()
            }
        }
        self.microUSD = microUSD
        self.tokens = tokens
        self.wall = wall
    }
}

extension RetryPolicy: JSONReadable {
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var backoff: Timespan?
        var max: Int?
        var on: [FailureCause]?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "backoff": try json.read(into: &backoff)
            case "max": try json.read(into: &max)
            case "on": try json.read(into: &on)
            default: throw JSONMismatch()
            }
        }
        guard let backoff, let max, let on else { throw JSONMismatch() }
        self.backoff = backoff
        self.max = max
        self.on = on
    }
}

extension Dependency: JSONReadable {
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var fromTesting: Bool?
        var name: String?
        try json.object { (json: inout JSONReader, field: JSONName) throws(JSONMismatch) in
            switch field {
            case "fromTesting": try json.read(into: &fromTesting)
            case "name": try json.read(into: &name)
            default: throw JSONMismatch()
            }
        }
        guard let fromTesting, let name else { throw JSONMismatch() }
        self.fromTesting = fromTesting
        self.name = name
    }
}
