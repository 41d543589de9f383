import FleetModel
import Testing

@testable import Routing

@Suite struct FairSharesTests {
    private func charge(
        _ seconds: Int64,
        weight: Int64 = 1,
        turns: [ProductTurn]? = nil
    ) -> StationCharge {
        StationCharge(expected: .seconds(seconds), weight: weight, turns: turns)
    }

    @Test func `of nothing nothing is known, and everybody begins at nothing`() {
        let shares = FairShares()
        #expect(shares.time(of: "a") == 0 && !shares.isActive("a") && shares.active.isEmpty)
        #expect(shares.beginning() == 0 && shares.expected(of: "p") == FairShares.unknown)
    }

    @Test func `a grant costs station time by weight, and the real time replaces the expected`() {
        var shares = FairShares()
        shares.take(charge(60), of: "a")
        shares.take(charge(60, weight: 3), of: "b")
        #expect(shares.time(of: "a") == 60_000 && shares.time(of: "b") == 20_000)
        shares.correct(charge(60, weight: 3), of: "b", real: .seconds(90))
        shares.correct(charge(60), of: "a", real: .seconds(1))
        #expect(shares.time(of: "a") == 1000 && shares.time(of: "b") == 30_000)
        shares.correct(charge(1), of: "c", real: .seconds(3))
        #expect(shares.time(of: "c") == 2000)
    }

    @Test(arguments: [(0, 1), (2, 5), (-3, 1), (9, 0), (9, -1)] as [(Int64, Int64)])
    func `no grant is free, whatever its weight and time`(milliseconds: Int64, weight: Int64) {
        let span = Timespan(milliseconds: milliseconds)
        #expect(StationCharge(expected: span, weight: weight).virtualTime(of: span) >= 1)
    }

    @Test func `a product begins at the least of the active ones, and alone at the most of all`() {
        var shares = FairShares()
        let turns = ["a", "b", "c"].map { ProductTurn(product: $0, begins: 10) }
        shares.take(charge(5, turns: turns), of: "a")
        shares.take(charge(3), of: "b")
        #expect(shares.active == ["a", "b", "c"] && shares.beginning() == 10)
        #expect(shares.beginning(without: ["c"]) == 3010)
        #expect(shares.beginning(without: ["a", "b", "c"]) == 5010)
        shares.take(charge(1, turns: [ProductTurn(product: "c", begins: nil)]), of: "b")
        #expect(!shares.isActive("c") && shares.time(of: "c") == 10)
        #expect(shares.beginning() == 4010)
    }

    @Test func `how long attempts take is learned, and old ones fade`() {
        var shares = FairShares()
        shares.learn(.seconds(80), of: "p")
        #expect(shares.expected(of: "p") == .seconds(80))
        shares.learn(.seconds(160), of: "p")
        #expect(shares.expected(of: "p") == .seconds(90))
        for _ in 0..<80 { shares.learn(.zero, of: "p") }
        #expect(shares.expected(of: "p") < .seconds(1) && shares.expected(of: "p") > .zero)
        #expect(shares.expected(of: "q") == FairShares.unknown)
    }

    @Test func `critical work has at least one station, and a weight is at least one`() {
        let terms = SharingTerms(weights: ["a": 0, "b": 4], criticalPercent: 30)
        #expect([0, 1, 3, 4, 9, 10].map(terms.criticalLimit) == [1, 1, 1, 1, 2, 3])
        #expect(["a", "b", "c"].map(terms.weight) == [1, 4, 1])
        let still = SharingTerms(ageing: .zero)
        let late = Instant(milliseconds: .max / 2)
        #expect(still.lift(.low, submittedAt: .epoch, at: late) == 0)
    }
}

@Suite struct ShareOrderTests {
    /// A job as a list would have it.
    private struct Waiting {
        let number: UInt64
        let product: String
        let priority: Priority
        let at: Int64
        let inFirst: Bool
    }

    /// The order of section 2, by looking at everything.
    private static func first(
        _ jobs: [Waiting],
        _ times: [String: Int64],
        _ terms: SharingTerms,
        urgent: Bool,
        at now: Int64
    ) -> UInt64? {
        let critical = jobs.filter { $0.priority == .critical }
        let candidates = urgent && !critical.isEmpty ? critical : jobs
        return candidates.min { left, right in
            key(left, times, terms, now) < key(right, times, terms, now)
        }?.number
    }

    private static func key(
        _ job: Waiting,
        _ times: [String: Int64],
        _ terms: SharingTerms,
        _ now: Int64
    ) -> (Int64, Int, Int64, UInt64) {
        var rank = job.priority.rank
        var left = now - job.at
        while rank > 1, left >= terms.ageing.milliseconds {
            rank -= 1
            left -= terms.ageing.milliseconds
        }
        return (times[job.product, default: 0], rank, job.at, job.number)
    }

