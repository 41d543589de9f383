import FleetCore
import FleetModel
import FleetTesting
import Routing

/// Factories that are equal, in virtual time: how long the stations of each were taken.
struct EqualFactories {
    /// How the lengths of jobs follow one another, in seconds.
    enum Lengths: CaseIterable {
        /// One long one after many short ones.
        case rarelyLong
        /// Each second one is ten times as long.
        case alternating
    }

    private(set) var fleet = TestFleet()
    /// Stations times milliseconds; of runs that go on, what has passed.
    private(set) var taken: [FactoryID: Int64] = [:]
    private var random: SeededRandom
    private let names: [FactoryID]
    private let stations: Int
    private let products: [String]
    private let lengths: Lengths
    private var running: [FactoryID: [(end: Instant, run: GrantedRun)]] = [:]
    private var length: [JobID: Timespan] = [:]
    private var submitted = 0
    private let began: Instant
    private var nextArrival: Instant
    private var lastBeat: Instant

    init(
        _ count: Int,
        stations: Int,
        products: [String] = ["main"],
        lengths: Lengths,
        seed: UInt64
    ) {
        random = SeededRandom(seed: seed)
        names = (1...count).map { FactoryID("equal-\($0)") }
        self.stations = stations
        self.products = products
        self.lengths = lengths
        began = fleet.now
        nextArrival = fleet.now
        lastBeat = fleet.now
        for name in names {
            fleet.register(name, stations: [.shell(stations)])
            taken[name] = 0
        }
    }

    /// Work comes for so many hundredths of the stations' time; above 100 a queue builds up.
    mutating func work(for span: Timespan, percent: Int64) {
        let end = fleet.now.advanced(by: span)
        let all = Int64(names.count * stations)
        while fleet.now < end {
            while nextArrival <= fleet.now {
                submit()
                let share = 100_000 * 100 / (all * percent)
                // Independent of the lengths: a gap after each long one would be a rhythm.
                let drawn = share * Int64(random.number(in: 0...2000)) / 1000
                nextArrival = nextArrival.advanced(by: Timespan(milliseconds: max(1, drawn)))
            }
            claim()
            step(until: min(end, nextArrival))
        }
    }

    /// The most of a factory's station time to the least, in hundredths.
    var ratio: Int64 {
        let least = taken.values.min() ?? 0
        return least > 0 ? 100 * (taken.values.max() ?? 0) / least : .max
    }

    /// How many hundredths of the stations' time were taken.
    var percentTaken: Int64 {
        let span = fleet.now.since(began).milliseconds
        return 100 * taken.values.reduce(0, +) / max(1, span * Int64(names.count * stations))
    }

    private mutating func submit() {
        submitted += 1
        let seconds: Int =
            switch lengths {
            case .rarelyLong: random.oneIn(10) ? 550 : 50
            case .alternating: submitted.isMultiple(of: 2) ? 182 : 18
            }
        let product = random.pick(products)
        let ids = fleet.submit(.example("job") { $0.product = product })
        let span = Timespan.seconds(Int64(seconds))
        for id in ids { length[id] = span }
        begin()
    }

    /// To whatever comes first: an end, a beat, or the instant that is asked for.
    private mutating func step(until limit: Instant) {
        let beat = lastBeat.advanced(by: fleet.fleet.settings.leases.heartbeat)
        let ends = running.values.joined().map(\.end)
        let next = ([limit, beat] + ends).min() ?? limit
        let passed = next.since(fleet.now).milliseconds
        for (name, runs) in running { taken[name, default: 0] += passed * Int64(runs.count) }
        fleet.clock.advance(to: next)
        if next >= beat {
            for name in names {
                let held = running[name, default: []].map(\.run.lease)
                fleet.beat(name, held: held.map { HeldLease(job: $0.job, fence: $0.fence) })
            }
            fleet.tick()
            lastBeat = next
        }
        for name in names {
            let due = running[name, default: []].filter { $0.end <= next }
            running[name]?.removeAll { $0.end <= next }
            for (_, run) in due {
                let candidate = Candidate.example("\(run.lease.job)")
                fleet.report(run, .finished(RunFinished(candidate: candidate)))
                fleet.judge(run, candidate.commit)
                begin()
            }
        }
        begin()
    }

    /// As factories do: one waiting claim, replaced when what is free has changed.
    private mutating func claim() {
        // Whoever asks first is drawn, for the first to ask is the first to be served.
        for name in names.shuffled(using: &random) {
            let free = stations - running[name, default: []].count
            let waiting = fleet.fleet.presence.factories[name]?.claim?.free.first?.count
            guard free > 0, waiting != free else { continue }
            fleet.claim(name, free: free, takesShip: false)
            begin()
        }
    }

    private mutating func begin() {
        for run in fleet.takeAnswers().flatMap(\.leases) {
            fleet.report(run, .started(RunStarted()))
            let span = length[run.lease.job] ?? .seconds(60)
            let end = fleet.now.advanced(by: span)
            running[run.lease.factory, default: []].append((end, run))
        }
    }
}
