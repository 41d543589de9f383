import FleetCore
import FleetModel
import FleetTesting
import Routing
import Testing

@Suite struct CriticalShareTests {
    @Test func `a flood of critical work in one product does not starve the others`() {
        var overload = Overload(stations: 10)
        overload.submit("calm", 300)
        overload.submit("steady", 300)
        overload.submit("alarm", 300, priority: .critical)
        overload.work(for: .hours(1))
        let grants = overload.grants(after: 0)
        for product in ["calm", "steady", "alarm"] {
            let share = 100 * (grants[product] ?? 0) / overload.order.count
            #expect((28...38).contains(share), "\(grants)")
        }
    }

    @Test func `critical work that comes late goes first, though its product is far ahead`() {
        var overload = Overload(stations: 4)
        overload.submit("behind", 100, priority: .high)
        overload.submit("ahead", 40)
        overload.work(for: .minutes(30))
        let urgent = overload.submit("ahead", 1, priority: .critical)
        let before = overload.order.count
        overload.work(for: .minutes(2))
        #expect(overload.order[before] == urgent[0])
    }

    @Test(arguments: [(30, 3), (10, 1), (0, 1), (100, 9)])
    func `so many stations go to critical work before any other`(percent: Int, first: Int) {
        var overload = Overload(
            stations: 10,
            sharing: SharingTerms(criticalPercent: percent)
        )
        overload.submit("calm", 9)
        overload.submit("alarm", 9, priority: .critical)
        overload.work(for: .seconds(5))
        let head = overload.order.prefix(first).map(overload.product)
        #expect(head == Array(repeating: "alarm", count: first))
        #expect(overload.product(of: overload.order[first]) == "calm")
    }

    @Test func `only stations that could do the work count`() {
        var fleet = TestFleet(sharing: SharingTerms(criticalPercent: 50))
        fleet.register("big", facts: ["os:linux"], stations: [.shell(20)])
        fleet.register("mac", facts: ["os:darwin"], stations: [.shell(4)])
        for number in 1...6 {
            fleet.submit(
                .example("\(number)") {
                    $0.product = number > 3 ? "calm" : "alarm"
                    $0.priority = number > 3 ? .medium : .critical
                    $0.capabilities = (try? Requirement(parsing: "os:darwin")).map { [$0] }
                }
            )
        }
        let order = fleet.claim("mac", free: 4).map(\.lease.job.number)
        #expect(order == [1, 2, 4, 5], "half of four, though the fleet has twenty-four")
    }

    @Test func `critical work of before a restart still counts, and what ended does not`() {
        var fleet = TestFleet(sharing: SharingTerms(criticalPercent: 50))
        fleet.register("mac", stations: [.shell(4)])
        for product in ["alarm", "alarm", "alarm", "calm", "calm", "calm"] {
            fleet.submit(
                .example(product) {
                    $0.product = product
                    $0.priority = product == "alarm" ? .critical : .medium
                }
            )
        }
        let first = fleet.claim("mac", free: 2)
        #expect(first.map(\.lease.job.number) == [1, 2])
        fleet.restart()
        #expect(fleet.claim("mac").map(\.lease.job.number) == [4])
        fleet.report(first[0], .started(RunStarted()))
        fleet.run(.reprioritise(JobID(2), .low, by: .alice))
        #expect(fleet.claim("mac").map(\.lease.job.number) == [3])
    }
}

@Suite struct AgeingTests {
    /// One station, and each time that it is free a new job of high priority beside an old one.
    private func place(_ priority: Priority, ageing: Timespan, beside other: Priority) -> Int? {
        var overload = Overload(stations: 1, sharing: SharingTerms(ageing: ageing))
        overload.submit("main", 2, priority: other)
        let old = overload.submit("main", 1, priority: priority)[0]
        overload.work(for: .hours(1)) { overload in
            overload.submit("main", 1, priority: other)
        }
        return overload.order.firstIndex(of: old)
    }

    @Test func `age lifts a low job past newer ones of high priority`() throws {
        #expect(place(.low, ageing: .hours(6), beside: .high) == nil)
        let turn = try #require(place(.low, ageing: .minutes(5), beside: .high))
        #expect((5...25).contains(turn))
    }

    @Test func `age lifts nothing to critical`() {
        #expect(place(.high, ageing: .minutes(1), beside: .critical) == nil)
    }

    @Test func `a job is lifted by one class after each interval, at the moment itself`() {
        let terms = SharingTerms(ageing: .hours(6))
        let since = Instant(milliseconds: 5)
        func lift(_ priority: Priority, after span: Timespan) -> Int {
            terms.lift(priority, submittedAt: since, at: since.advanced(by: span))
        }
        let short = Timespan(milliseconds: Timespan.hours(6).milliseconds - 1)
        #expect(lift(.low, after: short) == 0 && lift(.low, after: .hours(6)) == 1)
        #expect(lift(.low, after: .hours(12)) == 2 && lift(.low, after: .hours(900)) == 2)
        #expect(lift(.medium, after: .hours(900)) == 1)
        #expect(lift(.high, after: .hours(900)) == 0)
        #expect(lift(.critical, after: .hours(900)) == 0)
    }
}