    @Test(arguments: UInt64(1)...30)
    func `products, priorities and ages are served as a list would`(seed: UInt64) throws {
        var random = SeededRandom(seed)
        var table = ClassTable()
        var queue = ReadyQueue()
        let terms = SharingTerms(ageing: Timespan(milliseconds: 40))
        let classes = try ["has:one", "has:two"].map { text in
            let requirement = try Requirement(parsing: text)
            return table.intern(RequirementClass(requirements: [requirement], demand: .none))
        }
        var (first, all) = (ClassSet(), ClassSet())
        first.insert(classes[0])
        for id in classes { all.insert(id) }
        var jobs: [UInt64: Waiting] = [:]
        var times: [String: Int64] = [:]
        for now in Int64(1)...600 {
            let number = UInt64.random(in: 1...60, using: &random)
            let product = "p\(Int.random(in: 0..<5, using: &random))"
            if random.chance(60) {
                let job = Waiting(
                    number: number,
                    product: product,
                    priority: Priority.allCases[Int.random(in: 0..<4, using: &random)],
                    at: now - Int64.random(in: 0...9, using: &random),
                    inFirst: random.chance(50)
                )
                jobs[number] = job
                queue.insert(
                    JobID(number),
                    class: classes[job.inFirst ? 0 : 1],
                    product: product,
                    priority: job.priority,
                    submittedAt: Instant(milliseconds: job.at)
                )
            } else {
                jobs[number] = nil
                queue.remove(JobID(number))
            }
            times[product] = Int64.random(in: 0...3, using: &random)
            queue.set(times[product, default: 0], of: product)
            let (onlyFirst, urgent) = (random.chance(50), random.chance(50))
            let open = onlyFirst ? first : all
            let got = queue.best(
                among: open,
                urgent: urgent ? all : ClassSet(),
                terms: terms,
                at: Instant(milliseconds: now)
            )
            let offered = jobs.values.filter { $0.inFirst || !onlyFirst }
            let wanted = Self.first(offered, times, terms, urgent: urgent, at: now)
            #expect(got?.job.number == wanted, "at \(now)")
            #expect(got?.isAhead != true || got?.priority == .critical)
            let others = offered.filter { $0.product != got?.product }
                .filter { got?.isAhead != true || $0.priority == .critical }
            #expect(got?.rivalTime == others.map { times[$0.product, default: 0] }.min())
            let isCriticalReady = offered.contains { $0.priority == .critical }
            #expect(queue.critical(among: open).intersects(open) == isCriticalReady)
        }
        #expect(queue.productNames.sorted() == ["p0", "p1", "p2", "p3", "p4"])
    }

    @Test func `a record whose numbers do not agree with its rule is found out`() throws {
        var queue = ReadyQueue()
        var table = ClassTable()
        let only = table.intern(RequirementClass(requirements: [], demand: .engineClass("script")))
        var all = ClassSet()
        all.insert(only)
        for (number, product) in [(UInt64(1), "a"), (2, "b")] {
            queue.insert(
                JobID(number),
                class: only,
                product: product,
                priority: .low,
                submittedAt: .epoch
            )
            queue.set(Int64(number), of: product)
        }
        let now = Instant(milliseconds: Timespan.hours(6).milliseconds)
        let best = queue.best(among: all, at: now)
        let choice = try #require(best)
        let turn = Precedence(choice, terms: .standard, at: now)
        var record = Router.place(
            JobView(id: choice.job, requirementClass: table[only]),
            candidates: [
                FactoryView(
                    id: FactoryID("f"),
                    facts: FactSet(),
                    stations: [
                        StationGroup(
                            kind: StationKind(engine: "shell", classes: ["script"]),
                            total: 1,
                            free: 1
                        )
                    ]
                )
            ],
            seed: 1,
            precedence: turn
        ).explanation
        #expect(turn.lift == 1 && turn.rule == .share)
        #expect(try DecisionReplay(record).differences == [])
        record.precedence?.lift = 2
        #expect(try DecisionReplay(record).differences.map(\.term) == ["ageing"])
        record.precedence = turn
        record.precedence?.rivalTime = 0
        #expect(try DecisionReplay(record).differences.map(\.term) == ["share"])
        record.precedence?.rivalTime = 1
        #expect(try DecisionReplay(record).differences.map(\.term) == ["precedence"])
        record.precedence?.rule = .critical
        #expect(try DecisionReplay(record).differences == [])
        record.precedence?.rivalTime = nil
        record.precedence?.rule = .only
        #expect(try DecisionReplay(record).differences == [])
    }
}
