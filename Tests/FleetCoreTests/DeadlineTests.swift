import FleetModel
import FleetTesting
import Routing
import Testing

@testable import FleetCore

/// What the fleet keeps in order, against a look at everything.
@Suite struct DeadlineTests {
    @Test(arguments: 1...8)
    func `the queue knows what a walk over all deadlines would find`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var queue = DeadlineQueue<JobID>()
        var all: [JobID: Instant] = [:]
        var now = Instant.epoch
        for _ in 0..<3_000 {
            let key = JobID(UInt64(random.number(in: 1...40)))
            switch random.number(in: 0...9) {
            case 0...5:
                let instant = now.advanced(by: .milliseconds(Int64(random.number(in: 0...60))))
                (all[key], _) = (instant, queue.set(key, instant))
            case 6...7: (all[key], _) = (nil, queue.set(key, nil))
            default:
                now = now.advanced(by: .milliseconds(Int64(random.number(in: 0...30))))
                let due = all.filter { $0.value <= now }.keys.sorted()
                #expect(queue.takeDue(at: now) == due)
                for key in due { all[key] = nil }
            }
            #expect(queue.next == all.values.min())
            #expect(queue.instants == all)
        }
    }

    /// Every lease, factory and job, one after the other.
    private static func naiveDeadline(_ fleet: borrowing Fleet) -> Instant? {
        let (now, leases) = (fleet.now, fleet.settings.leases)
        var all: [Instant] = Array(fleet.index.wakeUps.instants.values)
        for (id, live) in fleet.presence.leases {
            all.append(live.expires)
            if fleet.state.jobs[id]?.hasStarted == false {
                all.append(live.grantedAt.advanced(by: leases.startWithin))
            }
        }
        if !fleet.presence.leases.isEmpty { all.append(now.advanced(by: leases.term / 6)) }
        for (id, seen) in fleet.presence.factories {
            if let claim = seen.claim { all.append(claim.until) }
            switch fleet.state.factories[id]?.standing {
            case .present: all.append(seen.lastHeartbeat.advanced(by: leases.heartbeat * 2))
            case .late: all.append(seen.lastHeartbeat.advanced(by: leases.heartbeat * 4))
            default: break
            }
        }
        return all.min()
    }

    /// Jobs that only time keeps from being placed.
    private static func naiveSleepers(_ fleet: borrowing Fleet) -> [JobID: Instant] {
        var sleepers: [JobID: Instant] = [:]
        for job in fleet.state.jobs.values {
            guard job.lease == nil, let until = job.backoffUntil, until > fleet.now else {
                continue
            }
            switch job.stage {
            case .queued:
                let isHeld =
                    job.pause != nil || fleet.state.pausedProducts[job.terms.product] != nil
                // Of some dependencies testing is enough.
                let isFree = job.dependencies.indices.allSatisfy { fleet.state.isMet($0, of: job) }
                if !isHeld, isFree { sleepers[job.id] = until }
            case .testing:
                let mustLook = job.cancelRequest != nil
                let isAsked = job.shipRequest != nil && job.shipBlock == nil
                if mustLook || isAsked { sleepers[job.id] = until }
            default: continue
            }
        }
        for seen in fleet.presence.factories.values {
            for (id, wait) in seen.awaitedBy where wait.until > fleet.now {
                sleepers[id] = wait.until
            }
        }
        return sleepers
    }

    /// The classes that each claim could take, one claim after the other.
    private static func naiveClasses(_ fleet: borrowing Fleet) -> (ClassSet, isExact: Bool) {
        var (open, isExact) = (ClassSet(), true)
        for (id, seen) in fleet.presence.factories {
            guard let claim = seen.claim, let shape = fleet.index.shapes[id],
                let factory = fleet.state.factories[id], factory.drainingBy == nil
            else { continue }
            guard !fleet.isOverdue(id) else {
                isExact = false
                continue
            }
            let groups = Sight.stations(
                of: factory,
                stating: StatedFactory(factory),
                claim: claim,
                busy: [:]
            )
            fleet.index.table.served(by: shape).forEach { id in
                let demand = fleet.index.table[id].demand
                let isFree = groups.contains { $0.free > 0 && demand.fits($0.kind) }
                if demand == .none ? claim.takesShip : isFree { open.insert(id) }
            }
        }
        return (open, isExact)
    }

    private static func complaint(of fleet: borrowing Fleet) -> String? {
        if fleet.nextDeadline != naiveDeadline(fleet) { return "another deadline" }
        let now = fleet.now
        let awake = fleet.index.wakeUps.instants.filter { $0.value > now }
        if awake != naiveSleepers(fleet) { return "other sleepers" }
        var index = fleet.index
        let onOffer = index.roster.classesOnOffer(in: index.table).numbers
        let (naive, isExact) = naiveClasses(fleet)
        if !naive.numbers.isSubset(of: onOffer) { return "an offer was overlooked" }
        if isExact, naive.numbers != onOffer { return "an offer that nobody makes" }
        return nil
    }

    @Test(arguments: 0..<4)
    func `in any history the order kept is the order found by looking at all`(part: Int) {
        for seed in UInt64(part * 10 + 1)...UInt64(part * 10 + 10) {
            var simulation = FleetSimulation(seed: seed)
            simulation.inspect = { Self.complaint(of: $0) }
            simulation.run(steps: 200)
            for violation in simulation.check.violations.prefix(2) {
                Issue.record("seed \(seed): \(violation)")
            }
        }
    }

    @Test func `a turn that places nothing looks at no offer and no queued job`() {
        var fleet = TestFleet()
        for number in 1...60 {
            let factory = fleet.register(FactoryID("f-\(number)"))
            fleet.beat(factory)
            fleet.claim(factory)
        }
        for number in 1...200 {
            fleet.submit(.example("g\(number)") { $0.engine = "nowhere" })
        }
        let before = fleet.fleet.index
        for number in 1...60 { fleet.beat(FactoryID("f-\(number)")) }
        let after = fleet.fleet.index
        #expect(after.ready.count == 200)
        #expect(after.ready.comparisons == before.ready.comparisons)
        #expect(after.roster.passes == before.roster.passes)
        #expect(before.roster.passes < 8, "alike claims are one offer")
        fleet.submit(.example("another") { $0.engine = "nowhere" })
        #expect(fleet.fleet.index.roster.passes == before.roster.passes)
        #expect(fleet.fleet.index.ready.comparisons - before.ready.comparisons < 12)
    }
}

extension ClassSet {
    fileprivate var numbers: Set<Int> {
        var numbers: Set<Int> = []
        forEach { numbers.insert($0.index) }
        return numbers
    }
}
