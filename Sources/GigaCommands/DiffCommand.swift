/// `giga diff`: the change that a job's newest attempt made.
enum DiffCommand {
    static let usage = Usage(
        "diff",
        .work,
        "Print the change of a job's newest attempt",
        positionals: "ID",
        example: "giga diff job-12"
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        let id = try arguments.only("ID")
        let client = try CoordinatorClient(arguments, shop)
        shop.console.printRaw(try client.bytes("/fleet/jobs/\(Percent.encoded(id))/diff"))
        return .done
    }
}
