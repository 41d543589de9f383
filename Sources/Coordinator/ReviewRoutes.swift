import FleetCore
import FleetModel
import FleetProtocol
import HTTPServing

/// Calls of reviewers.
extension FleetAPI {
    private static let reviewProblems: [Problem.Kind] = [
        .unknownJob, .notReviewers, .illegalStage, .gatheringEvidence, .needsPerson, .ownWork,
        .notAsked, .noCommit, .otherReviewedCommit,
    ]

    static let reviewCalls: [Call] = [
        Call(
            .post,
            "/fleet/jobs/{id}/approve",
            name: "approveJob",
            "Approves the candidate of a job that waits for reviewers",
            who: .person,
            body: .json(ApproveRequest(commit: "3f786850e387550fdab836ed7e6dc881de23001b")),
            replies: [.json(200, Receipt.self, "Approved, or it was so already")],
            problems: reviewProblems,
            serve: \.approve
        ),
        Call(
            .post,
            "/fleet/approvals",
            name: "approveJobs",
            "Approves several candidates, whole or not at all",
            who: .person,
            body: .json(
                ApprovalsRequest(
                    jobs: [
                        .init(id: JobID(12), commit: "3f786850e387550fdab836ed7e6dc881de23001b")
                    ]
                )
            ),
            replies: [.json(200, ApprovalsReply.self, "Where each stands now")],
            problems: reviewProblems + [.twice],
            serve: \.approveAll
        ),
    ]

    private var approve: Route.Handler {
        { request, parameters, responder in
            do throws(Problem) {
                let person = try authority.person(request, model)
                let id = try job(parameters)
                let body =
                    request.body.isEmpty ? nil : try request.decodeStrictly(ApproveRequest.self)
                let command = Command.approve(
                    [ApprovalOrder(job: id, commit: body?.commit)],
                    comment: body?.comment,
                    by: person
                )
                try perform(command, of: request, by: person, responder) { committed in
                    var receipt = Receipt(id: "\(id)", position: committed.position)
                    if case .decided(let jobs) = committed.answer {
                        receipt.stage = jobs.first?.stage
                    }
                    return .encoding(receipt)
                }
            } catch {
                responder.respond(error)
            }
        }
    }

    private var approveAll: Route.Handler {
        { request, _, responder in
            do throws(Problem) {
                let bearer = try authority.bearer(request, model)
                let body = try request.decodeStrictly(ApprovalsRequest.self)
                for one in body.jobs { try Self.refuse(bearer, try find(one.id).terms.product) }
                let command = Command.approve(
                    body.jobs.map { ApprovalOrder(job: $0.id, commit: $0.commit) },
                    comment: body.comment,
                    by: bearer.principal
                )
                try perform(command, of: request, by: bearer.principal, responder) { committed in
                    guard case .decided(let jobs) = committed.answer else { return .empty(204) }
                    return .encoding(
                        ApprovalsReply(
                            jobs: jobs.map { .init(id: $0.job, stage: $0.stage) },
                            position: committed.position
                        )
                    )
                }
            } catch {
                responder.respond(error)
            }
        }
    }
}
