/// Which paths a job may change: those that every list of globs allows.
///
/// A job narrows its profile's scope by a list of its own. Asking both lists is what makes it
/// impossible to widen, and no judgement of a change rests on a comparison of globs with globs.
package struct PathScope: Hashable, Sendable {
    let lists: [[Glob]]

    /// A list without globs sets no bound.
    package init(_ lists: [[Glob]]) { self.lists = lists.filter { !$0.isEmpty } }

    package func allows(_ path: String) -> Bool {
        lists.allSatisfy { list in list.contains { $0.matches(path) } }
    }

    /// Those that it does not allow, in the order given.
    package func violations(of paths: [String]) -> [String] { paths.filter { !allows($0) } }

    /// The same scope with one more list to satisfy.
    package func narrowed(by globs: [Glob]) -> PathScope { PathScope(lists + [globs]) }
}
