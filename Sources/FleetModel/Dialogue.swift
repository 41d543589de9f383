/// What an attempt leaves behind for the next one: work in progress, and the engine's session.
@usableFromInline
package struct Checkpoint: Hashable, Sendable, Codable {
    /// Only this factory has the session, and surely has the commit.
    package var factory: FactoryID
    package var engine: String
    /// The engine's own name for its conversation; nil when it cannot be taken up again.
    package var session: String?
    /// Work in progress on the attempt's branch; nil when nothing had changed.
    package var commit: String?
    package var base: String?
    package var branch: String?
    /// The engine had ended well: what is left to do is to judge the commit.
    package var isFinished: Bool?

    package init(
        factory: FactoryID,
        engine: String,
        session: String? = nil,
        commit: String? = nil,
        base: String? = nil,
        branch: String? = nil,
        isFinished: Bool? = nil
    ) {
        self.factory = factory
        self.engine = engine
        self.session = session
        self.commit = commit
        self.base = base
        self.branch = branch
        self.isFinished = isFinished
    }
}

/// An engine asked something and ended; its process is gone, its lease too.
package struct WaitingInput: Hashable, Sendable, Codable {
    /// Already redacted.
    package var question: String
    package var usage: Usage?
    package var model: String?
    package var spendMicroUSD: Int64?
    package var notes: [String]

    package init(
        question: String,
        usage: Usage? = nil,
        model: String? = nil,
        spendMicroUSD: Int64? = nil,
        notes: [String] = []
    ) {
        self.question = question
        self.usage = usage
        self.model = model
        self.spendMicroUSD = spendMicroUSD
        self.notes = notes
    }
}

/// What a person said to the open question.
package struct Answered: Hashable, Sendable, Codable {
    package var text: String

    package init(text: String) { self.text = text }
}

/// Questions of a job's agents and what people answered, oldest first.
@usableFromInline
package struct Dialogue: Hashable, Sendable, Codable {
    package struct Exchange: Hashable, Sendable, Codable {
        package var attempt: Int
        package var question: String
        package var askedAt: Instant
        package var answer: String?
        package var answeredBy: Principal?

        package init(attempt: Int, question: String, askedAt: Instant) {
            self.attempt = attempt
            self.question = question
            self.askedAt = askedAt
        }
    }

    package var exchanges: [Exchange] = []

    package init() {}

    /// The question that nobody has answered.
    package var open: Exchange? { exchanges.last { $0.answer == nil } }

    /// What the next attempt is told.
    package var answered: [Exchange] { exchanges.filter { $0.answer != nil } }
}
