import FleetModel
import FleetProtocol

/// `giga approve`: a reviewer's yes, bound to the commits that were shown.
enum ApproveCommand {
    static let usage = Usage(
        "approve",
        .decide,
        "Approve jobs that wait for reviewers, all of them or none",
        positionals: "ID…",
        options: [
            .value("commit", "ID", "The commit that you looked at; for one job only"),
            .value("comment", "TEXT", "Kept with the approval"), Usage.dryRun, Usage.json,
        ],
        example: "giga approve job-12 job-13"
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        let ids = try arguments.some("ID")
        let commit = arguments.value("commit")
        if commit != nil, ids.count > 1 {
            throw .usage(
                "--commit is for one job",
                why: "\(ids.count) were given, and each has a commit of its own",
                hint: "giga approve \(ids[0]) --commit \(commit ?? "")"
            )
        }
        let client = try CoordinatorClient(arguments, shop)
        var orders: [(id: String, commit: String?)] = []
        for id in ids {
            let job = try client.get("/fleet/jobs/\(Percent.encoded(id))", as: JobDetail.self)
            let seen = commit ?? job.candidate?.commit
            if arguments.has("dry-run") {
                shop.console.say(
                    "would approve \(id) (\(job.summary.title)) at"
                        + " \(seen?.prefix(12) ?? "no commit")"
                        + " for \(job.summary.repo) \(job.target)"
                )
            }
            orders.append((id, seen))
        }
        if arguments.has("dry-run") { return .done }
        if orders.count == 1 {
            try approveOne(orders[0].id, orders[0].commit, client, arguments, shop)
        } else {
            try approveAll(orders, client, arguments, shop)
        }
        return .done
    }

    private static func approveOne(
        _ id: String,
        _ commit: String?,
        _ client: CoordinatorClient,
        _ arguments: Arguments,
        _ shop: Shop
    ) throws(CommandFault) {
        let request = ApproveRequest(commit: commit, comment: arguments.value("comment"))
        let path = "/fleet/jobs/\(Percent.encoded(id))/approve"
        let receipt = try client.post(path, request, as: Receipt.self)
        VerbCommand.show(id, receipt, arguments, shop)
    }

    private static func approveAll(
        _ orders: [(id: String, commit: String?)],
        _ client: CoordinatorClient,
        _ arguments: Arguments,
        _ shop: Shop
    ) throws(CommandFault) {
        let jobs = orders.compactMap { order in
            JobID(text: order.id).map {
                ApprovalsRequest.One(id: $0, commit: order.commit ?? "")
            }
        }
        let request = ApprovalsRequest(jobs: jobs, comment: arguments.value("comment"))
        let reply = try client.post("/fleet/approvals", request, as: ApprovalsReply.self)
        if arguments.wantsJSON {
            JSONOutput.print(reply, arguments, rows: "jobs", shop.console)
            return
        }
        let position = reply.position.map { "event \($0)" } ?? "nothing changed"
        for job in reply.jobs {
            shop.console.print("\(job.id)  \(job.stage.rawValue)  \(position)")
        }
    }
}
