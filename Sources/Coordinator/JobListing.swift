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

    func list(
        _ request: HTTPRequest,
        _ parameters: PathParameters
    ) throws(Problem) -> HTTPResponse {
        let stage = request.query("stage").flatMap { Stage(rawValue: $0) }
        let bounds = try bounds(of: request)
        let product = bounds.product
        let after = request.query("after").flatMap { JobID(text: $0) } ?? JobID(0)
        let limit = Int(request.query("limit") ?? "") ?? 1000
        let filter = JobFilter(request)
        guard bounds.isOneProduct, filter.isEmpty else {
            var window = JobWindow(
                filter.order,
                after: try request.query("after").map { _ throws(Problem) in
                    let found = try find(after)
                    return model.read(at: clock()) { $0.reading.summary(of: found) }
                },
                limit: limit
            )
            try scan(stage, bounds, filter, &window)
            return .encoding(window.page())
        }
        var rows = try page(stage, product, after: after, limit: limit + 1)
        let hasMore = rows.count > limit
        if hasMore { rows.removeLast() }
        let total = model.read(at: clock()) { contents in
            let stages = stage.map { [$0] } ?? Stage.allCases
            return stages.reduce(0) { $0 + contents.reading.state.count(in: $1, of: product) }
        }
        let next = hasMore ? rows.last?.id.description : nil
        return .encoding(JobList(jobs: rows, total: total, next: next))
    }

    /// Jobs that ended in a stage, as the store has them.
    func ended(in stage: Stage, _ product: String?, limit: Int) throws(Problem) -> [Job] {
        let page = JobPage(product: product, endedStage: stage.rawValue, limit: limit)
        let listed: [ListedJob]
        do { listed = try history.jobs(page) } catch { throw Self.unreadable(error) }
        var jobs: [Job] = []
        for body in listed.compactMap(\.body) { jobs.append(try Self.decoded(body)) }
        return jobs
    }

    /// A page of jobs in a stage that is not final: memory holds them all.
    private func open(
        _ stage: Stage,
        _ product: String?,
        after: JobID,
        limit: Int
    ) -> [JobSummary] {
        model.read(at: clock()) { contents in
            contents.reading.state.jobs.values.filter { job in
                job.stage == stage && job.id > after
                    && (product == nil || job.terms.product == product)
            }.sorted { $0.id < $1.id }.prefix(limit).map(contents.reading.summary)
        }
    }

    /// A page of all jobs, or of those in a final stage.
    ///
    /// The store says which jobs there are, so that one that ends or opens meanwhile is listed
    /// once all the same; for the open ones memory says how they stand.
    private func stored(_ page: JobPage) throws(Problem) -> [JobSummary] {
        let listed: [ListedJob]
        do { listed = try history.jobs(page) } catch { throw Self.unreadable(error) }
        var ended: [JobID: Job] = [:]
        for job in listed {
            if let body = job.body { ended[JobID(job.number)] = try Self.decoded(body) }
        }
        let ids = listed.map { JobID($0.number) }
        var rows = model.read(at: clock()) { contents in
            var rows: [JobID: JobSummary] = [:]
            for id in ids {
                rows[id] = (ended[id] ?? contents.reading.state.jobs[id])
                    .map(contents.reading.summary)
            }
            return rows
        }
        // Open when the store was asked, and no longer (or not yet) in memory.
        for id in ids where rows[id] == nil {
            guard let job = try stored(id) else { continue }
            rows[id] = model.read(at: clock()) { $0.reading.summary(of: job) }
        }
        return ids.compactMap { rows[$0] }
    }

    /// Whose jobs a list may show, and to whom.
    private struct Bounds {
        var product: String?
        /// What the caller's token is for; empty means everything.
        var products: [String]
        var owner: String?

        /// Store and counters answer by product; anything finer is looked for job by job.
        var isOneProduct: Bool { owner == nil && (products.isEmpty || product != nil) }

        func covers(_ job: JobSummary) -> Bool {
            (owner == nil || job.owner == owner)
                && (products.isEmpty || products.contains(job.product))
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

    /// Goes through all jobs, so that the total is true for bounds that nothing counts.
    private func scan(
        _ stage: Stage?,
        _ bounds: Bounds,
        _ filter: JobFilter,
        _ window: inout JobWindow
    ) throws(Problem) {
        // Only open jobs have a condition: memory holds them all.
        if filter.condition != nil {
            for stage in stage.map({ [$0] }) ?? Stage.allCases where !stage.isEnded {
                let jobs = open(stage, bounds.product, after: JobID(0), limit: .max)
                for job in jobs where bounds.covers(job) && filter.covers(job) { window.take(job) }
            }
            return
        }
        var last = JobID(0)
        while true {
            let page = try self.page(stage, bounds.product, after: last, limit: 1000)
            for job in page where bounds.covers(job) && filter.covers(job) { window.take(job) }
            guard let next = page.last else { return }
            last = next.id
        }
    }

    private func page(
        _ stage: Stage?,
        _ product: String?,
        after: JobID,
        limit: Int
    ) throws(Problem) -> [JobSummary] {
        if let stage, !stage.isEnded { return open(stage, product, after: after, limit: limit) }
        return try stored(
            JobPage(
                product: product,
                endedStage: stage?.rawValue,
                after: after.number,
                limit: limit
            )
        )
    }
}
