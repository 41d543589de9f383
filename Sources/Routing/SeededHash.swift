package import FleetModel

/// A number that looks random and is the same on every machine: FNV-1a, then SplitMix64's mixer.
///
/// - SeeAlso: G. Fowler, L. C. Noll, K.-P. Vo, "FNV hash"; G. Steele et al., "Fast splittable
///   pseudorandom number generators", OOPSLA 2014.
package enum SeededHash {
    package static func of(seed: UInt64, job: JobID, factory: FactoryID) -> UInt64 {
        var name = factory.name
        return name.withUTF8 { of(begin(seed: seed, job: job), name: $0) }
    }

    /// What all factories' numbers have in common.
    static func begin(seed: UInt64, job: JobID) -> UInt64 {
        var state: UInt64 = 0xCBF2_9CE4_8422_2325
        absorb(seed, into: &state)
        absorb(job.number, into: &state)
        return state
    }

    /// Goes on from `begin` with the factory's name in UTF-8.
    @inline(__always)
    static func of(_ begun: UInt64, name: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var state = begun
        for byte in name { absorb(byte, into: &state) }
        state = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        state = (state ^ (state >> 27)) &* 0x94D0_49BB_1331_11EB
        return state ^ (state >> 31)
    }

    private static func absorb(_ word: UInt64, into state: inout UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            absorb(UInt8(truncatingIfNeeded: word >> shift), into: &state)
        }
    }

    private static func absorb(_ byte: UInt8, into state: inout UInt64) {
        state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }
}
