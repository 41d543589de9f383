import FleetModel

/// Events that are committed while the rows made of them are not: rows follow a moment later, so
/// that a job which comes and goes within it is written once.
///
/// What is not about a job alone is seldom, and makes everything be written at once: behind the
/// watermark there are events of jobs only.
struct UnwrittenEvents {
    /// How long rows may lie behind, and how many events: both bound what a start must apply.
    static let patience = Timespan(milliseconds: 200)
    static let limit = 8_192

    private(set) var events: [Event] = []
    private(set) var jobs: Set<JobID> = []
    private(set) var due: Instant?
    /// Nothing is waited for.
    var isUrgent = false

    var isEmpty: Bool { events.isEmpty }

    init() {}

    /// Those of an earlier coordinator, which nobody will write later.
    init(_ events: [Event]) {
        add(events, at: .epoch)
        isUrgent = !events.isEmpty
    }

    mutating func add(_ more: [Event], at now: Instant) {
        guard !more.isEmpty else { return }
        events += more
        for event in more {
            if let job = event.job { jobs.insert(job) } else { isUrgent = true }
        }
        if due == nil { due = now.advanced(by: Self.patience) }
    }

    func isDue(at now: Instant) -> Bool {
        guard let due else { return false }
        return isUrgent || events.count >= Self.limit || due <= now
    }
}
