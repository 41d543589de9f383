/// Many seeds, one after the other, and what they came to.
package struct SimulationRound {
    package private(set) var seeds = 0
    package private(set) var events = 0
    package private(set) var reached: [String: Int] = [:]
    /// Each with the seed that shows it.
    package private(set) var violations: [(seed: UInt64, what: String)] = []

    package init(seeds range: Range<UInt64>) {
        for seed in range {
            let simulation = FleetSimulation.run(seed: seed)
            seeds += 1
            events += simulation.fleet.events.count
            reached.merge(simulation.check.reached, uniquingKeysWith: +)
            violations += simulation.check.violations.map { (seed, $0) }
        }
    }

    /// What a round must have met to mean anything; a zero is a hole in the simulation.
    package static let mustReach = [
        "a claim answered again", "a conflict retry", "a factory death", "a look",
        "a lost claim reply", "a lost message", "a lease told lost", "a ship run",
        "a ship run lost", "a stall made up for", "dead letter: all ", "dead letter: lost",
        "dead letter: the ", "recovery", "refused: factory.replaced", "refused: lease.stale",
        "refused: run.out-of-turn", "refused: stage.illegal", "stage building",
        "stage dead_letter", "stage failed", "stage queued", "stage review", "stage shipped",
        "stage testing", "target moves too fast", "end waiting for another",
        "end waiting for a promotion", "end waiting for a ship", "end paused",
        "end waiting for an answer", "job.answered", "job.pause_requested", "job.paused",
        "job.resumed", "job.reprioritised", "run.checkpointed", "product.resumed",
    ]

    /// Names that were never met.
    package var missing: [String] { Self.mustReach.filter { reached[$0, default: 0] == 0 } }
}
