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
        let question = ReviewQuestion(
            policy: terms.reviewPolicy,
            product: terms.product,
            submitter: state.owner(of: submitter)
        )
        guard let shortage = people.shortage(question) else { return }
        throw Refusal(
            .gate,
            "policy.unfulfillable",
            what: "\(terms.title): nobody could fulfil its review policy",
            why: shortage.reason,
            hint: "\(shortage.remedy ?? "giga token issue NAME --role operator")"
                + "    or    name other reviewers"
        )
    }
}
