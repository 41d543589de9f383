import FleetCore
import FleetModel
import FleetPorts
import FleetProtocol
import HTTPServing

/// Jobs wherever they are: open ones in the read model, finished ones in the store.
extension FleetAPI {
    /// The job as it is now.
    ///
    /// Memory first: what it does not hold was stored before it left, so the store has it.
    func find(_ id: JobID) throws(Problem) -> Job {
        if let job = model.read(at: clock(), { $0.reading.state.jobs[id] }) { return job }
        guard let job = try stored(id) else { throw unknownJob(id) }
        return job
    }

    private func stored(_ id: JobID) throws(Problem) -> Job? {
        let row: [UInt8]?
        do { row = try history.job(id.number) } catch { throw Self.unreadable(error) }
        guard let row else { return nil }
        return try Self.decoded(row)
    }

    private static func decoded(_ row: [UInt8]) throws(Problem) -> Job {
        do { return try StoredState.job(of: row) } catch {
            throw unreadable(.broken(path: StoreTable.jobs.rawValue, reason: error.why))
        }
    }

    /// A page by id is made at once; whatever must be looked for is looked for in steps.
    var list: Route.Handler {
        { request, _, responder in
            do throws(Problem) {
                let standing = try authority.standing(of: request, model)
                let stage = request.query("stage").flatMap { Stage(rawValue: $0) }
                let bounds = try bounds(of: request)
                let filter = JobFilter(request)
                let after = request.query("after").flatMap { JobID(text: $0) }
                let limit = Int(request.query("limit") ?? "") ?? 1000
                guard bounds.isOneProduct, filter.isEmpty else {
                    let window = JobWindow(
                        filter.order,
                        after: try after.map { id throws(Problem) in try find(id) },
                        limit: limit
                    )
                    let scan = JobScan(self, stage, bounds, filter, window)
                    try listeners.longReading.ask(scan, by: standing, responder)
                    return
                }
                let first = after ?? JobID(0)
                responder.respond(try page(stage, bounds.product, after: first, limit: limit))
            } catch {
                responder.respond(error)
            }
        }
    }

    private func page(
        _ stage: Stage?,
        _ product: String?,
        after: JobID,
        limit: Int
    ) throws(Problem) -> HTTPResponse {
        var jobs: [Job]
        if let stage, !stage.isEnded {
            jobs = open(stage, product, after: after, limit: limit + 1)
        } else {
            let page = JobPage(
                product: product,
                endedStage: stage?.rawValue,
                after: after.number,
                limit: limit + 1
            )
            jobs = try stored(page)
        }
        let hasMore = jobs.count > limit
        if hasMore { jobs.removeLast() }
        let total = model.read(at: clock()) { contents in
            let stages = stage.map { [$0] } ?? Stage.allCases
            return stages.reduce(0) { $0 + contents.count(in: $1, of: product) }
        }
        let next = hasMore ? jobs.last?.id.description : nil
        return .encoding(JobList(jobs: summaries(of: jobs), total: total, next: next))
    }

    /// Jobs that ended in a stage, as the store has them.
    func ended(in stage: Stage, _ product: String?, limit: Int) throws(Problem) -> [Job] {
        try stored(JobPage(product: product, endedStage: stage.rawValue, limit: limit))
    }

    /// So many jobs are looked at before the read model's lock is given up to whoever waits.
    static let slice = 512
    /// The same for jobs whose condition is worked out.
    static let costlySlice = 64

    /// Jobs as lists show them; the lock is held for a few at a time.
    func summaries(of jobs: [Job]) -> [JobSummary] {
        var rows: [JobSummary] = []
        for slice in jobs.slices(of: Self.costlySlice) {
            rows += model.read(at: clock()) { contents in
                let views = contents.reading.factoryViews()
                let shortages = Shortages(contents.reading.people)
                return slice.map { contents.reading.summary(of: $0, among: views, shortages) }
            }
        }
        return rows
    }

    /// The open jobs of this moment, in no order.
    var openJobs: [JobID] { model.read(at: clock()) { Array($0.reading.state.jobs.keys) } }

    /// Of these jobs those that are open, in a stage if one is given, and of a product.
    func open(_ ids: ArraySlice<JobID>, _ stage: Stage?, _ product: String?) -> [JobEntry] {
        model.read(at: clock()) { contents in
            let state = contents.reading.state
            return ids.compactMap { id in
                guard let job = state.jobs[id], !job.stage.isEnded,
                    stage == nil || job.stage == stage,
                    product == nil || job.terms.product == product
                else { return nil }
                return JobEntry(job: job, owner: state.owner(of: job))
            }
        }
    }

