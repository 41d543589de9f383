/// What a product pays for a station: the expected time at the grant, the real one at the end.
@usableFromInline
package struct StationCharge: Hashable, Sendable, Codable {
    /// How long the station will probably be taken.
    package var expected: Timespan
    /// The product's weight at the grant; its virtual time runs that much slower.
    package var weight: Int64
    /// Products that became active or idle since the grant before; nil when none did.
    package var turns: [ProductTurn]?

    package init(expected: Timespan, weight: Int64, turns: [ProductTurn]? = nil) {
        self.expected = expected
        self.weight = weight
        self.turns = turns
    }

    /// Station time as virtual time: never nothing, so that no number of grants is free.
    package func virtualTime(of span: Timespan) -> Int64 {
        max(1, span.milliseconds / max(1, weight))
    }
}

/// A product that has begun to ask for stations, or has stopped.
package struct ProductTurn: Hashable, Sendable, Codable {
    package var product: String
    /// The virtual time that it begins with; nil when it became idle.
    package var begins: Int64?

    package init(product: String, begins: Int64?) {
        self.product = product
        self.begins = begins
    }
}
