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

/// `giga pause`: holds jobs, or the queue of a product.
enum PauseCommand {
    static let usage = Usage(
        "pause",
        .decide,
        "Hold jobs, or everything that a product has in its queue",
        positionals: "[ID…]",
        options: [
            .value("product", "NAME", "Start nothing more of that product"), Usage.reason,
            Usage.dryRun, Usage.json,
        ],
        example: "giga pause job-12 --reason \"the design changes\""
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        guard let product = arguments.value("product") else {
            return try VerbCommand.pause.run(arguments, shop)
        }
        try arguments.none()
        return try ProductHold(product, "pause", "paused").run(arguments, shop)
    }
}

/// `giga resume`: lets jobs, a product or the whole fleet go on.
enum ResumeCommand {
    static let usage = Usage(
        "resume",
        .operate,
        "Let paused jobs, a paused product, or the halted fleet go on",
        positionals: "[ID…]",
        options: [
            .value("product", "NAME", "Let that product start work again"), Usage.reason,
            Usage.dryRun, Usage.json,
        ],
        example: "giga resume --reason \"release is out\""
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        if let product = arguments.value("product") {
            try arguments.none()
            return try ProductHold(product, "resume", "resumed").run(arguments, shop)
        }
        guard arguments.positionals.isEmpty else {
            return try VerbCommand.resume.run(arguments, shop)
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
        if arguments.wantsJSON {
            JSONOutput.print(receipt, arguments, shop.console)
        } else {
            shop.console.print("resumed  event \(receipt.position ?? 0)")
        }
        return .done
    }
}

/// Holding a product's queue, or letting it go.
private struct ProductHold {
    let product: String
    let verb: String
    let done: String

    init(_ product: String, _ verb: String, _ done: String) {
        (self.product, self.verb, self.done) = (product, verb, done)
    }

    func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        let client = try CoordinatorClient(arguments, shop)
        if arguments.has("dry-run") {
            let queued = try JobsCommand.all(client, stage: "queued", product)
            shop.console.say("would \(verb) \(product); \(queued.total) of its jobs are queued")
            return .done
        }
        let receipt = try client.post(
            "/fleet/products/\(Percent.encoded(product))/\(verb)",
            VerbRequest(reason: arguments.value("reason")),
            as: Receipt.self
        )
        if arguments.wantsJSON {
            JSONOutput.print(receipt, arguments, shop.console)
            return .done
        }
        let position = receipt.position.map { "event \($0)" } ?? "nothing changed"
        shop.console.print("\(product)  \(done)  \(position)")
        return .done
    }
}
