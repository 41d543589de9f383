/// A pattern over paths relative to a repository's root.
package struct Glob: Hashable, Sendable, Codable {
    package let pattern: String

    package init(pattern: String) { self.pattern = pattern }
}
