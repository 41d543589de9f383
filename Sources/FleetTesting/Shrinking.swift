/// A failing seed, cut down to the steps without which the same invariant holds again.
package struct Shrinking {
    package let seed: UInt64
    package let invariant: Invariant
    /// Steps that are left out.
    package private(set) var skipped: Set<Int> = []
    package private(set) var result: FleetSimulation

    /// Nil when the seed fails nothing.
    package init?(seed: UInt64, steps: Int = 200) {
        let whole = FleetSimulation.run(seed: seed, steps: steps)
        guard let invariant = whole.check.violations.first?.invariant else { return nil }
        self.seed = seed
        self.invariant = invariant
        result = whole
        // Large pieces first; each that is not needed stays out.
        var size = steps / 2
        while size > 0 {
            var start = 0
            while start < steps {
                leaveOut(start..<min(start + size, steps), of: steps)
                start += size
            }
            size /= 2
        }
    }

    private mutating func leaveOut(_ piece: Range<Int>, of steps: Int) {
        let tried = skipped.union(piece)
        guard tried.count > skipped.count else { return }
        let simulation = FleetSimulation.run(seed: seed, steps: steps, skipping: tried)
        guard simulation.check.violations.contains(where: { $0.invariant == invariant }) else {
            return
        }
        (skipped, result) = (tried, simulation)
    }
}
