/// Something that a job needs of a factory: `os:linux`, `node>=20,<23`, `not:os:windows`.
///
/// Equal requirements have equal texts: `node >=20 <23` is kept as `node>=20,<23`.
package struct Requirement: Sendable {
    /// The shortest way to write it.
    package let text: String
    /// `not:` stood before it: met exactly when the rest is not.
    package let isNegated: Bool
    /// The fact that it asks for; `os:any` is met by every operating system.
    package let name: String
    /// All of them must hold for one and the same fact; empty when its presence is enough.
    package let bounds: [Bound]

    package init(parsing source: some StringProtocol) throws(RequirementFault) {
        var rest = RequirementSyntax.trimmed(Substring(source))
        isNegated = rest.hasPrefix("not:")
        if isNegated { rest = RequirementSyntax.trimmed(rest.dropFirst(4)) }
        if rest.hasPrefix("not:") {
            throw RequirementFault(
                what: "\"\(source)\" says not twice",
                hint: "leave both out"
            )
        }
        if RequirementSyntax.isPath(rest) {
            name = try RequirementSyntax.path(rest)
            bounds = []
        } else {
            let sign = RequirementSyntax.sign(in: rest) ?? rest.endIndex
            name = try RequirementSyntax.name(rest[..<sign], in: rest)
            bounds = try Self.bounds(rest[sign...], of: name)
        }
        if bounds.isEmpty, !isNegated {
            text = name
        } else {
            let joined = bounds.map(\.text).joined(separator: ",")
            text = "\(isNegated ? "not:" : "")\(name)\(joined)"
        }
    }

    /// One comparison of a fact's value, such as `>=20`.
    package struct Bound: Hashable, Sendable {
        package let comparison: Comparison
        package let value: String

        package var text: String { comparison.rawValue + value }
    }

    package enum Comparison: String, Hashable, Sendable, CaseIterable {
        case atLeast = ">="
        case atMost = "<="
        case differs = "!="
        case equals = "="
        case above = ">"
        case below = "<"
    }

    /// Whether adding facts to a factory can never make this requirement fail.
    ///
    /// False for `not:` alone: bounds ask for some fact that meets them all.
    package var isMonotonic: Bool { !isNegated }
}

extension Requirement {
    private static func bounds(
        _ text: Substring,
        of name: String
    ) throws(RequirementFault) -> [Bound] {
        var bounds: [Bound] = []
        var rest = text
        while !rest.isEmpty {
            let (comparison, after) = try comparison(rest, of: name)
            let from = after.drop { $0 == " " }
            let end = from.firstIndex { " ,<>=!".contains($0) } ?? from.endIndex
            let value = try RequirementSyntax.value(from[..<end], in: "\(name)\(text)")
            bounds.append(Bound(comparison: comparison, value: value))
            let next = from[end...].drop { $0 == " " }
            rest = next
            if next.first == "," {
                rest = next.dropFirst().drop { $0 == " " }
                if rest.isEmpty {
                    throw RequirementFault(
                        what: "\"\(name)\(text)\" ends in a comma",
                        hint: "leave the comma out"
                    )
                }
            }
        }
        return bounds
    }

    private static func comparison(
        _ text: Substring,
        of name: String
    ) throws(RequirementFault) -> (Comparison, Substring) {
        if text.hasPrefix("==") { return (.equals, text.dropFirst(2)) }
        // Two-character signs come first in the list of cases.
        for comparison in Comparison.allCases where text.hasPrefix(comparison.rawValue) {
            return (comparison, text.dropFirst(comparison.rawValue.count))
        }
        let seen = text.prefix(12)
        guard !text.hasPrefix("~"), !text.hasPrefix("^") else {
            throw RequirementFault(
                what:
                    "\"\(name)\(seen)\" uses \"\(text.prefix(1))\", which is not a comparison here",
                hint: "write both ends, like \(name)>=20,<21"
            )
        }
        throw RequirementFault(
            what: "\"\(seen)\" after \"\(name)\" is no comparison",
            hint: "use one of >= <= > < = !=, and one list item for each requirement"
        )
    }
}

extension Requirement: Hashable {
    package static func == (left: Requirement, right: Requirement) -> Bool {
        left.text == right.text
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

extension Requirement: CustomStringConvertible {
    package var description: String { text }
}

extension Requirement: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        do { try self.init(parsing: text) } catch { throw error.decoding(at: decoder.codingPath) }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
