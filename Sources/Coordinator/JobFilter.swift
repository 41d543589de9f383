import FleetCore
import FleetModel
import FleetProtocol
import HTTPServing

/// Which jobs a list shows beside stage and product, and in which order.
struct JobFilter: Sendable {
    var repo: String?
    var profile: String?
    var condition: String?
    var priority: Priority?
    var factory: String?
    var owner: String?
    /// In small letters: looked for in id, title and tracker item.
    var text: String?
    var order = JobOrder.id

    static let parameters: [Call.Parameter] = [
        Call.Parameter("repo", .text(1...256), "Only jobs of this repository"),
        Call.Parameter(
            "profile",
            .text(1...80),
            "Only jobs of this profile: developer, developer@3"
        ),
        Call.Parameter(
            "condition",
            .oneOf(Condition.Name.allCases.map(\.rawValue)),
            "Only open jobs in this condition"
        ),
        Call.Parameter(
            "priority",
            .oneOf(Priority.allCases.map(\.rawValue)),
            "Only jobs of this priority"
        ),
        Call.Parameter("factory", .named("build-1"), "Only jobs whose newest run is there"),
        Call.Parameter("owner", .text(1...256), "Only jobs that this person submitted"),
        Call.Parameter("text", .text(1...256), "Only jobs with this in id, title or tracker item"),
        Call.Parameter(
            "sort",
            .oneOf(JobOrder.allCases.map(\.rawValue)),
            "id unless said; a minus turns the order round"
        ),
    ]

    init(_ request: HTTPRequest) {
        repo = request.query("repo")
        profile = request.query("profile")
        condition = request.query("condition")
        priority = request.query("priority").flatMap { Priority(rawValue: $0) }
        factory = request.query("factory")
        owner = request.query("owner")
        text = request.query("text")?.lowercased()
        order = request.query("sort").flatMap { JobOrder(rawValue: $0) } ?? .id
    }

    /// Nothing to look for job by job.
    var isEmpty: Bool {
        order == .id && priority == nil
            && [repo, profile, condition, factory, owner, text] == Self.none
    }

    private static let none = [String?](repeating: nil, count: 6)

    /// Whether a job is meant, as far as that is to be seen on the job alone: not its condition.
    func covers(_ entry: JobEntry) -> Bool {
        let terms = entry.job.terms
        if let repo, terms.repo != repo { return false }
        if let profile {
            let name = terms.profile.description
            guard name == profile || name.hasPrefix(profile + "@") else { return false }
        }
        if let priority, terms.priority != priority { return false }
        if let factory, entry.job.newestFactory != factory { return false }
        if let owner, entry.owner != owner { return false }
        guard let text else { return true }
        return [entry.job.id.description, terms.title, entry.job.manifest.trackerItem ?? ""]
            .contains { $0.lowercased().contains(text) }
    }
}

/// A job as lists look at it: what it costs more to find out is asked for once it is on the page.
struct JobEntry: Sendable {
    let job: Job
    /// The person who submitted it.
    let owner: String
}

extension Job {
    /// The name of the factory that works on it, or did last.
    var newestFactory: String? { lease?.factory.name ?? runs.last?.factory.name }
}

/// The order of a list; ids settle what is equal.
enum JobOrder: String, CaseIterable, Sendable {
    case id
    case newestFirst = "-id"
    case priority
    case lowestFirst = "-priority"
    case cost
    case dearestFirst = "-cost"

    /// Whether the first comes before the second.
    func puts(_ first: Job, before second: Job) -> Bool {
        let (left, right) = (rank(of: first), rank(of: second))
        return turnsRound ? right < left : left < right
    }

    private var turnsRound: Bool {
        switch self {
        case .newestFirst, .lowestFirst, .dearestFirst: true
        case .id, .priority, .cost: false
        }
    }

    private func rank(of job: Job) -> (Int64, JobID) {
        switch self {
        case .id, .newestFirst: (0, job.id)
        case .priority, .lowestFirst: (Int64(job.terms.priority.rank), job.id)
        case .cost, .dearestFirst: (job.spendMicroUSD, job.id)
        }
    }
}

/// One page out of any number of jobs that pass by, in no more memory than a few pages.
struct JobWindow: Sendable {
    private let order: JobOrder
    private let after: Job?
    private let limit: Int
    private var kept: [JobEntry] = []
    /// All that passed by, on whatever page they are.
    private(set) var total = 0

    /// `after` is the last job of the page before.
    init(_ order: JobOrder, after: Job?, limit: Int) {
        self.order = order
        self.after = after
        self.limit = limit
    }

    mutating func take(_ entry: JobEntry) {
        total += 1
        if let after, !order.puts(after, before: entry.job) { return }
        kept.append(entry)
        if kept.count > 2 * limit + 1000 { trim() }
    }

    private mutating func trim() {
        kept.sort { order.puts($0.job, before: $1.job) }
        if kept.count > limit + 1 { kept.removeLast(kept.count - limit - 1) }
    }

    /// The jobs of the page in their order, and whether another page follows.
    mutating func page() -> (jobs: [Job], hasMore: Bool) {
        trim()
        return (kept.prefix(limit).map(\.job), kept.count > limit)
    }
}
