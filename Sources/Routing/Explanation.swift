package import FleetModel

/// Why a job went where it went, or why it went nowhere; the record behind `giga why`.
package struct Explanation: Hashable, Sendable, Codable {
    package var placed: Bool
    package var factory: FactoryID?
    package var engine: String?
    /// Parts per million, as are terms and weights.
    package var score: Int?
    package var terms: RoutingTerms?
    package var weights: RoutingWeights
    /// The winner's: which fact met which requirement.
    package var matched: [MatchedRequirement]
    /// The best five, the winner first.
    package var candidates: [Candidate]
    /// By name; empty when there are more than twenty, and `rejectedByReason` counts them.
    package var rejected: [Rejection]
    package var rejectedByReason: [ReasonCount]
    package var tieBreak: TieBreak
    package var seed: UInt64
    /// The job's own condition when that is what keeps it: `locked`, `budget`, ….
    package var condition: String?
    /// One sentence on what stands in the way; nil when it was placed.
    package var reason: String?
    /// The factories that lack least, for a job that nobody can serve.
    package var nearest: [NearestMiss]
    /// What the placement was computed from; nil for one that was not placed, and in records of
    /// the first version.
    package var inputs: DecisionInputs?
    /// Why it was its turn; nil in records of earlier versions, and for one that was not placed.
    package var precedence: Precedence?

    static let candidatesKept = 5
    /// With no more factories than this nobody need be counted.
    package static let rejectionsNamed = 20

    init(weights: RoutingWeights, seed: UInt64) {
        placed = false
        self.weights = weights
        matched = []
        candidates = []
        rejected = []
        rejectedByReason = []
        tieBreak = .none
        self.seed = seed
        nearest = []
    }
}

/// An eligible factory with what its rank was computed from.
package struct Candidate: Hashable, Sendable, Codable {
    package let factory: FactoryID
    package let engine: String?
    package let score: Int
    package let terms: RoutingTerms
    package let costClass: Int
    /// Busy stations per station plus processor load, in parts per million.
    package let load: Int
    /// `SeededHash` of seed, job and factory: the last word between equals.
    package let lot: UInt64
    /// What the terms were computed from; nil in records of the first version.
    package var inputs: CandidateInputs?
}

/// A factory that could not have the job, and the first thing that spoke against it.
package struct Rejection: Hashable, Sendable, Codable {
    package let factory: FactoryID
    package let reason: String
}

package struct ReasonCount: Hashable, Sendable, Codable {
    package let reason: String
    package let count: Int

    /// The commonest first, those that are as common by their words.
    static func inOrder(_ counts: some Sequence<ReasonCount>) -> [ReasonCount] {
        counts.sorted { ($1.count, $0.reason) < ($0.count, $1.reason) }
    }
}

/// A factory that nearly fits: everything that it lacks.
package struct NearestMiss: Hashable, Sendable, Codable {
    package let factory: FactoryID
    package let missing: [String]
}

/// What decided between the winner and the next best.
package enum TieBreak: String, Hashable, Sendable, Codable {
    /// The score, or there was no other.
    case none
    case costClass = "cost-class"
    case load
    case seededHash = "seeded-hash"

    /// Between one and the next best.
    init(_ one: some Ranked, over other: some Ranked) {
        if one.score != other.score {
            self = .none
        } else if one.costClass != other.costClass {
            self = .costClass
        } else {
            self = one.load != other.load ? .load : .seededHash
        }
    }
}

/// What stands in an order by score, cost class and load, before the lot decides.
protocol Ranked {
    var score: Int { get }
    var costClass: Int { get }
    var load: Int { get }
}

extension Candidate: Ranked {}
