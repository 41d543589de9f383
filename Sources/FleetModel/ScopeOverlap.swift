/// Two globs of two scopes that mean a file in common.
package struct ScopeOverlap: Hashable, Sendable {
    package let own: Glob
    package let others: Glob
}

extension PathScope {
    /// Whether a person named the place of the work, and did not leave it open.
    ///
    /// One list says so when each of its globs does; the other lists can only take away from it.
    package var isNarrow: Bool { lists.contains(where: Self.isNarrow) }

    private static func isNarrow(_ list: [Glob]) -> Bool { list.allSatisfy(\.isNarrow) }

    /// Two globs that show that both scopes may allow the same file; nil when they cannot.
    ///
    /// It errs on the safe side only: each list of one is held against each list of the other, so
    /// that scopes of several lists may be said to overlap where no single file is in all of them.
    package func overlap(with other: PathScope) -> ScopeOverlap? {
        var shown: ScopeOverlap?
        for own in lists {
            for others in other.lists {
                guard let found = Self.overlap(own, others) else { return nil }
                // What people wrote to be narrow says most.
                if shown == nil || (Self.isNarrow(own) && Self.isNarrow(others)) { shown = found }
            }
        }
        return shown
    }

    private static func overlap(_ own: [Glob], _ others: [Glob]) -> ScopeOverlap? {
        for glob in own {
            // The same words are by far the most frequent overlap, and need no search.
            if let met = others.first(where: { $0 == glob || glob.meets($0) }) {
                return ScopeOverlap(own: glob, others: met)
            }
        }
        return nil
    }
}
