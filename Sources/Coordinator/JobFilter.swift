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

    func covers(_ job: JobSummary) -> Bool {
        if let repo, job.repo != repo { return false }
        if let profile, job.profile != profile, !job.profile.hasPrefix(profile + "@") {
            return false
        }
        if let condition, job.condition != condition { return false }
        if let priority, job.priority != priority { return false }
        if let factory, job.factory != factory { return false }
        if let owner, job.owner != owner { return false }
        guard let text else { return true }
        return [job.id.description, job.title, job.trackerItem ?? ""].contains {
            $0.lowercased().contains(text)
        }
    }
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
    func puts(_ first: JobSummary, before second: JobSummary) -> Bool {
        let (left, right) = (rank(of: first), rank(of: second))
        return turnsRound ? right < left : left < right
    }

    private var turnsRound: Bool { rawValue.hasPrefix("-") }

    private func rank(of job: JobSummary) -> (Int64, JobID) {
        switch self {
        case .id, .newestFirst: (0, job.id)
        case .priority, .lowestFirst: (Int64(job.priority.rank), job.id)
        case .cost, .dearestFirst: (job.costMicroUSD, job.id)
        }
    }
}

/// One page out of any number of jobs that pass by, in no more memory than a few pages.
struct JobWindow {
    private let order: JobOrder
    private let after: JobSummary?
    private let limit: Int
    private var kept: [JobSummary] = []
    /// All that passed by, on whatever page they are.
    private(set) var total = 0

    /// `after` is the last job of the page before.
    init(_ order: JobOrder, after: JobSummary?, limit: Int) {
        self.order = order
        self.after = after
        self.limit = limit
    }

    mutating func take(_ job: JobSummary) {
        total += 1
        if let after, !order.puts(after, before: job) { return }
        kept.append(job)
        if kept.count > 2 * limit + 1000 { trim() }
    }

    private mutating func trim() {
        kept.sort { order.puts($0, before: $1) }
        if kept.count > limit + 1 { kept.removeLast(kept.count - limit - 1) }
    }

    mutating func page() -> JobList {
        trim()
        let rows = Array(kept.prefix(limit))
        let next = kept.count > limit ? rows.last?.id.description : nil
        return JobList(jobs: rows, total: total, next: next)
    }
}
