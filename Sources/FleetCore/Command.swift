package import FleetModel
package import FleetRules

/// A question put to the fleet; the answer is a list of events, or a refusal.
package enum Command: Hashable, Sendable {
    case submit([Submission], by: Principal)
    case promote(JobID, by: Principal)
    case ship(JobID, by: Principal)
    case approve([ApprovalOrder], comment: String?, by: Principal)
    case reject(JobID, reason: String, by: Principal)
    case requeue(JobID, reason: String, by: Principal)
    case cancel(JobID, reason: String, by: Principal)
    case pause(JobID, reason: String, by: Principal)
    case resumeJob(JobID, reason: String, by: Principal)
    case reprioritise(JobID, Priority, by: Principal)
    case answer(JobID, text: String, by: Principal)
    case pauseProduct(String, reason: String, by: Principal)
    case resumeProduct(String, reason: String, by: Principal)
    case halt(Halt.Level, reason: String, stops: Bool, by: Principal)
    case resume(reason: String, by: Principal)

    case register(Registration)
    case heartbeat(Heartbeat)
    case claim(Claim)
    /// Nobody waits for the claim's answer any more.
    case abandonClaim(FactoryID, claim: String)
    case report(RunReport, by: FactoryID)
    case drain(FactoryID, draining: Bool, reason: String, by: Principal)
    case remove(FactoryID, reason: String, by: Principal)

    case putRepository(Repository, by: Principal)
    case putProfile(Profile, reason: String? = nil, by: Principal)
    /// A second person's word on the version that they looked at.
    case approveProfile(String, version: Int, reason: String?, by: Principal)
    case rejectProfile(String, version: Int, reason: String, by: Principal)

    case issueToken(TokenOrder, by: Principal)
    case revokeToken(String, reason: String, by: Principal)

    /// Time has passed: expire, release, wake.
    case tick
    /// The coordinator has just loaded its store: every live lease runs one full lease from now.
    case recover
    /// The store was put in place from a backup.
    case restore(Restored, by: Principal)
}

/// One job of a submission, already parsed.
package struct Submission: Hashable, Sendable {
    package var manifest: Manifest
    package var prompt: String
    package var style: ManifestStyle
    package var contentHash: String
    /// Title to use when the manifest has none, derived from prompt and file name.
    package var title: String
    /// Other jobs of the same submission may name it by this.
    package var fileName: String?
    package var defaults: SubmissionDefaults

    package init(
        manifest: Manifest,
        prompt: String,
        style: ManifestStyle,
        contentHash: String,
        title: String,
        fileName: String?,
        defaults: SubmissionDefaults = SubmissionDefaults()
    ) {
        self.defaults = defaults
        self.manifest = manifest
        self.prompt = prompt
        self.style = style
        self.contentHash = contentHash
        self.title = title
        self.fileName = fileName
    }

    /// The product that it will belong to.
    package var product: String { manifest.product ?? defaults.product ?? JobTerms.standardProduct }
}

package struct Registration: Hashable, Sendable {
    package var factory: FactoryID
    package var boot: String
    package var facts: [Fact]
    package var stations: [Station]
    package var tokenHash: String
    /// The caller proved to be this very factory by its stored token.
    package var isReturning: Bool

    package init(
        factory: FactoryID,
        boot: String,
        facts: [Fact],
        stations: [Station],
        tokenHash: String,
        isReturning: Bool
    ) {
        self.factory = factory
        self.boot = boot
        self.facts = facts
        self.stations = stations
        self.tokenHash = tokenHash
        self.isReturning = isReturning
    }
}

package struct Heartbeat: Hashable, Sendable {
    package var factory: FactoryID
    package var boot: String
    package var held: [HeldLease]
    /// Normalised CPU load in parts per million.
    package var load: Int64
    /// Facts that came or went since registration; nil when unchanged.
    package var facts: [Fact]?
    /// Why it claims nothing now; nil while it claims.
    package var claimsNothing: String?
    /// Why its process ends as soon as what it holds has ended; nil while it goes on.
    package var drains: String?

    package init(
        factory: FactoryID,
        boot: String,
        held: [HeldLease],
        load: Int64,
        facts: [Fact]? = nil,
        claimsNothing: String? = nil,
        drains: String? = nil
    ) {
        self.factory = factory
        self.boot = boot
        self.held = held
        self.load = load
        self.facts = facts
        self.claimsNothing = claimsNothing
        self.drains = drains
    }
}

package struct Claim: Hashable, Sendable {
    package var id: String
    package var factory: FactoryID
    package var boot: String
    /// Free stations by engine name.
    package var free: [Station]
    /// A ship run may be offered; at most one at a time per factory.
    package var takesShip: Bool
    /// Answered empty at this instant.
    package var until: Instant

    package init(
        id: String,
        factory: FactoryID,
        boot: String,
        free: [Station],
        takesShip: Bool,
        until: Instant
    ) {
        self.id = id
        self.factory = factory
        self.boot = boot
        self.free = free
        self.takesShip = takesShip
        self.until = until
    }
}

/// What the shell lends the core for one command; time is never asked for inside.
package struct CommandContext: Hashable, Sendable {
    package var now: Instant

    package init(now: Instant) { self.now = now }
}
