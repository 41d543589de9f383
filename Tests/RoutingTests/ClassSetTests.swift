import Testing

@testable import Routing

@Suite struct ClassSetTests {
    private func members(_ set: ClassSet) -> [Int] {
        var found: [Int] = []
        set.forEach { found.append($0.index) }
        return found
    }

    private func random(using random: inout SeededRandom) -> Set<Int> {
        // Of several words, of one, and of none.
        let most = [1, 40, 64, 65, 300].randomElement(using: &random) ?? 1
        let count = Int.random(in: 0...20, using: &random)
        return Set((0..<count).map { _ in Int.random(in: 0..<most, using: &random) })
    }

    private func classes(_ indices: Set<Int>) -> ClassSet {
        var set = ClassSet()
        for index in indices { set.insert(ClassID(index: index)) }
        return set
    }

    @Test(arguments: UInt64(1)...30)
    func `it is a set like any other`(seed: UInt64) {
        var random = SeededRandom(seed)
        for _ in 0..<40 {
            let (one, other) = (self.random(using: &random), self.random(using: &random))
            let (left, right) = (classes(one), classes(other))
            #expect(members(left) == one.sorted() && left.isEmpty == one.isEmpty)
            #expect((0..<320).allSatisfy { left.contains(ClassID(index: $0)) == one.contains($0) })
            #expect(members(left.intersection(right)) == one.intersection(other).sorted())
            #expect(left.intersects(right) == !one.isDisjoint(with: other))
            var both: [Int] = []
            left.forEach(in: right) { both.append($0.index) }
            #expect(both == one.intersection(other).sorted())
            var union = left
            union.formUnion(right)
            #expect(members(union) == one.union(other).sorted())
            var less = union
            for index in other { less.remove(ClassID(index: index)) }
            #expect(members(less) == one.subtracting(other).sorted())
        }
    }

    private static let shares: [(part: Int64, total: Int64, share: Int)] = [
        (.max - 1, .max, 999_999), (.max / 2, .max, 499_999), (1 << 43, 1 << 44, 500_000),
        ((1 << 43) - 1, 1 << 44, 499_999), (1, .max, 0), (0, 0, 0), (-1, 5, 0), (5, 5, 1_000_000),
        (6, 5, 1_000_000),
    ]

    @Test(arguments: shares)
    func `a share of any numbers is rounded down and neither overflows nor leaves its bounds`(
        case own: (part: Int64, total: Int64, share: Int)
    ) {
        #expect(Share.of(own.part, in: own.total) == own.share)
    }
}
