import FleetModel
import FleetProtocol

/// `giga log`: what the worker printed.
enum LogCommand {
    static let usage = Usage(
        "log",
        .work,
        "Print a job's run log",
        positionals: "ID",
        options: [
            .value("run", "RUN", "One run of the job, such as job-12.2"),
            .flag("raw", "The log as it is"),
        ],
        example: "giga log job-12 --raw"
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        let id = try arguments.only("ID")
        let client = try CoordinatorClient(arguments, shop)
        var runs: [String]
        if let run = arguments.value("run") {
            runs = [run]
        } else if RunID(text: id) != nil {
            runs = [id]
        } else {
            let job = try client.get("/fleet/jobs/\(Percent.encoded(id))", as: JobDetail.self)
            runs = job.runs.map(\.id)
        }
        guard !runs.isEmpty else {
            shop.console.say("Here the log of \(id) will stand once a factory has started it.")
            return .done
        }
        for run in runs {
            if !arguments.has("raw") { shop.console.print("— \(run)") }
            try printLog(of: run, client, shop)
        }
        return .done
    }

    private static func printLog(
        of run: String,
        _ client: CoordinatorClient,
        _ shop: Shop
    ) throws(CommandFault) {
        var offset = 0
        while true {
            let bytes = try client.bytes(
                "/fleet/runs/\(Percent.encoded(run))/log?offset=\(offset)"
            )
            guard !bytes.isEmpty else { return }
            shop.console.printRaw(bytes)
            offset += bytes.count
        }
    }
}
