import FleetModel
import FleetProtocol

/// `giga promote`, `ship`, `approve`, `reject`, `requeue`, `cancel`: a person's word on jobs.
struct VerbCommand: Sendable {
    private let verb: String
    let usage: Usage

    static let all = [
        VerbCommand("promote", "Vouch for a job that no verify can judge"),
        VerbCommand("ship", "Bring a job in testing to its target"),
        VerbCommand("approve", "Approve a job that waits for reviewers"),
        VerbCommand("reject", "End a job whose work is not wanted"),
        VerbCommand("requeue", "Start a job once more"),
        VerbCommand("cancel", "End a job; running work is stopped"),
    ]

    private init(_ verb: String, _ summary: String) {
        self.verb = verb
        usage = Usage(
            verb,
            .decide,
            summary,
            positionals: "ID…",
            options: [
                Usage.reason, .value("note", "TEXT", "The same as --reason"),
                Usage.dryRun, Usage.json,
            ],
            example: "giga \(verb) job-12"
        )
    }

    func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        let ids = try arguments.some("ID")
        let client = try CoordinatorClient(arguments, shop)
        let isHard = verb == "cancel" || verb == "reject"
        if isHard, !arguments.has("dry-run"),
            !shop.console.confirms("\(verb) \(ids.joined(separator: ", "))", arguments)
        {
            return .nothingChanged
        }
        for id in ids {
            let path = "/fleet/jobs/\(Percent.encoded(id))"
            if arguments.has("dry-run") {
                let job = try client.get(path, as: JobDetail.self)
                let title = job.summary.title
                shop.console.say(
                    "would ask to \(verb) \(id) (\(title)), now in \(job.summary.stage.rawValue)"
                )
                continue
            }
            let request = VerbRequest(reason: arguments.value("reason") ?? arguments.value("note"))
            let receipt = try client.post("\(path)/\(verb)", request, as: Receipt.self)
            show(id, receipt, arguments, shop)
        }
        return .done
    }

    private func show(_ id: String, _ receipt: Receipt, _ arguments: Arguments, _ shop: Shop) {
        if arguments.wantsJSON {
            JSONOutput.print(receipt, arguments, shop.console)
            return
        }
        let stage = receipt.stage?.rawValue ?? "unknown"
        let position = receipt.position.map { "event \($0)" } ?? "nothing changed"
        let awaited =
            verb == "cancel" && receipt.stage?.isEnded == false
            ? "; it ends when its factory reports, or its lease ends" : ""
        shop.console.print("\(id)  \(stage)  \(position)\(awaited)")
    }
}
