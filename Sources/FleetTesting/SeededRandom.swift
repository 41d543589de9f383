/// A generator that gives the same numbers for the same seed, on every machine.
///
/// SplitMix64: small, quick, and good enough to choose what happens next in a test.
package struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// True about once in `count` times.
    package mutating func oneIn(_ count: UInt64) -> Bool { next() % count == 0 }

    /// One element of a collection that has some.
    package mutating func pick<Choices: RandomAccessCollection>(
        _ choices: Choices
    ) -> Choices.Element where Choices.Index == Int {
        precondition(!choices.isEmpty, "nothing to pick from")
        let offset = Int(next() % UInt64(choices.count))
        return choices[choices.startIndex + offset]
    }

    /// A whole number from `range`.
    package mutating func number(in range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.upperBound - range.lowerBound + 1))
    }
}
