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
            .flag("stop", "Stop running work as well"), Usage.dryRun,
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
        let client = try CoordinatorClient(arguments, shop)
        if arguments.has("dry-run") {
            let status = try client.get("/fleet/stats", as: FleetStatus.self)
            let now = status.halt.map { "halted at level \($0.level.rawValue)" } ?? "not halted"
            let work = request.stop == true ? ", and running work stopped" : ""
            shop.console.say("would halt at level \(name)\(work); the fleet is \(now)")
            return .done
        }
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
        options: [Usage.reason, Usage.dryRun],
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
        let client = try CoordinatorClient(arguments, shop)
        if arguments.has("dry-run") {
            let halt = try client.get("/fleet/stats", as: FleetStatus.self).halt
            let now = halt.map { "halted at level \($0.level.rawValue): \($0.reason)" }
            shop.console.say(now.map { "would resume; the fleet is \($0)" } ?? "it is not halted")
            return .done
        }
        let request = VerbRequest(reason: arguments.value("reason"))
        let receipt = try client.post("/fleet/resume", request, as: Receipt.self)
        shop.console.print("resumed  event \(receipt.position ?? 0)")
        return .done
    }
}
