/// The role that does a job: persona, limits and habits; versioned, and copied into each run.
package struct Profile: Hashable, Sendable, Codable {
    package var name: String
    /// 1, 2, …; assigned on change.
    package var version: Int
    package var persona: String
    package var capabilities: [Requirement]
    package var defaultVerify: String?
    package var engineClass: String?
    package var prefersEngine: String?
    package var model: String?
    /// Empty means that the profile sets no bound of its own.
    package var allowedScope: [Glob]
    package var protectedPaths: [Glob]
    package var reviewPolicy: ReviewPolicy?
    package var budget: Budget?
    package var timeout: Timespan?
    /// Names and globs that are captured for each of its jobs.
    package var artifacts: [String]
    /// What names of artifacts stand for in its jobs, stronger than what the repository says.
    package var artifactGlobs: [String: [String]]?
    package var network: Network?
    package var silent: Silence?
    package var obligations: [String: String]
    package var mandate: String?
    /// The widest way that work of this profile may ship.
    package var ship: ShipWay?
    /// Where this version came from: `giga 0.1.0` for a shipped one, else the path of its file.
    package var origin: String?

    package init(name: String, version: Int = 1, persona: String) {
        self.name = name
        self.version = version
        self.persona = persona
        capabilities = []
        allowedScope = []
        protectedPaths = []
        artifacts = []
        obligations = [:]
    }

    package enum Network: String, Hashable, Sendable, Codable, CaseIterable {
        case off
        case allowList = "allow-list"
        case on
    }

    /// How long without output counts as silent, and whether that ends the run.
    package struct Silence: Hashable, Sendable, Codable {
        package var after: Timespan
        package var stops: Bool

        package init(after: Timespan, stops: Bool) {
            self.after = after
            self.stops = stops
        }
    }

    package var reference: ProfileReference { ProfileReference(name: name, version: version) }
}

/// A repository that jobs may name.
package struct Repository: Hashable, Sendable, Codable {
    package var name: String
    /// Where it is fetched from and shipped to: a path or a URL.
    package var url: String
    /// The branch that ships move.
    package var target: String
    package var ship: ShipWay
    package var verify: String?
    /// Fetches what its work depends on: run with the network in a clean checkout of the base.
    package var prepare: String?
    /// The profile that its jobs get when they name none.
    package var profile: String?
    /// Folder of a person's checkout that this entry stands for, when `giga up` registered it.
    package var checkout: String?
    /// What names of artifacts stand for here.
    package var artifacts: [String: [String]]?

    package init(
        name: String,
        url: String,
        target: String,
        ship: ShipWay = .merge,
        verify: String? = nil,
        prepare: String? = nil,
        profile: String? = nil,
        checkout: String? = nil,
        artifacts: [String: [String]]? = nil
    ) {
        self.name = name
        self.url = url
        self.target = target
        self.ship = ship
        self.verify = verify
        self.prepare = prepare
        self.profile = profile
        self.checkout = checkout
        self.artifacts = artifacts
    }
}
