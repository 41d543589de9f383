/// Something that a job needs of a factory, as written: `os:linux`, `node>=20,<23`, `not:os:windows`.
package struct Requirement: Hashable, Sendable, Codable {
    package let text: String

    package init(text: String) { self.text = text }
}
