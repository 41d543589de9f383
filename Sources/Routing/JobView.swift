package import FleetModel

/// One job, or one ship run of it, as the router sees it.
package struct JobView: Hashable, Sendable {
    package var id: JobID
    package var requirementClass: RequirementClass
    package var prefers: [Preference]
    package var product: String
    package var priority: Priority
    package var submittedAt: Instant
    /// What is left of each ceiling; nil where there is none.
    package var budgetLeft: Budget
    /// Decided before the router is asked: dependencies, a held lock, a hold, backoff.
    package var blockage: Blockage?

    package init(
        id: JobID,
        requirementClass: RequirementClass,
        prefers: [Preference] = [],
        product: String = "main",
        priority: Priority = .medium,
        submittedAt: Instant = .epoch,
        budgetLeft: Budget = Budget(),
        blockage: Blockage? = nil
    ) {
        self.id = id
        self.requirementClass = requirementClass
        self.prefers = prefers
        self.product = product
        self.priority = priority
        self.submittedAt = submittedAt
        self.budgetLeft = budgetLeft
        self.blockage = blockage
    }
}

/// Why a job is not asked about at all.
package struct Blockage: Hashable, Sendable, Codable {
    /// One word for scripts, such as `locked`.
    package let condition: String
    /// One sentence for people, naming what stands in the way.
    package let reason: String

    package init(condition: String, reason: String) {
        self.condition = condition
        self.reason = reason
    }
}

extension JobView {
    /// What stands in the way before any factory is looked at.
    package var standing: Blockage? {
        if let blockage { return blockage }
        // Ship runs call no model: an empty budget must not keep finished work from shipping.
        if requirementClass.demand == .none { return nil }
        if let left = budgetLeft.microUSD, left <= 0 { return Self.nothingLeft(of: "usd") }
        if let left = budgetLeft.tokens, left <= 0 { return Self.nothingLeft(of: "tokens") }
        if let left = budgetLeft.wall, left <= .zero { return Self.nothingLeft(of: "wall") }
        return nil
    }

    private static func nothingLeft(of ceiling: String) -> Blockage {
        Blockage(condition: "budget", reason: "nothing is left of budget.\(ceiling)")
    }
}
