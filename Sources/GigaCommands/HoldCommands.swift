import FleetModel
import FleetProtocol

/// `giga halt`: stops the fleet in degrees.
enum HaltCommand {
    static let usage = Usage(
        "halt",
        .operate,
        "Stop claiming (dev), reviewing too (review), shipping too (all)",
        options: [
            .value("level", "LEVEL", "dev, review or all (default)"), Usage.reason,
            .flag("stop", "Stop running work as well"),
        ],
        example: "giga halt --level all --reason \"release day\""
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        try arguments.none()
        let name = arguments.value("level") ?? "all"
        guard let level = Halt.Level(rawValue: name) else {
            throw .usage(
                "There is no level \(name)",
                why: "levels are dev, review, all",
                hint: usage.example
            )
        }
        let request = HaltRequest(
            level: level,
            reason: try arguments.required("reason"),
            stop: arguments.has("stop")
        )
        let client = CoordinatorClient(arguments, shop)
        let receipt = try client.post("/fleet/halt", request, as: Receipt.self)
        shop.console.print("halted at level \(name)  event \(receipt.position ?? 0)")
        return .done
    }
}

/// `giga resume`: lets the fleet go on.
enum ResumeCommand {
    static let usage = Usage(
        "resume",
        .operate,
        "Let a halted fleet go on",
        options: [Usage.reason],
        example: "giga resume --reason \"release is out\""
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        guard arguments.positionals.isEmpty else {
            throw CommandFault(
                .usage,
                "command.not-kept-yet",
                what: "Single jobs cannot be paused yet",
                why: "so there is nothing of \(arguments.positionals[0]) to resume",
                hint: "giga requeue \(arguments.positionals[0])"
            )
        }
        let client = CoordinatorClient(arguments, shop)
        let request = VerbRequest(reason: arguments.value("reason"))
        let receipt = try client.post("/fleet/resume", request, as: Receipt.self)
        shop.console.print("resumed  event \(receipt.position ?? 0)")
        return .done
    }
}