    /// A page of jobs in a stage that is not final: memory holds them all.
    private func open(_ stage: Stage, _ product: String?, after: JobID, limit: Int) -> [Job] {
        var jobs: [Job] = []
        for slice in openJobs.filter({ $0 > after }).sorted().slices(of: Self.slice) {
            jobs += open(slice, stage, product).map(\.job)
            if jobs.count >= limit { return Array(jobs.prefix(limit)) }
        }
        return jobs
    }

    /// A page of all jobs, or of those in a final stage.
    ///
    /// The store says which jobs there are, so that one that ends or opens meanwhile is listed
    /// once all the same; for the open ones memory says how they stand. What is not in the rows
    /// yet is asked for first: whatever gets there meanwhile is found twice rather than not at all.
    func stored(_ page: JobPage) throws(Problem) -> [Job] {
        let unwritten = model.read(at: clock()) { contents in
            contents.unwritten.compactMap { contents.reading.state.jobs[$0] }
        }
        var jobs: [Job] = []
        var page = page
        while true {
            let (found, end) = try stored(page, before: unwritten)
            jobs += found
            // Some that the store lists may be elsewhere by now, so that a full page is not.
            guard let end, jobs.count < page.limit else { return Array(jobs.prefix(page.limit)) }
            page = JobPage(
                product: page.product,
                endedStage: page.endedStage,
                after: end,
                limit: page.limit
            )
        }
    }

    /// One page of the store, and where the next one begins if there is more.
    private func stored(
        _ page: JobPage,
        before unwritten: [Job]
    ) throws(Problem) -> (jobs: [Job], end: UInt64?) {
        let listed: [ListedJob]
        do { listed = try history.jobs(page) } catch { throw Self.unreadable(error) }
        var found: [JobID: Job] = [:]
        for job in listed {
            if let body = job.body { found[JobID(job.number)] = try Self.decoded(body) }
        }
        let end = listed.count < page.limit ? nil : listed.last?.number
        for job in unwritten where job.id.number > page.after {
            if let end, job.id.number > end { continue }
            found[job.id] = job
        }
        let ids = Set(listed.map { JobID($0.number) }).union(found.keys).sorted()
        for slice in ids.filter({ found[$0] == nil }).slices(of: Self.slice) {
            let open = model.read(at: clock()) { contents in
                slice.compactMap { contents.reading.state.jobs[$0] }
            }
            for job in open { found[job.id] = job }
        }
        // Open when the store was asked, and no longer (or not yet) in memory.
        for id in ids where found[id] == nil { found[id] = try stored(id) }
        let jobs = ids.compactMap { found[$0] }.filter { job in
            (page.product == nil || job.terms.product == page.product)
                && (page.endedStage == nil || job.stage.rawValue == page.endedStage)
        }
        return (jobs, end)
    }

    /// Whose these jobs are.
    func entries(_ jobs: [Job]) -> [JobEntry] {
        model.read(at: clock()) { contents in
            jobs.map { JobEntry(job: $0, owner: contents.reading.state.owner(of: $0)) }
        }
    }

    /// Whose jobs a list may show, and to whom.
    struct Bounds: Sendable {
        var product: String?
        /// What the caller's token is for; empty means everything.
        var products: [String]
        var owner: String?

        /// Store and counters answer by product; anything finer is looked for job by job.
        var isOneProduct: Bool { owner == nil && (products.isEmpty || product != nil) }

        func covers(_ entry: JobEntry) -> Bool {
            (owner == nil || entry.owner == owner)
                && (products.isEmpty || products.contains(entry.job.terms.product))
        }
    }

    private func bounds(of request: HTTPRequest) throws(Problem) -> Bounds {
        var bounds = Bounds(product: request.query("product"), products: [])
        if case .person(let bearer) = try authority.caller(of: request, model) {
            bounds.products = bearer.products
            if bounds.product == nil, bearer.products.count == 1 {
                bounds.product = bearer.products[0]
            }
            if let product = bounds.product { try Self.refuse(bearer, product) }
        }
        if request.query("mine") == "true" {
            bounds.owner = try authority.bearer(request, model).owner
        }
        return bounds
    }
}

extension Array {
    /// The elements in order, at most so many at a time.
    func slices(of count: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: self.count, by: count).map { start in
            self[start..<Swift.min(start + count, self.count)]
        }
    }
}
