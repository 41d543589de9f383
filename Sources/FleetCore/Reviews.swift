package import FleetModel
import FleetRules

/// One yes among several that are given together.
package struct ApprovalOrder: Hashable, Sendable {
    package var job: JobID
    /// What the reviewer looked at; seven digits of it are enough.
    package var commit: String?

    package init(job: JobID, commit: String?) {
        self.job = job
        self.commit = commit
    }
}

/// Reviewers: their words, and whether there can be enough of them.
extension Fleet {
    /// All of them, or none: what is looked at together is decided together.
    mutating func approve(
        _ orders: [ApprovalOrder],
        comment: String?,
        by person: Principal
    ) throws(Refusal) {
        guard !orders.isEmpty, Set(orders.map(\.job)).count == orders.count else {
            throw Refusal(
                .invalid,
                "review.twice",
                what: "These approvals make no sense together",
                why: orders.isEmpty ? "there is none" : "one job is named twice",
                hint: "giga approve ID…"
            )
        }
        var decided: [(JobID, [EventBody])] = []
        for order in orders {
            let job = try job(order.job)
            let bodies = try job.approve(
                by: people.voice(of: person, on: job.terms.product),
                submitter: state.owner(of: job),
                commit: order.commit,
                comment: comment
            )
            decided.append((job.id, bodies))
        }
        for (id, bodies) in decided { emit(bodies, on: id, by: person) }
        turn.answer = .decided(
            orders.map { order in
                Standing(job: order.job, stage: state.jobs[order.job]?.stage ?? .review)
            }
        )
    }

    /// A policy that no existing principals could fulfil would hold the job for ever.
    func refuseUnfulfillable(
        _ terms: JobTerms,
        by submitter: Principal
    ) throws(Refusal) {
        guard case .reviewers(let reviewers, let quorum) = terms.reviewPolicy else { return }
        let own = state.owner(of: submitter)
        let voices = people.deciding(on: terms.product)
        let willing = voices.filter { voice in
            voice.owner != own && reviewers.contains(where: voice.answers)
        }
        let able = Set(willing.map(\.owner)).count
        guard able < quorum else { return }
        let missing = reviewers.compactMap { reviewer -> String? in
            if willing.contains(where: { $0.answers(to: reviewer) }) { return nil }
            return "\(reviewer) \(reasonAgainst(reviewer, voices, own))"
        }
        throw Refusal(
            .gate,
            "policy.unfulfillable",
            what: "\(terms.title): nobody could fulfil its review policy",
            why: "it needs \(quorum) of \(reviewers.joined(separator: ", ")), and \(able) could: "
                + (missing.isEmpty ? "some are one person" : missing.joined(separator: "; ")),
            hint: "giga token issue NAME --role operator    or    name other reviewers"
        )
    }

    private func reasonAgainst(_ reviewer: String, _ voices: [Voice], _ own: String) -> String {
        if voices.contains(where: { $0.answers(to: reviewer) && $0.owner == own }) {
            return "submits it"
        }
        let tokens = people.tokens(of: reviewer)
        if tokens.isEmpty { return "has no token" }
        if !tokens.contains(where: people.hasValid) { return "has no token that is valid" }
        if tokens.allSatisfy(\.isAgent) { return "is an agent" }
        return "has no token that may decide here"
    }
}
