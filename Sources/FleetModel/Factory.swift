/// One machine that runs agents, as it described itself.
package struct Factory: Hashable, Sendable, Codable {
    package let id: FactoryID
    package var boot: String
    package var facts: [Fact]
    package var stations: [Station]
    package var registeredAt: Instant
    /// A person, or the factory itself when its process was told to stop.
    package var drainingBy: Principal?
    package var drainingReason: String?
    package var drainingSince: Instant?
    package var standing: Standing = .present
    /// SHA-256 of its token, in hexadecimal digits.
    package var tokenHash: String

    package init(
        id: FactoryID,
        boot: String,
        facts: [Fact],
        stations: [Station],
        registeredAt: Instant,
        tokenHash: String
    ) {
        self.id = id
        self.boot = boot
        self.facts = facts
        self.stations = stations
        self.registeredAt = registeredAt
        self.tokenHash = tokenHash
    }

    /// Its process was told to stop: nobody but that process can change it.
    package var drainsItself: Bool { drainingBy?.kind == .factory }

    /// Takes another factory's drain, or none.
    package mutating func drain(as other: Factory?) {
        drainingBy = other?.drainingBy
        drainingReason = other?.drainingReason
        drainingSince = other?.drainingSince
    }

    /// How regularly it is heard of; for display and placement only.
    package enum Standing: String, Hashable, Sendable, Codable, CaseIterable {
        case present, late, offline
    }
}

/// A factory that a person removed: whoever comes with its token is told so.
package struct RemovedFactory: Hashable, Sendable, Codable {
    package let id: FactoryID
    package let by: Principal
    package let at: Instant
    package let reason: String
    /// SHA-256 of the token that it had.
    package let tokenHash: String

    package init(_ factory: Factory, by person: Principal, at now: Instant, reason: String) {
        id = factory.id
        tokenHash = factory.tokenHash
        by = person
        at = now
        self.reason = reason
    }
}

/// Slots for one engine inside a factory.
package struct Station: Hashable, Sendable, Codable {
    /// The engine by name, such as `shell` or `command:NAME`.
    package var engine: String
    package var classes: [String]
    package var count: Int

    package init(engine: String, classes: [String], count: Int) {
        self.engine = engine
        self.classes = classes
        self.count = count
    }
}
