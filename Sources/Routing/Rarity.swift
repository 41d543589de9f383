package import FleetModel

/// How many factories state each capability, kept up to date as they come and go.
///
/// A capability is rare when at most a quarter of the fleet has it, or just one factory of several:
/// the one machine with Xcode is better kept for work that needs Xcode.
package struct Rarity: Sendable {
    private var holders: [String: Int] = [:]
    private var factories = 0
    /// Another number after each change: what was rare before may not be now.
    private(set) var version = 0

    package init() {}

    package mutating func add(_ facts: FactSet) {
        factories += 1
        version += 1
        for name in Self.names(in: facts) { holders[name, default: 0] += 1 }
    }

    package mutating func remove(_ facts: FactSet) {
        factories -= 1
        version += 1
        for name in Self.names(in: facts) { holders[name, default: 0] -= 1 }
    }

    /// Names of those facts that are rare in the fleet, sorted.
    package func rare(in facts: FactSet) -> [String] { rare(among: Self.names(in: facts)) }

    /// The same of `names(in:)`, for whoever keeps them.
    package func rare(among names: [String]) -> [String] {
        guard factories > 1 else { return [] }
        return names.filter { holders[$0, default: 0] <= max(1, factories / 4) }
    }

    /// Capabilities proper: not what is measured, and not what belongs to one repository or engine.
    package static func names(in facts: FactSet) -> [String] {
        var names: [String] = []
        for fact in facts.facts where names.last != fact.name {
            switch fact.family {
            case "path", "repo", "push", "cred", "engine": continue
            default: break
            }
            if ["cores", "memory", "disk"].contains(fact.name) { continue }
            names.append(fact.name)
        }
        return names
    }
}
