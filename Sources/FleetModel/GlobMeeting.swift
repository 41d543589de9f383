extension Glob {
    /// Whether some file of a repository is meant by both patterns.
    ///
    /// The answer is exact: both patterns are walked at once, over all paths that git could name.
    ///
    /// - Complexity: the product of both lengths, and where they differ before their first special
    ///   character, which is the common case, no more than that beginning.
    package func meets(_ other: Glob) -> Bool {
        for (left, right) in zip(program, other.program) {
            guard case .exactly(let one) = left, case .exactly(let two) = right else { break }
            if one != two { return false }
        }
        var meeting = GlobMeeting(program, other.program)
        return meeting.isPossible()
    }

    /// Whether the pattern names one file, or all that it means lies within one folder of a folder.
    ///
    /// `README.md` and `src/payments/**` do, `src/**` and `*.md` do not.
    package var isNarrow: Bool {
        let literal = program.prefix { if case .exactly = $0 { true } else { false } }
        return literal.count == program.count
            || literal.count(where: { $0 == .exactly("/") }) >= 2
    }
}

/// A search for a path that leads through two patterns at once.
private struct GlobMeeting {
    /// What the last name of the path is so far: none of a repository's is empty, `.` or `..`.
    private enum Name: Int, CaseIterable {
        case empty, dot, dots, proper

        /// What a character makes of it; nil when no path goes on like that.
        func after(_ kind: CharacterKind) -> Name? {
            switch (self, kind) {
            case (.proper, .slash): .empty
            case (_, .slash): nil
            case (.empty, .dot): .dot
            case (.dot, .dot): .dots
            default: .proper
            }
        }
    }

    private let left: [[GlobMove]]
    private let right: [[GlobMove]]
    private var reached: [Bool]
    private var open: [(left: Int, right: Int, name: Name)] = []

    init(_ left: [GlobStep], _ right: [GlobStep]) {
        self.left = left.enumerated().map { GlobMove.moves(from: $0, at: $1) } + [[]]
        self.right = right.enumerated().map { GlobMove.moves(from: $0, at: $1) } + [[]]
        let places = self.left.count * self.right.count
        reached = [Bool](repeating: false, count: places * Name.allCases.count)
    }

    mutating func isPossible() -> Bool {
        reach(0, 0, .empty)
        while let (from, to, name) = open.popLast() {
            if from == left.count - 1, to == right.count - 1, name == .proper { return true }
            for one in left[from] where one.scalars == nil { reach(one.place, to, name) }
            for one in right[to] where one.scalars == nil { reach(from, one.place, name) }
            for one in left[from] {
                for other in right[to] {
                    guard let first = one.scalars, let second = other.scalars else { continue }
                    for kind in CharacterKind.allCases where first.shares(kind, with: second) {
                        guard let next = name.after(kind) else { continue }
                        reach(one.place, other.place, next)
                    }
                }
            }
        }
        return false
    }

    private mutating func reach(_ from: Int, _ to: Int, _ name: Name) {
        let place = (from * right.count + to) * Name.allCases.count + name.rawValue
        guard !reached[place] else { return }
        reached[place] = true
        open.append((from, to, name))
    }
}

/// All that a path's form depends on.
private enum CharacterKind: CaseIterable {
    case slash, dot, other
}

/// One way to go on from a place in a pattern; without characters it takes none.
private struct GlobMove {
    let place: Int
    let scalars: ScalarSet?

    static func moves(from place: Int, at step: GlobStep) -> [GlobMove] {
        func on(_ scalars: ScalarSet?, by count: Int = 1) -> GlobMove {
            GlobMove(place: place + count, scalars: scalars)
        }
        return switch step {
        case .exactly(let scalar): [on(ScalarSet(scalar))]
        case .oneInName: [on(.inName)]
        case .anythingInName: [on(nil), on(.inName, by: 0)]
        case .oneOf(let ranges, let isNegated): [on(ScalarSet(ranges, isNegated: isNegated))]
        case .foldersBegin: [on(nil), on(nil, by: 2)]
        case .folders: [on(ScalarSet("/")), on(.all, by: 0)]
        case .one: [on(.all)]
        case .anything: [on(nil), on(.all, by: 0)]
        }
    }
}

/// A set of characters, as ranges of their numbers in ascending order.
private struct ScalarSet {
    private let ranges: [ClosedRange<UInt32>]
    /// Whether `/` counts where a range holds it.
    private let hasSlash: Bool

    /// Without the numbers that stand for no character.
    private static let everything: [ClosedRange<UInt32>] = [0x1...0xD7FF, 0xE000...0x10FFFF]
    private static let slash: UInt32 = 0x2F
    private static let dot: UInt32 = 0x2E

    static let all = ScalarSet(ranges: everything, hasSlash: true)
    static let inName = ScalarSet(ranges: everything, hasSlash: false)

    private init(ranges: [ClosedRange<UInt32>], hasSlash: Bool) {
        (self.ranges, self.hasSlash) = (ranges, hasSlash)
    }

    init(_ scalar: Unicode.Scalar) {
        self.init(ranges: [scalar.value...scalar.value], hasSlash: true)
    }

    init(_ named: [ClosedRange<Unicode.Scalar>], isNegated: Bool) {
        let ranges = named.map { $0.lowerBound.value...$0.upperBound.value }
        self.init(ranges: isNegated ? Self.others(than: ranges) : ranges, hasSlash: false)
    }

    private static func others(than ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        ranges.reduce(everything) { left, taken in
            left.flatMap { range -> [ClosedRange<UInt32>] in
                guard range.overlaps(taken) else { return [range] }
                var rest: [ClosedRange<UInt32>] = []
                if range.lowerBound < taken.lowerBound {
                    rest.append(range.lowerBound...taken.lowerBound - 1)
                }
                if taken.upperBound < range.upperBound {
                    rest.append(taken.upperBound + 1...range.upperBound)
                }
                return rest
            }
        }
    }

    private func contains(_ number: UInt32) -> Bool { ranges.contains { $0.contains(number) } }

    /// Whether both have a character of that kind in common.
    func shares(_ kind: CharacterKind, with other: ScalarSet) -> Bool {
        switch kind {
        case .slash:
            hasSlash && other.hasSlash && contains(Self.slash) && other.contains(Self.slash)
        case .dot: contains(Self.dot) && other.contains(Self.dot)
        case .other:
            ranges.contains { range in
                other.ranges.contains { another in
                    let low = max(range.lowerBound, another.lowerBound)
                    let high = min(range.upperBound, another.upperBound)
                    // The two that are asked for by themselves stand side by side.
                    return low <= high && !(low >= Self.dot && high <= Self.slash)
                }
            }
        }
    }
}
