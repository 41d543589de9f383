import FleetCore
import FleetModel
import FleetProtocol
import Routing

/// Jobs as the API shows them.
extension FleetReading {
    func summary(
        of job: Job,
        among views: [FactoryView]? = nil,
        _ shortages: Shortages? = nil
    ) -> JobSummary {
        let condition = condition(of: job, among: views, shortages)
        return JobSummary(
            id: job.id,
            title: job.terms.title,
            stage: job.stage,
            condition: condition?.name.rawValue,
            reason: condition?.reason ?? endReason(of: job),
            product: job.terms.product,
            repo: job.terms.repo,
            profile: job.terms.profile.description,
            capabilities: job.terms.capabilities.map(\.text),
            trackerItem: job.manifest.trackerItem,
            engine: job.runs.last { $0.kind == .attempt }?.engine ?? job.terms.engine,
            factory: job.newestFactory,
            attempt: job.attempt,
            priority: job.terms.priority,
            submittedAt: Timestamp.text(job.submittedAt),
            costMicroUSD: job.spendMicroUSD,
            owner: state.owner(of: job),
            dependencies: job.dependencies
        )
    }

    /// Why an ended job ended as it did.
    private func endReason(of job: Job) -> String? {
        switch job.stage {
        case .failed, .deadLetter:
            job.lastFailure.map { failure in
                let last = failure.tail.last.map { ": \($0)" } ?? ""
                return failure.cause.rawValue + last
            }
        case .shipped: job.shipped?.reason
        default: nil
        }
    }

    func detail(of job: Job, _ live: Presence.LiveLease?) -> JobDetail {
        JobDetail(
            summary: summary(of: job),
            manifest: job.manifest,
            prompt: job.prompt,
            runs: job.runs.map(Self.runDetail),
            lease: job.lease.map { leaseDetail($0, live) },
            evidence: job.evidence,
            candidate: job.candidate,
            failure: job.lastFailure,
            events: job.eventCount,
            shipped: job.shipped.map {
                JobDetail.ShippedDetail(commit: $0.commit, target: $0.target, reason: $0.reason)
            },
            verify: job.terms.verify,
            target: job.terms.target,
            review: Self.review(of: job),
            dialogue: job.dialogue
        )
    }

    private static func review(of job: Job) -> ReviewDetail? {
        guard case .reviewers(let reviewers, let quorum) = job.terms.reviewPolicy else {
            return nil
        }
        let approvals = (job.review?.approvals ?? []).map { approval in
            ReviewDetail.Approval(
                by: approval.by,
                owner: approval.owner,
                commit: approval.commit,
                comment: approval.comment,
                at: Timestamp.text(approval.at),
                void: approval.commit != (job.candidate?.commit ?? job.runs.last?.commit)
            )
        }
        return ReviewDetail(reviewers: reviewers, quorum: quorum, approvals: approvals)
    }

    private static func runDetail(_ run: Run) -> JobDetail.RunDetail {
        JobDetail.RunDetail(
            id: run.id,
            kind: run.kind.rawValue,
            attempt: run.attempt,
            fence: run.fence,
            factory: run.factory.name,
            engine: run.engine,
            engineVersion: run.engineVersion,
            model: run.model,
            outcome: run.outcome,
            startedAt: run.startedAt.map(Timestamp.text),
            endedAt: run.endedAt.map(Timestamp.text),
            commit: run.commit,
            usage: run.usage,
            sandbox: run.sandbox,
            profile: run.profile?.description,
            promptHash: run.promptHash,
            notes: run.notes,
            artifacts: run.artifacts
        )
    }

    private func leaseDetail(
        _ lease: Lease,
        _ live: Presence.LiveLease?
    ) -> JobDetail.LeaseDetail {
        JobDetail.LeaseDetail(
            kind: lease.kind.rawValue,
            factory: lease.factory.name,
            fence: lease.fence,
            grantedAt: Timestamp.text(lease.granted),
            expiresAt: Timestamp.text(live?.expires ?? lease.expires)
        )
    }
}
