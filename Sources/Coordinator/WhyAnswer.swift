import FleetCore
import FleetModel
import FleetProtocol
import Routing

/// `giga why`: the stored explanation of a placed job, or a fresh one of what stands in the way.
extension FleetReading {
    /// The answer; `stored` is the explanation of the job's newest attempt, as the store has it.
    func why(_ job: Job, stored: [UInt8]?) -> WhyReply {
        let condition = condition(of: job)
        let explanation: Explanation
        if job.stage == .queued || stored == nil {
            let blockage = condition.flatMap { condition -> Blockage? in
                switch condition.name {
                case .noCapableFactory, .noFreeStation: nil
                default: Blockage(condition: condition.name.rawValue, reason: condition.reason)
                }
            }
            explanation = Router.explainMiss(
                Sight.job(job, blockage: blockage),
                factories: factoryViews(),
                weights: settings.weights
            )
        } else if let stored, let decoded = try? Explanations.read(stored) {
            explanation = decoded
        } else {
            explanation = Router.explainMiss(Sight.job(job), factories: factoryViews())
        }
        var reply = WhyReply(explanation)
        reply.condition = condition?.name.rawValue
        reply.reason = condition?.reason ?? explanation.reason
        reply.endsWhen = condition?.endsWhen
        return reply
    }
}

extension WhyReply {
    init(_ explanation: Explanation) {
        var rejected = explanation.rejected.map {
            Rejected(factory: $0.factory.name, reason: $0.reason)
        }
        rejected += explanation.rejectedByReason.map {
            Rejected(factory: "\($0.count) factories", reason: $0.reason)
        }
        self.init(
            placed: explanation.placed,
            factory: explanation.factory?.name,
            score: explanation.score.map(Int64.init),
            terms: explanation.terms.map(Self.named),
            weights: Self.named(explanation.weights),
            candidates: explanation.candidates.map {
                Candidate(
                    factory: $0.factory.name,
                    score: Int64($0.score),
                    terms: Self.named($0.terms)
                )
            },
            rejected: rejected,
            matched: Dictionary(
                explanation.matched.map { ($0.requirement.text, $0.fact?.text ?? "nothing of it") },
                uniquingKeysWith: { first, _ in first }
            ),
            tieBreak: explanation.tieBreak.rawValue,
            seed: explanation.seed,
            turn: explanation.precedence?.sentence
        )
    }

    private static func named(_ terms: RoutingTerms) -> [String: Int64] {
        [
            "capabilityFit": Int64(terms.capabilityFit), "affinity": Int64(terms.affinity),
            "load": Int64(terms.load), "health": Int64(terms.health), "cost": Int64(terms.cost),
            "starvation": Int64(terms.starvation),
        ]
    }

    private static func named(_ weights: RoutingWeights) -> [String: Int64] {
        [
            "capabilityFit": Int64(weights.capabilityFit), "affinity": Int64(weights.affinity),
            "load": Int64(weights.load), "health": Int64(weights.health),
            "cost": Int64(weights.cost), "starvation": Int64(weights.starvation),
        ]
    }
}
