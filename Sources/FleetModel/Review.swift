/// Who is asked about one commit; nothing else counts until enough of them have said yes.
package struct ReviewRequested: Hashable, Sendable, Codable {
    package var commit: String
    package var reviewers: [String]
    package var quorum: Int

    package init(commit: String, reviewers: [String], quorum: Int) {
        self.commit = commit
        self.reviewers = reviewers
        self.quorum = quorum
    }
}

/// One reviewer's yes to one commit.
package struct ReviewApproved: Hashable, Sendable, Codable {
    package var commit: String
    /// The person behind the principal, however many tokens that one has.
    package var owner: String
    package var comment: String?

    package init(commit: String, owner: String, comment: String? = nil) {
        self.commit = commit
        self.owner = owner
        self.comment = comment
    }
}

/// All approvals that a job ever got; one that names another commit than the candidate is void.
@usableFromInline
package struct Review: Hashable, Sendable, Codable {
    package struct Approval: Hashable, Sendable, Codable {
        package var by: Principal
        package var owner: String
        package var commit: String
        package var comment: String?
        package var at: Instant

        package init(by: Principal, _ body: ReviewApproved, at: Instant) {
            self.by = by
            owner = body.owner
            commit = body.commit
            comment = body.comment
            self.at = at
        }
    }

    package var approvals: [Approval] = []

    package init() {}

    /// Approvals that count for `commit`.
    package func approvals(of commit: String?) -> [Approval] {
        approvals.filter { $0.commit == commit }
    }
}
