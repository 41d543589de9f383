package import FleetModel

/// A recorded placement, computed again from what was recorded of it.
package struct DecisionReplay: Hashable, Sendable {
    /// A number or name that came out differently.
    package struct Difference: Hashable, Sendable, Codable {
        /// Nil for what concerns the decision as a whole.
        package let factory: FactoryID?
        /// `capabilityFit`, `affinity`, …, `score`, `load of stations`, `ranking`, `tieBreak`, ….
        package let term: String
        package let recorded: String
        package let recomputed: String
    }

    /// Why a record cannot be computed again.
    package enum Fault: Error, Hashable, Sendable {
        /// It was made before inputs were kept.
        case noInputs
        /// It says why a job was not placed, which rests on all factories.
        case notPlaced
    }

    /// The candidates, best first, as they come out now.
    package let ranking: [Candidate]
    package let tieBreak: TieBreak
    /// In the order of the candidates, terms first; empty when all agrees.
    package let differences: [Difference]

    /// Computes `record` again, with its own weights or with `weights` in their place.
    package init(
        _ record: Explanation,
        weights: RoutingWeights? = nil
    ) throws(Fault) {
        guard record.placed else { throw .notPlaced }
        guard let inputs = record.inputs else { throw .noInputs }
        let job = inputs.view
        var eligible: [FactoryView] = []
        var differences: [Difference] = []
        for candidate in record.candidates {
            guard let own = candidate.inputs else { throw .noInputs }
            let factory = own.view(of: candidate.factory, for: inputs)
            switch Eligibility(of: job, at: factory) {
            case .eligible: eligible.append(factory)
            case .rejected(let reason):
                differences.append(
                    Difference(
                        factory: candidate.factory,
                        term: "eligible",
                        recorded: "yes",
                        recomputed: reason
                    )
                )
            }
        }
        var ranking = Router.rank(job, eligible, weights ?? record.weights, record.seed, inputs)
        for place in ranking.indices {
            let name = ranking[place].factory
            ranking[place].inputs = record.candidates.first { $0.factory == name }?.inputs
        }
        self.ranking = ranking
        tieBreak = Router.tieBreak(of: ranking)
        for recorded in record.candidates {
            guard let again = ranking.first(where: { $0.factory == recorded.factory }) else {
                continue
            }
            differences += Self.compare(recorded, again)
        }
        self.differences = differences + Self.compare(record, ranking, tieBreak)
    }

    private static func compare(_ recorded: Candidate, _ again: Candidate) -> [Difference] {
        let terms = zip(recorded.terms.named, again.terms.named).map {
            ($0.name, $0.value, $1.value)
        }
        let numbers =
            terms + [
                ("score", recorded.score, again.score), ("stationLoad", recorded.load, again.load),
                ("costClass", recorded.costClass, again.costClass),
            ]
        var found = numbers.compactMap { name, old, new in
            difference(recorded.factory, name, "\(old)", "\(new)")
        }
        found += [
            difference(recorded.factory, "seededHash", "\(recorded.lot)", "\(again.lot)"),
            difference(
                recorded.factory,
                "engine",
                recorded.engine ?? "none",
                again.engine ?? "none"
            ),
        ].compactMap(\.self)
        return found
    }

    private static func compare(
        _ record: Explanation,
        _ ranking: [Candidate],
        _ tieBreak: TieBreak
    ) -> [Difference] {
        func names(_ candidates: [Candidate]) -> String {
            candidates.map(\.factory.name).joined(separator: " ")
        }
        let winner = record.candidates.first
        var found = [
            difference(nil, "ranking", names(record.candidates), names(ranking)),
            difference(nil, "tieBreak", record.tieBreak.rawValue, tieBreak.rawValue),
            difference(
                nil,
                "factory",
                record.factory?.name ?? "none",
                ranking.first?.factory.name ?? "none"
            ),
        ]
        if let turn = record.precedence {
            let again = turn.again
            found += [
                difference(nil, "ageing", "\(turn.lift)", "\(again.lift)"),
                difference(nil, "precedence", turn.rule.rawValue, again.rule.rawValue),
                difference(nil, "share", "in order", turn.isInOrder ? "in order" : "out of order"),
            ]
        }
        // The winner's numbers stand in the record a second time.
        if let terms = record.terms, let own = winner?.terms {
            found += zip(terms.named, own.named).map {
                difference(winner?.factory, $0.name, "\($0.value)", "\($1.value)")
            }
        }
        if let score = record.score, let own = winner?.score {
            found.append(difference(winner?.factory, "score", "\(score)", "\(own)"))
        }
        return found.compactMap(\.self)
    }

    private static func difference(
        _ factory: FactoryID?,
        _ term: String,
        _ recorded: String,
        _ recomputed: String
    ) -> Difference? {
        guard recorded != recomputed else { return nil }
        return Difference(
            factory: factory,
            term: term,
            recorded: recorded,
            recomputed: recomputed
        )
    }
}

extension RoutingTerms {
    /// Every term under the name that scripts know it by.
    package var named: [(name: String, value: Int)] {
        [
            ("capabilityFit", capabilityFit), ("affinity", affinity), ("load", load),
            ("health", health), ("cost", cost), ("starvation", starvation),
        ]
    }
}

extension RoutingWeights {
    private static let places: [String: any WritableKeyPath<RoutingWeights, Int> & Sendable] = [
        "capabilityFit": \.capabilityFit, "affinity": \.affinity, "load": \.load,
        "health": \.health, "cost": \.cost, "starvation": \.starvation,
    ]

    /// The weight of a term by its name; nil for a name that is none, and setting that does nothing.
    package subscript(term name: String) -> Int? {
        get { Self.places[name].map { self[keyPath: $0] } }
        set {
            if let newValue, let place = Self.places[name] { self[keyPath: place] = newValue }
        }
    }
}
