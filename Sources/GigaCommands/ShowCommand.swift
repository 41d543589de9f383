import FleetModel
import FleetProtocol

/// `giga show`: one job with its runs, evidence and what it waits for.
enum ShowCommand {
    static let usage = Usage(
        "show",
        .work,
        "Show one job: runs, evidence, lease, result",
        positionals: "ID",
        options: [Usage.json],
        example: "giga show job-12"
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        let id = try arguments.only("ID")
        let client = try CoordinatorClient(arguments, shop)
        let job = try client.get("/fleet/jobs/\(Percent.encoded(id))", as: JobDetail.self)
        if arguments.wantsJSON {
            JSONOutput.print(job, arguments, shop.console)
        } else {
            for line in lines(job) { shop.console.print(line) }
        }
        return .done
    }

    private static func lines(_ job: JobDetail) -> [String] {
        let summary = job.summary
        let condition = summary.condition.map { " (\($0))" } ?? ""
        var lines = ["\(summary.id)  \(summary.title)", ""]
        lines.append("stage     \(summary.stage.rawValue)\(condition)")
        if let reason = summary.reason { lines.append("why       \(reason)") }
        lines.append("repo      \(summary.repo) → \(job.target)")
        lines.append("profile   \(summary.profile)   priority \(summary.priority.rawValue)")
        lines.append("verify    \(job.verify ?? "none: a person promotes it")")
        lines.append("owner     \(summary.owner)")
        if let review = job.review {
            let asked = review.reviewers.joined(separator: ", ")
            lines.append("reviewers \(review.quorum) of \(asked)")
            for approval in review.approvals {
                let state = approval.void ? ", void: another commit since" : ""
                lines.append("  \(approval.by) approved \(approval.commit.prefix(12))\(state)")
            }
        }
        if let question = job.dialogue?.open {
            lines.append("asks      \(question.question)")
        }
        if let lease = job.lease {
            lines.append(
                "lease     \(lease.kind) by \(lease.factory), fence \(lease.fence), until"
                    + " \(lease.expiresAt)"
            )
        }
        if let shipped = job.shipped {
            lines.append("shipped   \(shipped.commit ?? "nothing to ship") on \(shipped.target)")
        }
        if !job.runs.isEmpty { lines += ["", "runs"] }
        for run in job.runs {
            let engine = run.engine.map { " \($0) \(run.engineVersion ?? "")" } ?? ""
            lines.append("  \(run.id)  \(run.factory)\(engine)  \(run.outcome ?? "running")")
            for note in run.notes { lines.append("    \(note)") }
            for artifact in run.artifacts ?? [] {
                let size = Sizes.text(UInt64(clamping: artifact.bytes))
                lines.append("    artifact \(artifact.name)  \(size)  \(artifact.path)")
            }
        }
        if !job.evidence.isEmpty { lines += ["", "evidence"] }
        for item in job.evidence {
            lines.append("  \(item.gate.rawValue)  \(item.verdict.rawValue)  \(item.summary)")
            for missing in item.missingArtifacts ?? [] {
                lines.append("    artifact missing: \(missing)")
            }
        }
        if let failure = job.failure, summary.stage != .shipped {
            lines += ["", "last failure: \(failure.cause.rawValue)"]
            lines += failure.tail.suffix(10).map { "  \($0)" }
        }
        return lines
    }
}
