import FleetCore
import FleetModel
import FleetTesting
import Routing
import Testing

@Suite struct FairShareTests {
    /// Five products that want the same, and ask for it in five ways.
    private func fiveProducts(seed: UInt64, half: Timespan, restarts: Bool = false) -> Overload {
        var overload = Overload(stations: 3, seed: seed)
        let priorities: [Priority] = [.high, .medium, .medium, .low, .low]
        var steps = 0
        func arrive(_ overload: inout Overload) {
            steps += 1
            for (number, priority) in priorities.enumerated() {
                // Twelve jobs in ten minutes each: singly, in threes, or ten minutes' at once.
                let batch = [1, 3, 12][number % 3]
                if steps % (10 * batch) == 5 * batch {
                    overload.submit("p\(number)", batch, priority: priority)
                }
            }
        }
        overload.work(for: half, arrivals: arrive)
        if restarts { overload.restart() }
        overload.work(for: half, arrivals: arrive)
        return overload
    }

    @Test(arguments: UInt64(1)...2)
    func `under overload equal products wait equally long, whatever their priorities`(
        seed: UInt64
    ) throws {
        let overload = fiveProducts(seed: seed, half: .minutes(90))
        let waits = overload.meanWaits
        let (least, most) = (try #require(waits.values.min()), try #require(waits.values.max()))
        #expect(waits.count == 5)
        #expect(least > Timespan.minutes(20).milliseconds, "else it is no overload")
        #expect(most * 10 <= least * 12, "\(waits)")
    }

    @Test func `weights of one and two give shares of one and two`() throws {
        var overload = Overload(stations: 3, sharing: SharingTerms(weights: ["heavy": 2]))
        overload.submit("light", 300)
        overload.submit("heavy", 300)
        overload.work(for: .hours(2))
        let heavy = try #require(overload.stationTime["heavy"])
        let light = try #require(overload.stationTime["light"])
        #expect(heavy * 100 > light * 185 && heavy * 100 < light * 215, "\(heavy) to \(light)")
    }

    @Test func `a product that comes back from idle starves nobody and is not starved`() {
        var overload = Overload(stations: 3)
        overload.submit("back", 2)
        overload.drain()
        overload.submit("one", 200)
        overload.submit("two", 200)
        overload.work(for: .hours(1))
        let before = overload.order.count
        overload.submit("back", 200)
        overload.work(for: .minutes(40))
        let grants = overload.grants(after: before)
        let all = overload.order.count - before
        for product in ["one", "two", "back"] {
            let share = 100 * (grants[product] ?? 0) / all
            #expect((25...42).contains(share), "\(grants)")
        }
    }

    @Test func `whoever worked while others had nothing to do owes them nothing`() {
        var overload = Overload(stations: 3)
        overload.submit("other", 1)
        overload.submit("alone", 60)
        overload.drain()
        let before = overload.order.count
        overload.submit("alone", 100)
        overload.submit("other", 100)
        overload.work(for: .minutes(30))
        let grants = overload.grants(after: before)
        let share = 100 * (grants["alone"] ?? 0) / (overload.order.count - before)
        #expect((38...62).contains(share), "\(grants)")
    }

    @Test func `work that no factory can do earns its product no credit`() {
        var overload = Overload(stations: 3)
        overload.submit("waits", 1, needs: "has:xcode")
        overload.submit("one", 400)
        overload.work(for: .hours(1))
        let before = overload.order.count
        overload.submit("waits", 100)
        overload.work(for: .minutes(30))
        let grants = overload.grants(after: before)
        let share = 100 * (grants["one"] ?? 0) / (overload.order.count - before)
        #expect((38...62).contains(share), "\(grants)")
    }

    @Test func `a station that was given back early costs what it took`() throws {
        var fleet = TestFleet()
        fleet.register("mac")
        fleet.submit(.example())
        let run = fleet.grant(JobID(1), to: "mac")
        let unknown = FairShares.unknown.milliseconds
        #expect(fleet.state.counters.shares?.time(of: "main") == unknown)
        fleet.report(run, .started(RunStarted()))
        fleet.clock.advance(by: .seconds(7))
        fleet.report(run, .failed(.engineFailed))
        let shares = try #require(fleet.state.counters.shares)
        #expect(shares.time(of: "main") == 7000)
        #expect(shares.expected(of: "developer") == .seconds(7))
        #expect(fleet.job(JobID(1)).charge == nil && fleet.replayed() == fleet.state)
    }

    @Test func `a restart in the middle changes no decision`() {
        let through = fiveProducts(seed: 9, half: .minutes(40))
        let restarted = fiveProducts(seed: 9, half: .minutes(40), restarts: true)
        #expect(through.order.count > 200)
        #expect(through.order == restarted.order)
        for overload in [through, restarted] {
            #expect(overload.fleet.replayed() == overload.fleet.state)
        }
        #expect(through.fleet.state.counters.shares == restarted.fleet.state.counters.shares)
    }

    @Test func `a product that came back is where it was, though the fleet starts again`() {
        var fleets = [Overload(stations: 1), Overload(stations: 1)]
        for number in fleets.indices {
            fleets[number].submit("old", 2)
            fleets[number].drain()
            fleets[number].submit("busy", 60)
            fleets[number].work(for: .minutes(20))
            fleets[number].submit("old", 20)
            fleets[number].submit("new", 20)
            if number == 1 { fleets[number].restart() }
            fleets[number].work(for: .minutes(20))
        }
        #expect(fleets[0].order == fleets[1].order)
    }

    @Test func `the record of a placement says whose turn it was`() throws {
        var fleet = TestFleet(sharing: SharingTerms(weights: ["shop": 2]))
        fleet.register("mac", stations: [.shell(9)])
        let main = Submission.example("a") { $0.product = "main" }
        let shop = Submission.example("b") {
            $0.product = "shop"
            $0.priority = .low
        }
        fleet.submit(main)
        fleet.claim("mac")
        fleet.submit(shop, main)
        var turns = [Precedence]()
        for _ in 0..<3 {
            fleet.claim("mac")
            let record = PlacementRecord(try #require(fleet.decisions.last).coded.bytes)
            turns.append(try #require(try record.explanation().precedence))
            if turns.count == 1 { fleet.submit(main) }
        }
        #expect(turns.map(\.rule) == [.level, .share, .only], "shop begins where main is")
        #expect(turns.map(\.product) == ["main", "shop", "main"])
        #expect(turns.map(\.rival) == ["shop", "main", nil])
        #expect(turns.map(\.weight) == [1, 2, 1])
    }
}
