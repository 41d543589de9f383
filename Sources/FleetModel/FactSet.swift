/// All that a factory states, each fact once; several values of one name may stand side by side.
package struct FactSet: Hashable, Sendable {
    /// Sorted, so that sets with the same facts are equal and iterate alike everywhere.
    package let facts: [Fact]

    package init(_ facts: some Sequence<Fact> = []) {
        self.facts = Set(facts).sorted()
    }

    private init(inOrder facts: [Fact]) { self.facts = facts }

    /// Those of them that are wanted; nothing is sorted anew.
    package func filter(_ isWanted: (Fact) -> Bool) -> FactSet {
        FactSet(inOrder: facts.filter(isWanted))
    }

    package init(parsing texts: some Sequence<String>) throws(RequirementFault) {
        var facts: [Fact] = []
        for text in texts { facts.append(try Fact(parsing: text)) }
        self.init(facts)
    }

    /// All facts of that name, the one with the highest version last.
    ///
    /// - Complexity: O(log n) in the number of facts.
    package func facts(named name: String) -> ArraySlice<Fact> {
        var low = 0
        var high = facts.count
        while low < high {
            let middle = (low + high) / 2
            if facts[middle].name < name { low = middle + 1 } else { high = middle }
        }
        var end = low
        while end < facts.count, facts[end].name == name { end += 1 }
        return facts[low..<end]
    }

    package func contains(named name: String) -> Bool { !facts(named: name).isEmpty }

    package func inserting(_ fact: Fact) -> FactSet { FactSet(facts + [fact]) }

    /// All facts of a family: `os:linux` for `os`.
    package func facts(ofFamily family: some StringProtocol) -> [Fact] {
        facts.filter { $0.family.map { $0 == family } ?? false }
    }
}

extension FactSet: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode([Fact].self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(facts)
    }
}

extension FactSet: CustomStringConvertible {
    package var description: String { facts.map(\.text).joined(separator: " ") }
}
