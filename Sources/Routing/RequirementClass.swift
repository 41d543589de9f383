package import FleetModel

/// Which station a piece of work takes.
package enum EngineDemand: Hashable, Sendable, Codable {
    /// One engine by name; wins over profile and class.
    case engine(String)
    /// Whichever engine of that class.
    case engineClass(String)
    /// Ship runs start no engine and take no station.
    case none

    package func fits(_ station: StationKind) -> Bool {
        switch self {
        case .engine(let name): station.engine == name
        case .engineClass(let name): station.classes.contains(name)
        case .none: false
        }
    }
}

extension EngineDemand: CustomStringConvertible {
    package var description: String {
        switch self {
        case .engine(let name): "engine \(name)"
        case .engineClass(let name): "class \(name)"
        case .none: "no engine"
        }
    }
}

/// What jobs have in common that the same factories can do: jobs queue by it, not one by one.
package struct RequirementClass: Hashable, Sendable {
    /// Sorted by text and each there once, so that the order in a file makes no second class.
    package let requirements: [Requirement]
    package let demand: EngineDemand
    package let repository: String?

    package init(
        requirements: some Sequence<Requirement>,
        demand: EngineDemand,
        repository: String? = nil
    ) {
        self.requirements = Set(requirements).sorted { $0.text < $1.text }
        self.demand = demand
        self.repository = repository
    }

    /// The class of a ship run: the job's own requirements, the right to push, and no engine.
    ///
    /// Its verify runs with the job's tools, so the job's requirements stay.
    package func shipping(to repository: String) throws(RequirementFault) -> RequirementClass {
        let push = try Requirement(parsing: "push:\(repository)")
        return RequirementClass(
            requirements: requirements + [push],
            demand: .none,
            repository: repository
        )
    }
}
