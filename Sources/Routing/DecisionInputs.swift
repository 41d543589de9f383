package import FleetModel

/// What a placement was computed from beyond the factories themselves, kept with its explanation.
package struct DecisionInputs: Hashable, Sendable, Codable {
    package var job: JobID
    package var product: String
    package var requirements: [Requirement]
    package var demand: EngineDemand
    package var repository: String?
    package var prefers: [Preference]
    /// What was left of the job's money; nil where there is no ceiling.
    package var microUSDLeft: Int64?
    /// Recent assignments of all eligible factories together, and how many factories these were.
    package var assignments: Int
    package var rivals: Int

    init(_ job: JobView, assignments: Int, rivals: Int) {
        self.job = job.id
        product = job.product
        requirements = job.requirementClass.requirements
        demand = job.requirementClass.demand
        repository = job.requirementClass.repository
        prefers = job.prefers
        microUSDLeft = job.budgetLeft.microUSD
        self.assignments = assignments
        self.rivals = rivals
    }

    /// The job as the router saw it, as far as the terms depend on it.
    var view: JobView {
        JobView(
            id: job,
            requirementClass: RequirementClass(
                requirements: requirements,
                demand: demand,
                repository: repository
            ),
            prefers: prefers,
            product: product,
            budgetLeft: Budget(microUSD: microUSDLeft)
        )
    }
}

/// What one of the best few factories was, as far as its terms depend on it.
package struct CandidateInputs: Hashable, Sendable, Codable {
    /// Those that requirements, wishes and affinity look at; the others change nothing.
    package var facts: FactSet
    package var stations: [StationGroup]
    package var isLate: Bool
    package var loadPPM: Int
    package var healthPPM: Int
    package var costClass: Int
    package var isWarm: Bool
    package var didProduct: Bool
    package var recentAssignments: Int
    package var rareCapabilities: [String]

    init(_ factory: FactoryView, for job: JobView) {
        facts = Self.facts(of: factory, for: job)
        stations = factory.stations
        isLate = factory.isLate
        loadPPM = factory.loadPPM
        healthPPM = factory.healthPPM
        costClass = factory.costClass
        isWarm = job.requirementClass.repository.map(factory.warmRepositories.contains) ?? false
        didProduct = factory.lastProducts.contains(job.product)
        recentAssignments = factory.recentAssignments
        rareCapabilities = factory.rareCapabilities
    }

    /// The factory as the router saw it, for `inputs`' job.
    func view(of id: FactoryID, for inputs: DecisionInputs) -> FactoryView {
        FactoryView(
            id: id,
            facts: facts,
            stations: stations,
            isLate: isLate,
            loadPPM: loadPPM,
            healthPPM: healthPPM,
            costClass: costClass,
            warmRepositories: Set(isWarm ? [inputs.repository].compactMap(\.self) : []),
            lastProducts: didProduct ? [inputs.product] : [],
            recentAssignments: recentAssignments,
            rareCapabilities: rareCapabilities
        )
    }

    private static func facts(of factory: FactoryView, for job: JobView) -> FactSet {
        var names = job.requirementClass.requirements.map(\.name)
        for case .fact(let wish) in job.prefers { names.append(wish.name) }
        if let repository = job.requirementClass.repository { names.append("repo:\(repository)") }
        return factory.facts.filter { fact in
            // A requirement of another system is explained by the one that is there.
            names.contains(fact.name) || fact.name.hasPrefix("os:")
                || fact.name.hasPrefix("arch:")
        }
    }
}
