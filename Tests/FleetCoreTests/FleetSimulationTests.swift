import FleetTesting
import Testing

/// People, factories, network, store, origin and coordinator against the invariants, in virtual
/// time.
@Suite struct FleetSimulationTests {
    @Test(arguments: 0..<4)
    func `no seed breaks an invariant, and together they meet every fault and state`(part: Int) {
        let first = UInt64(part) * 150 + 1
        let round = SimulationRound(seeds: first..<first + 150)
        for violation in round.violations.prefix(5) {
            Issue.record("seed \(violation.seed): \(violation.violation)")
        }
        #expect(round.violations.isEmpty)
        #expect(round.missing.isEmpty, "a simulation that never gets there proves nothing")
    }

    @Test(arguments: [1, 3, 20])
    func `seeds side by side come to what they come to one after the other`(workers: Int) async {
        let range = UInt64(1)..<13
        let alone = SimulationRound(seeds: range)
        let beside = await SimulationRound.run(range, workers: workers)
        #expect(beside.seeds == 12 && beside.reached == alone.reached)
        #expect(beside.events == alone.events && beside.commands == alone.commands)
    }

    @Test func `the same seed gives the same events`() {
        for seed in UInt64(1)...20 {
            let (first, second) = (FleetSimulation.run(seed: seed), FleetSimulation.run(seed: seed))
            #expect(first.fleet.events == second.fleet.events, "seed \(seed)")
            #expect(first.digest != FleetSimulation.run(seed: seed + 1).digest, "seed \(seed)")
        }
    }
}
