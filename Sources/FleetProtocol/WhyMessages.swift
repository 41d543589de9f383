/// `GET /fleet/jobs/{id}/decision`: why a job is where it is; `giga why --json`.
///
/// Scores, terms and weights are whole parts per million.
package struct WhyReply: Hashable, Sendable, Codable {
    package struct Candidate: Hashable, Sendable, Codable {
        package var factory: String
        package var score: Int64
        package var terms: [String: Int64]

        package init(
            factory: String,
            score: Int64,
            terms: [String: Int64]
        ) {
            self.factory = factory
            self.score = score
            self.terms = terms
        }
    }

    package struct Rejected: Hashable, Sendable, Codable {
        package var factory: String
        package var reason: String

        package init(
            factory: String,
            reason: String
        ) {
            self.factory = factory
            self.reason = reason
        }
    }

    package var placed: Bool
    package var factory: String?
    package var score: Int64?
    package var terms: [String: Int64]?
    package var weights: [String: Int64]
    package var candidates: [Candidate]
    package var rejected: [Rejected]
    package var matched: [String: String]
    package var tieBreak: String?
    package var seed: UInt64?
    package var condition: String?
    package var reason: String?
    package var endsWhen: String?
    /// Why it was this job's turn; nil when it was not placed, and of earlier versions.
    package var turn: String?

    package init(
        placed: Bool,
        factory: String? = nil,
        score: Int64? = nil,
        terms: [String: Int64]? = nil,
        weights: [String: Int64],
        candidates: [Candidate],
        rejected: [Rejected],
        matched: [String: String],
        tieBreak: String? = nil,
        seed: UInt64? = nil,
        condition: String? = nil,
        reason: String? = nil,
        endsWhen: String? = nil,
        turn: String? = nil
    ) {
        self.turn = turn
        self.placed = placed
        self.factory = factory
        self.score = score
        self.terms = terms
        self.weights = weights
        self.candidates = candidates
        self.rejected = rejected
        self.matched = matched
        self.tieBreak = tieBreak
        self.seed = seed
        self.condition = condition
        self.reason = reason
        self.endsWhen = endsWhen
    }
}
