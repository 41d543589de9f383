public import JSONWriting

// What people and engines say to each other about a job, read without a decoder.

extension Dialogue: JSONReadable {
    @usableFromInline
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var exchanges: [Exchange]?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "exchanges": try json.read(into: &exchanges)
            default: throw JSONMismatch()
            }
        }
        guard let exchanges else { throw JSONMismatch() }
        self.exchanges = exchanges
    }
}

extension Dialogue.Exchange: JSONReadable {
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var answer: String?
        var answeredBy: Principal?
        var askedAt: Instant?
        var attempt: Int?
        var question: String?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "answer": try json.read(into: &answer)
            case "answeredBy": try json.read(into: &answeredBy)
            case "askedAt": try json.read(into: &askedAt)
            case "attempt": try json.read(into: &attempt)
            case "question": try json.read(into: &question)
            default: throw JSONMismatch()
            }
        }
        guard let askedAt, let attempt, let question else { throw JSONMismatch() }
        self.answer = answer
        self.answeredBy = answeredBy
        self.askedAt = askedAt
        self.attempt = attempt
        self.question = question
    }
}

extension Review: JSONReadable {
    @usableFromInline
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var approvals: [Approval]?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "approvals": try json.read(into: &approvals)
            default: throw JSONMismatch()
            }
        }
        guard let approvals else { throw JSONMismatch() }
        self.approvals = approvals
    }
}

extension Review.Approval: JSONReadable {
    package init(from json: inout JSONReader) throws(JSONMismatch) {
        var at: Instant?
        var by: Principal?
        var comment: String?
        var commit: String?
        var owner: String?
        try json.object { (json: inout JSONReader, name: JSONName) throws(JSONMismatch) in
            switch name {
            case "at": try json.read(into: &at)
            case "by": try json.read(into: &by)
            case "comment": try json.read(into: &comment)
            case "commit": try json.read(into: &commit)
            case "owner": try json.read(into: &owner)
            default: throw JSONMismatch()
            }
        }
        guard let at, let by, let commit, let owner else { throw JSONMismatch() }
        self.at = at
        self.by = by
        self.comment = comment
        self.commit = commit
        self.owner = owner
    }
}
