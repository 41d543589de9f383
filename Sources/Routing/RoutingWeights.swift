/// How much each term counts, in parts per million; recorded with every decision.
package struct RoutingWeights: Hashable, Sendable, Codable {
    package var capabilityFit: Int
    package var affinity: Int
    package var load: Int
    package var health: Int
    package var cost: Int
    /// Taken off the score; the others are added.
    package var starvation: Int

    package init(
        capabilityFit: Int = 300_000,
        affinity: Int = 250_000,
        load: Int = 200_000,
        health: Int = 150_000,
        cost: Int = 100_000,
        starvation: Int = 100_000
    ) {
        self.capabilityFit = capabilityFit
        self.affinity = affinity
        self.load = load
        self.health = health
        self.cost = cost
        self.starvation = starvation
    }

    package static let standard = RoutingWeights()

    /// The weighted sum in parts per million, rounded towards zero.
    package func score(_ terms: RoutingTerms) -> Int {
        let gained =
            capabilityFit * terms.capabilityFit + affinity * terms.affinity + load * terms.load
            + health * terms.health + cost * terms.cost
        return (gained - starvation * terms.starvation) / Share.whole
    }
}

/// What one factory is worth for one job, term by term, each from 0 to 1,000,000.
package struct RoutingTerms: Hashable, Sendable, Codable {
    package var capabilityFit: Int
    package var affinity: Int
    /// The reciprocal of load: an idle factory has the most.
    package var load: Int
    package var health: Int
    package var cost: Int
    package var starvation: Int
}

/// Fractions as whole parts per million, so that every machine computes the same.
enum Share {
    static let whole = 1_000_000

    /// `part / whole`, rounded down and held within 0 and one million; nothing of nothing is 0.
    static func of(_ part: Int64, in total: Int64) -> Int {
        guard part > 0, total > 0 else { return 0 }
        guard part < total else { return whole }
        // Most numbers are small enough for one plain division.
        if part < 1 << 43 { return Int(part * Int64(whole) / total) }
        return Int(total.dividingFullWidth(part.multipliedFullWidth(by: Int64(whole))).quotient)
    }

    static func of(_ part: Int, in total: Int) -> Int { of(Int64(part), in: Int64(total)) }
}
