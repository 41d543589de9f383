import FleetCore
import FleetModel
import FleetTesting
import Routing

/// A fleet with more work than stations, in virtual time: what each product got, and waited for.
struct Overload {
    private(set) var fleet: TestFleet
    private var random: SeededRandom
    private let stations: Int
    private var running: [(end: Instant, run: GrantedRun)] = []
    private var products: [JobID: String] = [:]
    private var submitted: [JobID: Instant] = [:]
    private var granted: [JobID: Instant] = [:]
    /// Jobs in the order of their grants.
    private(set) var order: [JobID] = []
    /// Stations times milliseconds, by product.
    private(set) var stationTime: [String: Int64] = [:]
    private let step = Timespan.seconds(5)

    init(stations: Int, sharing: SharingTerms = .standard, seed: UInt64 = 1) {
        fleet = TestFleet(sharing: sharing)
        fleet.register("mac", stations: [.shell(stations)])
        random = SeededRandom(seed: seed)
        self.stations = stations
    }

    @discardableResult
    mutating func submit(
        _ product: String,
        _ count: Int = 1,
        priority: Priority = .medium,
        needs requirement: String? = nil
    ) -> [JobID] {
        (0..<count).flatMap { _ in
            let ids = fleet.submit(
                .example("job") {
                    $0.product = product
                    $0.priority = priority
                    $0.capabilities = requirement.flatMap { text in
                        (try? Requirement(parsing: text)).map { [$0] }
                    }
                }
            )
            for id in ids { (products[id], submitted[id]) = (product, fleet.now) }
            return ids
        }
    }

    /// Lets stations work for a while; `arrivals` is asked before each step what comes.
    mutating func work(for span: Timespan, arrivals: (inout Overload) -> Void = { _ in }) {
        let end = fleet.now.advanced(by: span)
        while fleet.now < end {
            arrivals(&self)
            fillStations()
            fleet.clock.advance(by: step)
            let held = running.map { HeldLease(job: $0.run.lease.job, fence: $0.run.lease.fence) }
            fleet.beat("mac", held: held)
            endWhatIsDue()
        }
    }

    /// Works until nothing runs any more.
    mutating func drain() {
        repeat { work(for: step) } while !running.isEmpty
    }

    private mutating func fillStations() {
        let free = stations - running.count
        guard free > 0 else { return }
        for run in fleet.claim("mac", free: free, takesShip: false) {
            fleet.report(run, .started(RunStarted()))
            let length = Timespan.seconds(Int64(random.number(in: 10...14)) * 5)
            running.append((fleet.now.advanced(by: length), run))
            granted[run.lease.job] = fleet.now
            order.append(run.lease.job)
            stationTime[product(of: run.lease.job), default: 0] += length.milliseconds
        }
        // What comes meanwhile is placed with the next step, not by a claim that waits.
        let claim = fleet.fleet.presence.factories["mac"]?.claim?.id ?? ""
        fleet.run(.abandonClaim("mac", claim: claim))
    }

    private mutating func endWhatIsDue() {
        let due = running.filter { $0.end <= fleet.now }
        running.removeAll { $0.end <= fleet.now }
        for (_, run) in due {
            let candidate = Candidate.example("\(run.lease.job)")
            fleet.report(run, .finished(RunFinished(candidate: candidate)))
            fleet.judge(run, candidate.commit)
        }
    }

    mutating func restart() { fleet.restart() }

    func product(of job: JobID) -> String { products[job] ?? "" }
    func isGranted(_ job: JobID) -> Bool { granted[job] != nil }

    /// How many jobs of each product were granted, the first `count` left out.
    func grants(after count: Int) -> [String: Int] {
        var grants: [String: Int] = [:]
        for job in order.dropFirst(count) { grants[product(of: job), default: 0] += 1 }
        return grants
    }

    /// Mean wait by product: of all that came, whether it was placed or waits still.
    var meanWaits: [String: Int64] {
        var sums: [String: (wait: Int64, count: Int64)] = [:]
        for (job, at) in submitted {
            let wait = (granted[job] ?? fleet.now).since(at).milliseconds
            let known = sums[product(of: job)] ?? (0, 0)
            sums[product(of: job)] = (known.wait + wait, known.count + 1)
        }
        return sums.mapValues { $0.wait / max(1, $0.count) }
    }
}
