/// What became of one requirement at one factory.
package enum RequirementMatch: Hashable, Sendable {
    /// The fact that met it; nil when `not:` was met because nothing of the kind is there.
    case met(by: Fact?)
    /// A sentence part that names the fact which failed: `needs node>=20, has node=18.2`.
    case missed(reason: String)

    package var isMet: Bool {
        switch self {
        case .met: true
        case .missed: false
        }
    }

    /// The fact that met it, when there is one.
    package var fact: Fact? {
        switch self {
        case .met(let fact): fact
        case .missed: nil
        }
    }
}

extension Requirement {
    /// Holds this requirement against what a factory states; total, and the same everywhere.
    ///
    /// - Complexity: O(log n) in the number of facts, and linear for `os:any` and for misses.
    package func check(against set: FactSet) -> RequirementMatch {
        let match = checkPositive(against: set)
        guard isNegated else { return match }
        switch match {
        case .met(let fact):
            return .missed(reason: "needs \(text), has \(fact?.text ?? name)")
        case .missed:
            return .met(by: sibling(in: set))
        }
    }

    private func checkPositive(against set: FactSet) -> RequirementMatch {
        if name == "os:any", bounds.isEmpty {
            if let system = set.facts(ofFamily: "os").first { return .met(by: system) }
            return .missed(reason: "needs \(text), states no os")
        }
        let named = set.facts(named: name)
        guard let best = named.last else {
            // One machine has one system and one architecture: naming it explains the miss.
            if let sibling = sibling(in: set) {
                return .missed(reason: "needs \(text), has \(sibling.text)")
            }
            return .missed(reason: "needs \(text), has none")
        }
        if let fact = named.last(where: { fact in bounds.allSatisfy { $0.holds(for: fact) } }) {
            return .met(by: fact)
        }
        guard best.value != nil else {
            return .missed(reason: "needs \(text), has \(best.name) without a version")
        }
        return .missed(reason: "needs \(text), has \(best.text)")
    }

    /// The fact that stands where the wanted one would: `os:windows` for `os:linux`.
    private func sibling(in set: FactSet) -> Fact? {
        guard let family = RequirementSyntax.family(of: name), family == "os" || family == "arch"
        else { return set.facts(named: name).last }
        return set.facts(ofFamily: family).first
    }
}

extension Requirement.Bound {
    /// Whether a fact's value meets this bound; never when the two cannot be compared.
    package func holds(for fact: Fact) -> Bool {
        guard let stated = fact.value else { return false }
        if ByteSize.hasUnit(value) || ByteSize.hasUnit(stated) {
            guard let wanted = ByteSize.bytes(of: value), let bytes = fact.bytes else {
                return false
            }
            return comparison.holds(bytes, wanted)
        }
        if let wanted = Version(text: value) {
            guard let version = fact.version else { return false }
            return comparison.holds(version, wanted)
        }
        switch comparison {
        case .equals: return stated == value
        case .differs: return stated != value
        case .atLeast, .atMost, .above, .below: return false
        }
    }
}

extension Requirement.Comparison {
    fileprivate func holds<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
        switch self {
        case .atLeast: left >= right
        case .atMost: left <= right
        case .differs: left != right
        case .equals: left == right
        case .above: left > right
        case .below: left < right
        }
    }
}
