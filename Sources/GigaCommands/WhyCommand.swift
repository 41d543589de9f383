import FleetModel
import FleetProtocol

/// `giga why`: why a job went where it went, or what stands in its way.
enum WhyCommand {
    static let usage = Usage(
        "why",
        .work,
        "Explain a placement, or what stands in the way",
        positionals: "ID",
        options: [
            .flag("replay", "Compute the recorded placement again, and compare"),
            .value("with", "TERM=WEIGHT,…", "Say what other weights would have changed"),
            .value("data", "DIR", "Data folder, for --replay and --with; a copy will do"),
            Usage.json,
        ],
        example: "giga why job-12"
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        if arguments.has("replay") || arguments.has("with") {
            return try WhyReplay.run(arguments, shop)
        }
        let id = try arguments.only("ID")
        let client = try CoordinatorClient(arguments, shop)
        let why = try client.get(
            "/fleet/jobs/\(Percent.encoded(id))/decision",
            as: WhyReply.self
        )
        if arguments.wantsJSON {
            JSONOutput.print(why, arguments, shop.console)
        } else {
            for line in lines(id, why) { shop.console.print(line) }
        }
        return .done
    }

    private static let order = [
        "capabilityFit", "affinity", "load", "health", "cost", "starvation",
    ]

    private static func lines(_ id: String, _ why: WhyReply) -> [String] {
        var lines: [String] = []
        if why.placed, let factory = why.factory {
            lines.append("\(id) was placed on \(factory), score \(millionths(why.score ?? 0))")
            let rows = order.map { name in
                [name, millionths(why.terms?[name] ?? 0), millionths(why.weights[name] ?? 0)]
            }
            lines += Table.lines(["term", "value", "weight"], rows).map { "  \($0)" }
            for (need, fact) in why.matched.sorted(by: { $0.key < $1.key }) {
                lines.append("  needs \(need): met by \(fact)")
            }
            for candidate in why.candidates.dropFirst() {
                lines.append("  next best \(candidate.factory), \(millionths(candidate.score))")
            }
            if let turn = why.turn { lines.append("  its turn: \(turn)") }
            if let tieBreak = why.tieBreak, tieBreak != "none" {
                lines.append("  decided by \(tieBreak), seed \(why.seed ?? 0)")
            }
        } else {
            lines.append("\(id) is not placed")
        }
        if let condition = why.condition { lines.append("now: \(condition)") }
        if let reason = why.reason { lines.append("  \(reason)") }
        if let ends = why.endsWhen { lines.append("  ends when: \(ends)") }
        for rejected in why.rejected {
            lines.append("  not \(rejected.factory): \(rejected.reason)")
        }
        return lines
    }

    /// Parts per million as a fraction with three digits.
    private static func millionths(_ value: Int64) -> String {
        let thousandths = value.magnitude / 1000
        let digits = "\(thousandths % 1000)"
        let padded = String(repeating: "0", count: 3 - digits.count) + digits
        return "\(value < 0 ? "-" : "")\(thousandths / 1000).\(padded)"
    }
}
