import FleetModel
import FleetProtocol

/// `giga graph`: which job waits for which.
enum GraphCommand {
    static let usage = Usage(
        "graph",
        .work,
        "Show which job waits for which",
        positionals: "[ID…]",
        options: [.flag("dot", "Print it for Graphviz"), Usage.json],
        example: "giga graph job-12"
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        let client = try CoordinatorClient(arguments, shop)
        let jobs = try JobsCommand.all(client).jobs
        let known = Set(jobs.map(\.id))
        var wanted: [JobID] = []
        for word in arguments.positionals {
            guard let id = JobID(text: word), known.contains(id) else {
                throw CommandFault(
                    .failed,
                    "job.unknown",
                    what: "There is no job \(word)",
                    why: "this coordinator has \(known.count) jobs, and none of that id",
                    hint: "giga jobs"
                )
            }
            wanted.append(id)
        }
        let graph = JobGraph(jobs, around: wanted)
        if arguments.wantsJSON {
            JSONOutput.print(graph.document, arguments, rows: "jobs", shop.console)
            return .done
        }
        if graph.isEmpty, !arguments.has("dot") {
            shop.console.say("No job waits for another. Say so in a job file with: deps: [job-12]")
            return .done
        }
        for line in arguments.has("dot") ? graph.dot : graph.lines { shop.console.print(line) }
        return .done
    }
}
