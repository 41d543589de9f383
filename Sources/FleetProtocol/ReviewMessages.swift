package import FleetModel

/// Who is asked about a job's candidate, and what they said.
package struct ReviewDetail: Hashable, Sendable, Codable {
    package struct Approval: Hashable, Sendable, Codable {
        package var by: Principal
        package var owner: String
        package var commit: String
        package var comment: String?
        package var at: String
        /// It names another commit than the candidate, so it counts for nothing.
        package var void: Bool

        package init(
            by: Principal,
            owner: String,
            commit: String,
            comment: String? = nil,
            at: String,
            void: Bool
        ) {
            self.by = by
            self.owner = owner
            self.commit = commit
            self.comment = comment
            self.at = at
            self.void = void
        }
    }

    package var reviewers: [String]
    package var quorum: Int
    package var approvals: [Approval]

    package init(
        reviewers: [String],
        quorum: Int,
        approvals: [Approval]
    ) {
        self.reviewers = reviewers
        self.quorum = quorum
        self.approvals = approvals
    }
}

/// `POST /fleet/jobs/{id}/approve`.
package struct ApproveRequest: Hashable, Sendable, Codable {
    /// What was looked at: the candidate's commit id, or seven digits of it or more.
    package var commit: String?
    package var comment: String?

    package init(
        commit: String? = nil,
        comment: String? = nil
    ) {
        self.commit = commit
        self.comment = comment
    }
}

/// `POST /fleet/approvals`: all of them, or none.
package struct ApprovalsRequest: Hashable, Sendable, Codable {
    package struct One: Hashable, Sendable, Codable {
        package var id: JobID
        package var commit: String

        package init(
            id: JobID,
            commit: String
        ) {
            self.id = id
            self.commit = commit
        }
    }

    package var jobs: [One]
    package var comment: String?

    package init(
        jobs: [One],
        comment: String? = nil
    ) {
        self.jobs = jobs
        self.comment = comment
    }
}

package struct ApprovalsReply: Hashable, Sendable, Codable {
    package struct One: Hashable, Sendable, Codable {
        package var id: JobID
        package var stage: Stage

        package init(
            id: JobID,
            stage: Stage
        ) {
            self.id = id
            self.stage = stage
        }
    }

    package var jobs: [One]
    /// Position of the last event; missing when nothing changed.
    package var position: UInt64?

    package init(
        jobs: [One],
        position: UInt64? = nil
    ) {
        self.jobs = jobs
        self.position = position
    }
}
