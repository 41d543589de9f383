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
    ///
    /// In milliseconds of station time; records of earlier versions counted assignments, and
    /// compute to the same, since only shares count.
    package var assignments: Int
    package var rivals: Int

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
}
