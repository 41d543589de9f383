import FleetPorts
import Testing

/// What a store promises of jobs' rows, so that ended jobs can leave memory.
extension StoreContract {
    static let ofJobs = [
        Promise(sentence: "ended jobs are left out of a start", check: endedJobsAreLeftOut),
        Promise(sentence: "a job is found by its number", check: aJobIsFoundByItsNumber),
        Promise(sentence: "a job is found by its key and product", check: aJobIsFoundByItsKey),
        Promise(sentence: "jobs come in pages, by number", check: jobsComeInPages),
    ]

    private static func row(
        _ number: UInt64,
        _ stage: String,
        product: String = "p",
        key: String? = nil,
        body: String? = nil
    ) -> RowChange {
        RowChange(
            table: .jobs,
            product: product,
            key: "job-\(number)",
            body: Array((body ?? "\(number) \(stage)").utf8),
            mark: JobMark(
                number: number,
                stage: stage,
                hasEnded: ["shipped", "failed", "dead_letter"].contains(stage),
                idempotencyKey: key
            )
        )
    }

    /// Ended, open again, ended: what counts is the newest change, over a reopening too.
    static func endedJobsAreLeftOut(_ subject: any StoreUnderTest) throws {
        let first = try subject.open()
        var maker = BatchMaker(following: first.identity)
        let others = StoreTable.allCases.filter { $0 != .jobs }.map {
            RowChange(table: $0, product: "p", key: "k", body: Array("1".utf8))
        }
        try first.commit(
            maker.next(1, rows: [row(1, "queued"), row(2, "queued"), row(3, "shipped")] + others)
        )
        #expect(try open(first) == ["1 queued", "2 queued"])
        try first.commit(maker.next(1, rows: [row(1, "failed"), row(3, "shipped", body: "3 x")]))
        #expect(try open(first) == ["2 queued"])
        try first.commit(maker.next(1, rows: [row(1, "dead_letter"), row(2, "building")]))
        #expect(try open(first) == ["2 building"])
        try first.commit(maker.next(1, rows: [row(1, "queued")]))
        #expect(try open(first) == ["1 queued", "2 building"])
        #expect(try first.load().filter { $0.table == .jobs }.count == 3)
        first.close()

        let second = try subject.open()
        #expect(try open(second) == ["1 queued", "2 building"])
        let tables = Set(try second.loadOpen().map(\.table))
        #expect(tables == [.jobs, .factories, .profiles, .repositories, .state])
    }

    private static func open(_ store: any Store) throws -> [String] {
        try store.loadOpen().filter { $0.table == .jobs }
            .map { String(decoding: $0.body, as: UTF8.self) }.sorted()
    }

    static func aJobIsFoundByItsNumber(_ subject: any StoreUnderTest) throws {
        let store = try subject.open()
        let history = try store.history()
        var maker = BatchMaker(following: store.identity)
        #expect(try store.job(1) == nil)
        let rows = [row(1, "queued"), row(12, "shipped", product: "q")]
        try store.commit(maker.next(1, rows: rows))
        #expect(try store.job(1) == Array("1 queued".utf8))
        #expect(try store.job(12) == Array("12 shipped".utf8))
        #expect(try store.job(2) == nil)
        try store.commit(maker.next(1, rows: [row(1, "failed")]))
        #expect(try store.job(1) == Array("1 failed".utf8))
        #expect(try history.job(1) == Array("1 failed".utf8))
        #expect(try history.job(3) == nil)
    }

    static func aJobIsFoundByItsKey(_ subject: any StoreUnderTest) throws {
        let store = try subject.open()
        var maker = BatchMaker(following: store.identity)
        let odd = "k'\"ß\n%_"
        let rows = [
            row(1, "queued", key: odd), row(2, "queued"),
            row(3, "shipped", product: "q", key: odd), row(4, "queued", product: "q", key: ""),
        ]
        try store.commit(maker.next(1, rows: rows))
        #expect(try store.job(withKey: odd, product: "p") == Array("1 queued".utf8))
        #expect(try store.job(withKey: odd, product: "q") == Array("3 shipped".utf8))
        #expect(try store.job(withKey: "", product: "q") == Array("4 queued".utf8))
        #expect(try store.job(withKey: "", product: "p") == nil)
        #expect(try store.job(withKey: odd, product: "r") == nil)
        try store.commit(maker.next(1, rows: [row(1, "shipped", key: odd)]))
        #expect(try store.job(withKey: odd, product: "p") == Array("1 shipped".utf8))
    }

    /// Numbers are ordered as numbers, and open jobs come without their row.
    static func jobsComeInPages(_ subject: any StoreUnderTest) throws {
        let store = try subject.open()
        let history = try store.history()
        var maker = BatchMaker(following: store.identity)
        let stages = ["shipped", "queued", "failed"]
        let rows = (1...30).reversed().map { number in
            row(number, stages[Int(number % 3)], product: number % 2 == 0 ? "p" : "q")
        }
        try store.commit(maker.next(1, rows: rows))
        func page(_ page: JobPage) throws -> [UInt64] { try history.jobs(page).map(\.number) }

        #expect(try page(JobPage(limit: 100)) == Array(1...30))
        #expect(try page(JobPage(after: 7, limit: 4)) == [8, 9, 10, 11])
        #expect(try page(JobPage(limit: 0)) == [])
        #expect(try page(JobPage(product: "q", after: 20, limit: 3)) == [21, 23, 25])
        #expect(try page(JobPage(product: "r", limit: 3)) == [])
        #expect(try page(JobPage(endedStage: "failed", limit: 3)) == [2, 5, 8])
        #expect(
            try page(JobPage(product: "p", endedStage: "shipped", after: 6, limit: 2)) == [12, 18]
        )
        #expect(try page(JobPage(endedStage: "dead_letter", limit: 3)) == [])
        let bodies = try history.jobs(JobPage(limit: 3)).map(\.body)
        #expect(bodies == [nil, Array("2 failed".utf8), Array("3 shipped".utf8)])
    }
}
