import FleetCore
import FleetModel
import FleetPorts
import FleetProtocol
import HTTPServing

/// Goes through all jobs that a list may mean, so that its total is true for what nothing counts.
///
/// The read model's lock is held for a slice at a time: a commit never waits for a list to end. Each
/// job is looked at once; one that comes while the scan is under way may be missing.
struct JobScan: LongRead {
    private enum Place {
        case begin
        /// Open jobs that are still to be looked at.
        case open(ArraySlice<JobID>)
        /// What the store lists after this job is still to be looked at.
        case stored(after: JobID)
    }

    private let api: FleetAPI
    private let stage: Stage?
    private let bounds: FleetAPI.Bounds
    private let filter: JobFilter
    private var window: JobWindow
    private var place = Place.begin

    init(
        _ api: FleetAPI,
        _ stage: Stage?,
        _ bounds: FleetAPI.Bounds,
        _ filter: JobFilter,
        _ window: JobWindow
    ) {
        self.api = api
        self.stage = stage
        self.bounds = bounds
        self.filter = filter
        self.window = window
    }

    mutating func step() throws(Problem) -> HTTPResponse? {
        switch place {
        case .begin:
            // Only open jobs have a condition: memory holds them all.
            if filter.condition != nil, stage?.isEnded == true { return page() }
            let isOpen = filter.condition != nil || stage?.isEnded == false
            place = isOpen ? .open(api.openJobs[...]) : .stored(after: JobID(0))
        case .open(let ids):
            guard !ids.isEmpty else { return page() }
            take(api.open(ids.prefix(FleetAPI.slice), stage, bounds.product))
            place = .open(ids.dropFirst(FleetAPI.slice))
        case .stored(let last):
            let page = JobPage(
                product: bounds.product,
                endedStage: stage?.rawValue,
                after: last.number,
                limit: FleetAPI.slice
            )
            let jobs = try api.stored(page)
            take(api.entries(jobs))
            guard let next = jobs.last else { return self.page() }
            place = .stored(after: next.id)
        }
        return nil
    }

    private mutating func take(_ entries: [JobEntry]) {
        var fitting = entries.filter { bounds.covers($0) && filter.covers($0) }
        if let condition = filter.condition { fitting = api.entries(fitting, in: condition) }
        for entry in fitting { window.take(entry) }
    }

    private mutating func page() -> HTTPResponse {
        let total = window.total
        let (jobs, hasMore) = window.page()
        let next = hasMore ? jobs.last?.id.description : nil
        return .encoding(JobList(jobs: api.summaries(of: jobs), total: total, next: next))
    }
}

extension FleetAPI {
    /// Those that are in a condition.
    fileprivate func entries(_ entries: [JobEntry], in condition: String) -> [JobEntry] {
        var fitting: [JobEntry] = []
        for slice in entries.slices(of: Self.costlySlice) {
            fitting += model.read(at: clock()) { contents in
                let views = contents.reading.factoryViews()
                let shortages = Shortages(contents.reading.people)
                return slice.filter { entry in
                    let found = contents.reading.condition(of: entry.job, among: views, shortages)
                    return found?.name.rawValue == condition
                }
            }
        }
        return fitting
    }
}
