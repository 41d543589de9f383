package import FleetModel
import FleetRules

/// Why a review policy cannot be fulfilled by the people there are now, and what would change that.
package struct Shortage: Hashable, Sendable {
    package let reviewers: [String]
    package let quorum: Int
    /// Who could say yes, or has.
    package let able: [String]
    /// What stands against each of the others, in words; empty when some are one person.
    package let missing: [String]
    /// What would let one more of them speak; nil where no token would.
    package let remedy: String?

    /// `it needs 2 of bob, carol, and 1 could: carol has no token`.
    package var reason: String {
        "it needs \(quorum) of \(reviewers.joined(separator: ", ")), and \(able.count) could: "
            + (missing.isEmpty ? "some are one person" : missing.joined(separator: "; "))
    }
}

extension Shortage {
    /// What a person may do about it.
    func ending(of job: Job) -> String {
        remedy
            ?? "other reviewers in the profile \(job.terms.profile.name), or giga cancel \(job.id)"
    }

    /// The one thing to type about it.
    func command(of job: Job) -> String { remedy ?? "giga cancel \(job.id)" }
}

/// A review policy, and everything that decides on whether it can be fulfilled.
package struct ReviewQuestion: Hashable, Sendable {
    package var policy: ReviewPolicy
    package var product: String
    /// The person whose work it is; nil asks about nobody's.
    package var submitter: String?
    /// People who have said yes to the present commit: that counts, whatever became of them.
    package var given: Set<String> = []
    /// Factories that worked on it.
    package var workers: Set<String> = []

    package init(policy: ReviewPolicy, product: String, submitter: String?) {
        self.policy = policy
        self.product = product
        self.submitter = submitter
    }
}

extension People {
    /// Nil when the policy asks nobody, or enough people are there to answer.
    package func shortage(_ question: ReviewQuestion) -> Shortage? {
        guard case .reviewers(let reviewers, let quorum) = question.policy else { return nil }
        let voices = deciding(on: question.product)
        let willing = Self.willing(voices, reviewers, question)
        let able = Set(willing.map(\.owner)).union(question.given)
        guard able.count < quorum else { return nil }
        var (missing, remedies): ([String], [String]) = ([], [])
        for reviewer in reviewers where !willing.contains(where: { $0.answers(to: reviewer) }) {
            let name = reviewer.hasPrefix("@") ? String(reviewer.dropFirst()) : reviewer
            guard !question.given.contains(name) else { continue }
            let (reason, remedy) = objection(to: reviewer, name, voices, question)
            missing.append("\(reviewer) \(reason)")
            if let remedy { remedies.append(remedy) }
        }
        return Shortage(
            reviewers: reviewers,
            quorum: quorum,
            able: able.sorted(),
            missing: missing,
            remedy: remedies.first
        )
    }

    /// The people whom a policy asks and who could answer.
    package func willing(_ question: ReviewQuestion) -> [String] {
        guard case .reviewers(let reviewers, _) = question.policy else { return [] }
        let voices = Self.willing(deciding(on: question.product), reviewers, question)
        return Set(voices.map(\.owner)).sorted()
    }

    private static func willing(
        _ voices: [Voice],
        _ reviewers: [String],
        _ question: ReviewQuestion
    ) -> [Voice] {
        voices.filter { voice in
            voice.owner != question.submitter && !question.workers.contains(voice.principal.name)
                && reviewers.contains(where: voice.answers)
        }
    }

    private func objection(
        to reviewer: String,
        _ name: String,
        _ voices: [Voice],
        _ question: ReviewQuestion
    ) -> (reason: String, remedy: String?) {
        let own = voices.filter { $0.answers(to: reviewer) }
        if own.contains(where: { $0.owner == question.submitter }) { return ("submits it", nil) }
        if !own.isEmpty { return ("worked on it", nil) }
        let tokens = tokens(of: reviewer)
        // In another owner's name the same person would count as somebody else.
        let owner = tokens.first { $0.name == name }?.owner ?? name
        let owned = owner == name ? "" : " --owner \(owner)"
        let issue = "giga token issue \(name) --role operator\(owned)"
        if tokens.isEmpty { return ("has no token", issue) }
        guard tokens.contains(where: hasValid) else { return ("has no token that is valid", issue) }
        if tokens.allSatisfy(\.isAgent) { return ("is an agent", nil) }
        return (
            "has no token that may decide here",
            "giga token issue \(name)-reviews --role operator --owner \(name)"
        )
    }
}

extension FleetState {
    /// The terms with today's version of the profile, unless the file fixed one.
    func presentTerms(of job: Job) -> JobTerms {
        guard job.manifest.profile?.version == nil,
            let profile = profiles[job.terms.profile.name]?.last,
            let repository = repositories[job.terms.repo],
            var terms = try? JobTerms(
                resolving: job.manifest,
                title: job.terms.title,
                style: job.style,
                product: job.terms.product,
                profile: profile,
                repository: repository
            )
        else { return job.terms }
        // Priority lives beside the manifest: somebody may have changed it.
        terms.priority = job.terms.priority
        return terms
    }

    /// The review policy of `presentTerms`, without the rest of them.
    private func presentPolicy(of job: Job) -> ReviewPolicy {
        guard job.manifest.profile?.version == nil,
            let profile = profiles[job.terms.profile.name]?.last,
            let repository = repositories[job.terms.repo],
            let policy = try? JobTerms.reviewPolicy(resolving: job.manifest, profile, repository)
        else { return job.terms.reviewPolicy }
        return policy
    }

    /// What an open job's review asks now: a job in the queue will start with today's profile.
    package func reviewQuestion(of job: Job) -> ReviewQuestion {
        let newest = profiles[job.terms.profile.name]?.last?.reference
        let isToStart = job.stage == .queued && newest != job.terms.profile
        var question = ReviewQuestion(
            policy: isToStart ? presentPolicy(of: job) : job.terms.reviewPolicy,
            product: job.terms.product,
            submitter: owner(of: job)
        )
        guard case .reviewers = question.policy else { return question }
        question.workers = Set(job.runs.map(\.factory.name))
        // An attempt that is still to come makes another commit, which voids what was said.
        if job.stage == .review {
            question.given = Set(
                (job.review?.approvals(of: job.candidate?.commit) ?? []).map(\.owner)
            )
        }
        return question
    }
}
