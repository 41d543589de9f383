import FleetModel
import FleetTesting
import Glibc

/// `giga-simulate --seeds N --from S`: the rules of the fleet, many seeds, in virtual time.
///
/// Ends with 1 when an invariant was broken or a fault or a state was never met, 2 on a wrong
/// argument.
struct Arguments {
    var seeds: UInt64 = 1000
    var first: UInt64 = 1
    var digest = false

    init?(_ words: some Sequence<String>) {
        var words = words.makeIterator()
        while let word = words.next() {
            switch word {
            case "--digest": digest = true
            case "--seeds", "--from":
                guard let number = words.next().flatMap(UInt64.init) else { return nil }
                if word == "--seeds" { seeds = number } else { first = number }
            default: return nil
            }
        }
        guard seeds > 0, !first.addingReportingOverflow(seeds).overflow else { return nil }
    }
}

/// One seed is asked for to be understood: its events, one a line.
func show(_ events: [Event]) {
    for event in events {
        let job = event.job.map { "\($0)" } ?? "-"
        let fence = event.fence.map { "fence \($0)" } ?? "-"
        let words = [event.kind.rawValue, job, fence, "\(event.actor)"]
        var line = words.joined(separator: " ")
        if case .leaseExtended(let extended) = event.body {
            line += " until \(extended.until.milliseconds): \(extended.reason)"
        }
        print(event.position, event.at.milliseconds, line)
    }
}

/// What is left of a failing seed when every step is out that the failure does not need.
func showShrunken(_ seed: UInt64) {
    guard let shrinking = Shrinking(seed: seed) else { return }
    let left = 200 - shrinking.skipped.count
    print("seed \(seed), with \(left) of 200 steps, still breaks:")
    for violation in shrinking.result.check.violations.prefix(3) { print(violation) }
    show(shrinking.result.store.events)
}

func simulate() async -> Int32 {
    guard let arguments = Arguments(CommandLine.arguments.dropFirst()) else {
        print("usage: giga-simulate [--seeds N] [--from S] [--digest]")
        return 2
    }
    let range = arguments.first..<arguments.first + arguments.seeds
    if arguments.digest {
        for seed in range { print(seed, FleetSimulation.run(seed: seed).digest) }
        return 0
    }
    if arguments.seeds == 1 { show(FleetSimulation.run(seed: arguments.first).store.events) }
    let clock = ContinuousClock()
    let start = clock.now
    let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    let round = await SimulationRound.run(range, workers: cores)
    let spent = start.duration(to: clock.now)
    for (name, count) in round.reached.sorted(by: { $0.key < $1.key }) {
        print("\(count)\t\(name)")
    }
    // One seed cannot meet everything.
    let missing = arguments.seeds == 1 ? [] : round.missing
    for name in missing { print("0\t\(name)\tNEVER MET") }
    for (seed, violation) in round.violations.prefix(20) {
        print("VIOLATION \(violation) (make simulate SEEDS=1 FROM=\(seed))")
    }
    if let seed = round.violations.first?.seed { showShrunken(seed) }
    let seconds = Double(spent.components.seconds) + Double(spent.components.attoseconds) / 1e18
    print("seeds \(round.seeds) commands \(round.commands) events \(round.events)", terminator: " ")
    print("violations \(round.violations.count)")
    print("seeds/s \(Int(Double(round.seeds) / seconds))")
    print("commands/s \(Int(Double(round.commands) / seconds))")
    print("events/s \(Int(Double(round.events) / seconds))")
    return round.violations.isEmpty && missing.isEmpty ? 0 : 1
}

exit(await simulate())
