/// What a job's file says, as it was written: a field that the file leaves out is nil here.
///
/// Defaults come later, from the profile, the repository and the configuration (`JobTerms`), so
/// that the content hash never changes when one of those does.
@usableFromInline
package struct Manifest: Hashable, Sendable, Codable {
    package var title: String?
    package var product: String?
    package var repo: String?
    package var base: String?
    package var cwd: String?
    package var engine: String?
    package var engineClass: String?
    package var model: String?
    package var yolo: Bool?
    package var lock: String?
    package var timeout: Timespan?
    package var verify: String?
    package var profile: ProfileReference?
    package var capabilities: [Requirement]?
    package var prefers: [Preference]?
    package var priority: Priority?
    package var deadline: Deadline?
    package var budget: Budget?
    /// Thousandths of the unit that people write: `value: 2.5` is 2500.
    package var valueMilli: Int64?
    package var deps: [Dependency]?
    package var idempotencyKey: String?
    package var retry: RetryPolicy?
    package var reviewPolicy: ReviewPolicy?
    package var allowedScope: [Glob]?
    package var artifacts: [String]?
    package var trackerItem: String?
    package var output: Output?
    package var script: String?
    package var obligations: [String: String]?
    package var valueStream: String?
    package var mandate: String?
    package var lane: String?
    package var issue: String?
    package var labels: [String]?
    /// `x-…` keys with their values as written; kept, never interpreted.
    package var extensions: [String: String]?

    package init() {}

    package enum Output: String, Hashable, Sendable, Codable, CaseIterable { case change, none }

    enum CodingKeys: String, CodingKey {
        case title, product, repo, base, cwd, engine, model, yolo, lock, timeout, verify, profile
        case capabilities, prefers, priority, deadline, budget, deps, retry, artifacts, output
        case script, obligations, mandate, lane, issue, labels, extensions
        case engineClass = "engine-class"
        case valueMilli = "value-milli"
        case idempotencyKey = "idempotency-key"
        case reviewPolicy = "review-policy"
        case allowedScope = "allowed-scope"
        case trackerItem = "tracker-item"
        case valueStream = "value-stream"
    }
}

/// Which of the two habits of writing a file follows; it decides defaults.
@usableFromInline
package enum ManifestStyle: String, Hashable, Sendable, Codable, CaseIterable {
    case current
    /// Front matter whose keys are all among `engine cwd yolo lock timeout verify`.
    case older
}

package enum Priority: String, Hashable, Comparable, Sendable, Codable, CaseIterable {
    case critical, high, medium, low

    /// 0 is served first.
    package var rank: Int {
        switch self {
        case .critical: 0
        case .high: 1
        case .medium: 2
        case .low: 3
        }
    }

    package static func < (left: Priority, right: Priority) -> Bool { left.rank < right.rank }
}

/// `developer`, or `developer@3` for one fixed version.
package struct ProfileReference: Hashable, Sendable, Codable, CustomStringConvertible {
    package let name: String
    package let version: Int?

    package init(name: String, version: Int? = nil) {
        self.name = name
        self.version = version
    }

    package var description: String { version.map { "\(name)@\($0)" } ?? name }
}

/// When a job should be done: at an instant, or so long after its submission.
package enum Deadline: Hashable, Sendable, Codable {
    case at(Instant)
    case within(Timespan)
}

/// Hard ceilings over all attempts; nil means none.
package struct Budget: Hashable, Sendable, Codable {
    package var microUSD: Int64?
    package var tokens: Int64?
    package var wall: Timespan?

    package init(microUSD: Int64? = nil, tokens: Int64? = nil, wall: Timespan? = nil) {
        self.microUSD = microUSD
        self.tokens = tokens
        self.wall = wall
    }
}

/// Another job that must have shipped first.
package struct Dependency: Hashable, Sendable, Codable, CustomStringConvertible {
    /// An id, an idempotency key, or a file name of the same submission, as written.
    package let name: String
    /// `id@testing`: being in testing is enough.
    package let fromTesting: Bool

    package init(name: String, fromTesting: Bool = false) {
        self.name = name
        self.fromTesting = fromTesting
    }

    package var description: String { fromTesting ? "\(name)@testing" : name }
}

package struct RetryPolicy: Hashable, Sendable, Codable {
    /// Extra attempts after the first, 0 to 10.
    package var max: Int
    package var backoff: Timespan
    package var on: [FailureCause]

    package init(max: Int, backoff: Timespan, on: [FailureCause]) {
        self.max = max
        self.backoff = backoff
        self.on = on
    }

    package static let standard = RetryPolicy(
        max: 1,
        backoff: .minutes(1),
        on: [.timeout, .verifyFailed, .engineCrashed]
    )
}

package enum ReviewPolicy: Hashable, Sendable, Codable {
    case auto
    case manual
    case reviewers([String], quorum: Int)

    /// Rises with strictness: the stricter of two policies wins.
    package var strictness: Int {
        switch self {
        case .auto: 0
        case .manual: 1
        case .reviewers: 2
        }
    }

    package var asksReviewers: Bool { if case .reviewers = self { true } else { false } }
}

/// A soft wish; each one met raises the score.
package enum Preference: Hashable, Sendable, Codable {
    case factory(String)
    case engine(String)
    case fact(Requirement)
}

/// How wide a change may travel; the stricter of profile and repository wins.
package enum ShipWay: String, Hashable, Comparable, Sendable, Codable, CaseIterable {
    case none
    case pullRequest = "pull-request"
    case merge
    case direct

    package static func < (left: ShipWay, right: ShipWay) -> Bool { left.width < right.width }

    private var width: Int {
        switch self {
        case .none: 0
        case .pullRequest: 1
        case .merge: 2
        case .direct: 3
        }
    }
}
