/// Many seeds, and what they came to.
package struct SimulationRound: Sendable {
    package private(set) var seeds = 0
    package private(set) var events = 0
    package private(set) var commands = 0
    package private(set) var reached: [String: Int] = [:]
    /// Each with the seed that shows it.
    package private(set) var violations: [(seed: UInt64, violation: Violation)] = []

    /// One after the other.
    package init(seeds: some Sequence<UInt64>) {
        for seed in seeds {
            let simulation = FleetSimulation.run(seed: seed)
            self.seeds += 1
            events += simulation.store.events.count
            commands += simulation.commands
            reached.merge(simulation.check.reached, uniquingKeysWith: +)
            violations += simulation.check.violations.map { (seed, $0) }
        }
    }

    /// Side by side: no seed knows of another, so what comes out is the same for any number of
    /// `workers`.
    package static func run(
        _ seeds: Range<UInt64>,
        workers: Int
    ) async -> SimulationRound {
        let count = UInt64(max(1, workers))
        return await withTaskGroup { group in
            for worker in 0..<count {
                group.addTask { SimulationRound(seeds: seeds.lazy.filter { $0 % count == worker }) }
            }
            var whole = SimulationRound(seeds: [])
            for await part in group { whole.add(part) }
            whole.violations.sort { $0.seed < $1.seed }
            return whole
        }
    }

    private mutating func add(_ part: SimulationRound) {
        seeds += part.seeds
        events += part.events
        commands += part.commands
        reached.merge(part.reached, uniquingKeysWith: +)
        violations += part.violations
    }

    /// What goes wrong in a round; one that never did was not tried.
    package static let faults = [
        "fault: a claim reply lost", "fault: a commit unknown, and lost",
        "fault: a commit unknown, and stored", "fault: a coordinator died amid its replies",
        "fault: a coordinator died before its commit",
        "fault: a coordinator died before its replies", "fault: a coordinator died deciding",
        "fault: a coordinator restarted", "fault: a factory restarted with a new boot",
        "fault: a factory restarted with the same boot", "fault: a full disk",
        "fault: a leftover lives on", "fault: a message delayed", "fault: a message repeated",
        "fault: a process slept", "fault: a process slept past its lease", "fault: a reply lost",
        "fault: a request lost", "fault: a stall", "fault: messages reordered",
        "fault: the clock jumped ahead", "fault: the clock was set back",
        "fault: the reply to a push lost",
    ]

    /// What a round must have met to mean anything; a zero is a hole in the simulation.
    package static let states = [
        "a claim answered again", "a conflict retry", "a decision while a ship may have landed",
        "a key known again", "a late push refused",
        "a late push taken", "a lease told lost", "a preempted job resumed",
        "a leftover told to stop", "a look",
        "a ship run", "a ship run lost", "a sleeper went on", "a stall made up for",
        "a start from testing", "a start whose ground left testing",
        "a wait for an overlapping scope", "a wait for a better factory",
        "dead letter: all ", "dead letter: lost", "dead letter: the ", "decided events were lost",
        "end paused", "end waiting for a factory", "end waiting for a promotion",
        "end waiting for a ship", "end waiting for an answer", "end waiting for another",
        "job.answered", "job.cancel_requested", "job.pause_requested", "job.paused",
        "job.preempt_requested", "job.preempted",
        "job.reprioritised", "job.resumed", "product.resumed", "push refused", "recovery",
        "refused: coordinator.rescue", "refused: factory.replaced", "refused: job.key-conflict",
        "refused: lease.stale", "refused: run.out-of-turn", "refused: stage.illegal",
        "run.checkpointed", "stage building", "stage dead_letter", "stage failed",
        "stage queued", "stage review", "stage shipped", "stage testing",
        "target moves too fast",
    ]

    /// Names that were never met.
    package var missing: [String] {
        (Self.faults + Self.states).filter { reached[$0, default: 0] == 0 }
    }
}
