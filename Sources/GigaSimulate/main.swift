import FleetModel
import FleetTesting
import Glibc

/// `giga-simulate --seeds N --first S`: the rules of the fleet, many seeds, in virtual time.
///
/// Ends with 1 when a rule was broken or an interesting case was never met, 2 on a wrong argument.
struct Arguments {
    var seeds: UInt64 = 1000
    var first: UInt64 = 1
    var digest = false

    init?(_ words: some Sequence<String>) {
        var words = words.makeIterator()
        while let word = words.next() {
            switch word {
            case "--digest": digest = true
            case "--seeds", "--first":
                guard let number = words.next().flatMap(UInt64.init) else { return nil }
                if word == "--seeds" { seeds = number } else { first = number }
            default: return nil
            }
        }
        guard seeds > 0 else { return nil }
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

@MainActor func simulate() -> Int32 {
    guard let arguments = Arguments(CommandLine.arguments.dropFirst()) else {
        print("usage: giga-simulate [--seeds N] [--first S] [--digest]")
        return 2
    }
    let range = arguments.first..<arguments.first + arguments.seeds
    if arguments.digest {
        for seed in range { print(seed, FleetSimulation.run(seed: seed).digest) }
        return 0
    }
    if arguments.seeds == 1 { show(FleetSimulation.run(seed: arguments.first).fleet.events) }
    let clock = ContinuousClock()
    let start = clock.now
    let round = SimulationRound(seeds: range)
    let spent = start.duration(to: clock.now)
    for (name, count) in round.reached.sorted(by: { $0.key < $1.key }) {
        print("\(count)\t\(name)")
    }
    for name in round.missing { print("0\t\(name)\tNEVER MET") }
    for (seed, what) in round.violations.prefix(20) {
        print("VIOLATION seed \(seed): \(what) (giga-simulate --seeds 1 --first \(seed))")
    }
    let seconds = Double(spent.components.seconds) + Double(spent.components.attoseconds) / 1e18
    print("seeds \(round.seeds) events \(round.events) violations \(round.violations.count)")
    print("seeds/s \(Int(Double(round.seeds) / seconds))")
    return round.violations.isEmpty && round.missing.isEmpty ? 0 : 1
}

exit(simulate())
