import FleetModel
import FleetProtocol

/// `giga promote`, `ship`, `approve`, `reject`, `requeue`, `cancel`: a person's word on jobs.
struct VerbCommand: Sendable {
    private let verb: String
    let usage: Usage

    static let all = [
        VerbCommand("promote", "Vouch for a job that no verify can judge"),
        VerbCommand("ship", "Bring a job in testing to its target"),
        VerbCommand("reject", "End a job whose work is not wanted"),
        VerbCommand("requeue", "Start a job once more"),
        VerbCommand("cancel", "End a job; running work is stopped"),
    ]

    /// Its words may also name a product: `PauseCommand` and `ResumeCommand` look at that first.
    static let pause = VerbCommand("pause", "")
    static let resume = VerbCommand("resume", "")

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
            Self.show(id, receipt, awaited: awaited(receipt), arguments, shop)
        }
        return .done
    }

    /// What still has to happen before the word is true.
    private func awaited(_ receipt: Receipt) -> String {
        if verb == "ship" {
            return receipt.stage == .testing
                ? "; it ships when a factory that may push takes it" : ""
        }
        let ends = ["cancel", "reject"].contains(verb) && receipt.stage?.isEnded == false
        let pauses = verb == "pause" && receipt.stage?.holdsAttempt == true
        return ends || pauses
            ? "; it \(ends ? "ends" : "pauses") when its factory reports, or its lease ends" : ""
    }

    static func show(
        _ id: String,
        _ receipt: Receipt,
        awaited: String = "",
        _ arguments: Arguments,
        _ shop: Shop
    ) {
        if arguments.wantsJSON {
            JSONOutput.print(receipt, arguments, shop.console)
            return
        }
        let stage = receipt.stage?.rawValue ?? "unknown"
        let position = receipt.position.map { "event \($0)" } ?? "nothing changed"
        shop.console.print("\(id)  \(stage)  \(position)\(awaited)")
    }
}
