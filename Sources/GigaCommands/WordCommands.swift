import FleetModel
import FleetProtocol
import Manifests

/// `giga answer`: what an agent asked is told to its next attempt.
enum AnswerCommand {
    static let usage = Usage(
        "answer",
        .decide,
        "Answer what a job asks, so that it goes on",
        positionals: "ID",
        options: [
            .value("text", "TEXT", "The answer; the next attempt goes on with it"),
            Usage.dryRun, Usage.json,
        ],
        example: "giga answer job-12 --text \"use port 8080\""
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        let id = try arguments.only("ID")
        let text = try arguments.required("text")
        let client = try CoordinatorClient(arguments, shop)
        let path = "/fleet/jobs/\(Percent.encoded(id))"
        if arguments.has("dry-run") {
            let job = try client.get(path, as: JobDetail.self)
            let question = job.dialogue?.open.map { "\"\($0.question)\"" } ?? "nothing"
            shop.console.say("would answer \(id), which asks \(question)")
            return .done
        }
        let request = AnswerRequest(text: text)
        let receipt = try client.post("\(path)/answer", request, as: Receipt.self)
        VerbCommand.show(id, receipt, arguments, shop)
        return .done
    }
}

/// `giga reprioritise`: other places in the queue.
enum ReprioritiseCommand {
    static let usage = Usage(
        "reprioritise",
        .decide,
        "Give jobs another priority",
        positionals: "ID…",
        options: [
            .value("priority", "PRIORITY", "critical, high, medium or low"), Usage.dryRun,
            Usage.json,
        ],
        example: "giga reprioritise job-12 --priority high"
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        let ids = try arguments.some("ID")
        let word = try arguments.required("priority")
        guard let priority = Priority(rawValue: word) else {
            let known = Priority.allCases.map(\.rawValue)
            let near = Spelling.nearest(to: word, among: known)
            throw .usage(
                "There is no priority \(word)",
                why: near.map { "did you mean \($0)?" }
                    ?? "priorities are \(known.joined(separator: ", "))",
                hint: usage.example
            )
        }
        let client = try CoordinatorClient(arguments, shop)
        for id in ids {
            let path = "/fleet/jobs/\(Percent.encoded(id))"
            if arguments.has("dry-run") {
                let job = try client.get(path, as: JobDetail.self).summary
                shop.console.say("would make \(id) \(word), now \(job.priority.rawValue)")
                continue
            }
            let request = PriorityRequest(priority: priority)
            let receipt = try client.post("\(path)/reprioritise", request, as: Receipt.self)
            VerbCommand.show(id, receipt, arguments, shop)
        }
        return .done
    }
}
