package import FleetModel

/// Who speaks: the principal, and the person who answers for it.
package struct Voice: Hashable, Sendable {
    package let principal: Principal
    package let owner: String
    /// A program that writes code: its word never stands for a person's.
    package let isAgent: Bool
    /// Its token is valid now, of a role that decides, and for the product in question.
    package let mayDecide: Bool

    package init(principal: Principal, owner: String, isAgent: Bool, mayDecide: Bool) {
        self.principal = principal
        self.owner = owner
        self.isAgent = isAgent
        self.mayDecide = mayDecide
    }

    /// Whether a policy that names `reviewer` means this one.
    package func answers(to reviewer: String) -> Bool {
        let name = reviewer.hasPrefix("@") ? String(reviewer.dropFirst()) : reviewer
        return name == principal.name || name == owner
    }
}

/// Separation of duties: who may say yes to a change, and when enough have.
extension Job {
    /// `giga approve`: one reviewer's yes to the candidate that they saw, by its commit id.
    package func approve(
        by voice: Voice,
        submitter: String,
        commit named: String?,
        comment: String?
    ) throws(Refusal) -> [EventBody] {
        guard case .reviewers(let reviewers, let quorum) = terms.reviewPolicy else {
            throw notForReviewers
        }
        guard stage == .review else {
            throw StageTransition.refusal(
                "be approved",
                id,
                from: stage,
                to: .testing,
                hint: "giga show \(id)"
            )
        }
        guard isJudged, let candidate else { throw evidenceIsMissing("approved") }
        try refuseVoice(voice, submitter: submitter, reviewers)
        try refuseOtherCommit(named, than: candidate.commit)
        let given = review?.approvals(of: candidate.commit) ?? []
        if given.contains(where: { $0.owner == voice.owner }) { return [] }
        let approved = ReviewApproved(
            commit: candidate.commit,
            owner: voice.owner,
            comment: comment
        )
        guard Set(given.map(\.owner)).count + 1 >= quorum else {
            return [.reviewApproved(approved)]
        }
        let reason = "approved by \(quorum) of \(reviewers.count) reviewers"
        return [
            .reviewApproved(approved),
            .jobPassed(passes(candidate, reason)),
        ] + shipsUnlessPaused(candidate)
    }

    private var notForReviewers: Refusal {
        Refusal(
            .gate,
            "policy.not-reviewers",
            what: "\(id) does not wait for an approval",
            why: "its review policy is \(terms.reviewPolicy == .auto ? "auto" : "manual")",
            hint: stage == .review ? "giga promote \(id)" : "giga ship \(id)"
        )
    }

    func evidenceIsMissing(_ done: String) -> Refusal {
        Refusal(
            .conflict,
            "job.gathering-evidence",
            what: "\(id) cannot be \(done) yet",
            why: "its evidence is still being gathered",
            hint: "giga wait \(id) --for testing"
        )
    }

    /// Neither a program, nor the submitter, nor what worked on it, nor who was not asked.
    private func refuseVoice(
        _ voice: Voice,
        submitter: String,
        _ reviewers: [String]
    ) throws(Refusal) {
        func no(_ code: String, _ why: String) -> Refusal {
            Refusal(
                .forbidden,
                code,
                what: "\(voice.principal) cannot approve \(id)",
                why: why,
                hint: "ask one of \(reviewers.joined(separator: ", ")): giga inbox"
            )
        }
        if voice.isAgent {
            throw no("review.agent", "its token is an agent's, and this needs a person")
        }
        if voice.owner == submitter {
            throw no("review.own-work", "\(submitter) submitted it, and nobody approves own work")
        }
        if runs.contains(where: { $0.factory.name == voice.principal.name }) {
            throw no("review.own-work", "it worked on the job itself")
        }
        guard voice.mayDecide else {
            throw no("review.not-asked", "it has no valid token that may decide here")
        }
        guard reviewers.contains(where: voice.answers) else {
            throw no("review.not-asked", "its policy asks \(reviewers.joined(separator: ", "))")
        }
    }

    /// A word on another commit says nothing about this one.
    private func refuseOtherCommit(
        _ named: String?,
        than commit: String
    ) throws(Refusal) {
        guard let named, !named.isEmpty else {
            throw Refusal(
                .invalid,
                "review.no-commit",
                what: "An approval of \(id) must name what was looked at",
                why: "it names no commit; the candidate is \(commit)",
                hint: "giga approve \(id) --commit \(commit)"
            )
        }
        guard named == commit || (named.count >= 7 && commit.hasPrefix(named)) else {
            throw Refusal(
                .conflict,
                "review.other-commit",
                what: "This approval of \(id) is void",
                why: "it names \(named), and the candidate is \(commit) now",
                hint: "giga diff \(id), then giga approve \(id) --commit \(commit)"
            )
        }
    }

    /// What the gates' good end leads to: on, or to the reviewers.
    func asksReviewers(_ candidate: Candidate, wasVerified: Bool) -> [EventBody]? {
        guard case .reviewers(let reviewers, let quorum) = terms.reviewPolicy else { return nil }
        let reason =
            wasVerified
            ? "every gate passed: reviewers decide" : "no verify is known: reviewers decide"
        return [
            .gateEvaluated(Judged(commit: candidate.commit, reason: reason)),
            .reviewRequested(
                ReviewRequested(commit: candidate.commit, reviewers: reviewers, quorum: quorum)
            ),
        ]
    }
}

extension ReviewPolicy {
    /// The stricter of two policies; of two that ask different people, one that satisfies both.
    package static func stricter(_ first: ReviewPolicy, _ second: ReviewPolicy) -> ReviewPolicy {
        guard case .reviewers(let ours, let own) = first,
            case .reviewers(let theirs, let other) = second
        else { return first.strictness >= second.strictness ? first : second }
        if implies(ours, own, theirs, other) { return first }
        if implies(theirs, other, ours, own) { return second }
        let all = ours + theirs.filter { !ours.contains($0) }
        // So many of all that enough of each list must be among them.
        let quorum = max(own + all.count - ours.count, other + all.count - theirs.count)
        return .reviewers(all, quorum: min(quorum, all.count))
    }

    /// Whether any `own` of `ours` always contain `other` of `theirs`.
    private static func implies(
        _ ours: [String],
        _ own: Int,
        _ theirs: [String],
        _ other: Int
    ) -> Bool {
        own - ours.filter { !theirs.contains($0) }.count >= other
    }
}
