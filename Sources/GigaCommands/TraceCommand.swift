/// `giga trace`: a job's life as spans, for a collector of OpenTelemetry.
enum TraceCommand {
    static let usage = Usage(
        "trace",
        .work,
        "Print a job's life as OTLP spans in JSON",
        positionals: "ID",
        example: "giga trace job-12 > job-12.json"
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        let id = try arguments.only("ID")
        let client = try CoordinatorClient(arguments, shop)
        let bytes = try client.bytes("/fleet/jobs/\(Percent.encoded(id))/trace")
        shop.console.printRaw(bytes + [UInt8(ascii: "\n")])
        return .done
    }
}
