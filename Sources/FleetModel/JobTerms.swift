/// What a job's manifest comes to once its profile, its repository and the defaults are counted in.
///
/// Resolved at submission and again when the job is assigned, with the profile version of then.
@usableFromInline
package struct JobTerms: Hashable, Sendable, Codable {
    /// The product of a job whose file and configuration name none.
    package static let standardProduct = "main"

    package var title: String
    package var product: String
    package var repo: String
    package var base: String?
    package var engine: String?
    package var engineClass: String
    package var model: String?
    package var yolo: Bool
    package var lock: String?
    package var timeout: Timespan
    package var verify: String?
    package var profile: ProfileReference
    package var capabilities: [Requirement]
    package var prefers: [Preference]
    package var priority: Priority
    package var retry: RetryPolicy
    package var reviewPolicy: ReviewPolicy
    /// A path must match one glob of each list; an empty list of lists allows every path.
    package var scopes: [[Glob]]
    package var ship: ShipWay
    package var output: Manifest.Output
    package var target: String
    /// An empty diff counts as a declared no-op.
    package var acceptsNoChange: Bool
    package var budget: Budget?

    package init(
        title: String,
        product: String,
        repo: String,
        base: String?,
        engine: String?,
        engineClass: String,
        model: String?,
        yolo: Bool,
        lock: String?,
        timeout: Timespan,
        verify: String?,
        profile: ProfileReference,
        capabilities: [Requirement],
        prefers: [Preference],
        priority: Priority,
        retry: RetryPolicy,
        reviewPolicy: ReviewPolicy,
        scopes: [[Glob]],
        ship: ShipWay,
        output: Manifest.Output,
        target: String,
        acceptsNoChange: Bool,
        budget: Budget?
    ) {
        self.title = title
        self.product = product
        self.repo = repo
        self.base = base
        self.engine = engine
        self.engineClass = engineClass
        self.model = model
        self.yolo = yolo
        self.lock = lock
        self.timeout = timeout
        self.verify = verify
        self.profile = profile
        self.capabilities = capabilities
        self.prefers = prefers
        self.priority = priority
        self.retry = retry
        self.reviewPolicy = reviewPolicy
        self.scopes = scopes
        self.ship = ship
        self.output = output
        self.target = target
        self.acceptsNoChange = acceptsNoChange
        self.budget = budget
    }
}
