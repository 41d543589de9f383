import FleetModel
import FleetProtocol

/// `giga profile approve` and `giga profile reject`: a second person's word.
struct ProfileApproveCommand: Sendable {
    let usage: Usage
    let run: @Sendable (Arguments, Shop) throws(CommandFault) -> ExitCode

    private static let version = Usage.Option.value(
        "version",
        "N",
        "The version that you looked at (the one that waits)"
    )

    static let approve = ProfileApproveCommand(
        usage: Usage(
            "profile approve",
            .fleet,
            "Store a version that waits, as a second admin",
            positionals: "NAME",
            options: [version, Usage.reason, Usage.dryRun, Usage.json],
            example: "giga profile approve backend-engineer"
        ),
        run: { arguments, shop throws(CommandFault) in
            let (client, name, version, proposal) = try meant(arguments, shop)
            for line in proposal.map(ProfileWords.lines) ?? [] { shop.console.say(line) }
            if arguments.has("dry-run") {
                shop.console.say("would approve \(name)@\(version)")
                return .done
            }
            let body = ProfileApproval(version: version, reason: arguments.value("reason"))
            let path = "/fleet/profiles/\(Percent.encoded(name))/approve"
            show(try client.post(path, body, as: ProfileReceipt.self), arguments, shop)
            return .done
        }
    )

    static let reject = ProfileApproveCommand(
        usage: Usage(
            "profile reject",
            .fleet,
            "End a version that waits; its number is not given again",
            positionals: "NAME",
            options: [version, Usage.reason, Usage.dryRun, Usage.json],
            example: "giga profile reject backend-engineer --reason \"too wide a scope\""
        ),
        run: { arguments, shop throws(CommandFault) in
            let reason = try arguments.required("reason")
            let (client, name, version, proposal) = try meant(arguments, shop)
            if arguments.has("dry-run") {
                for line in proposal.map(ProfileWords.lines) ?? [] { shop.console.say(line) }
                shop.console.say("would reject \(name)@\(version)")
                return .done
            }
            let body = ProfileRejection(version: version, reason: reason)
            let path = "/fleet/profiles/\(Percent.encoded(name))/reject"
            show(try client.post(path, body, as: ProfileReceipt.self), arguments, shop)
            return .done
        }
    )

    private typealias Meant = (
        client: CoordinatorClient, name: String, version: Int, proposal: ProposedProfile?
    )

    /// The version that is decided on is the one that is shown, also when another comes meanwhile.
    private static func meant(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> Meant {
        let name = try arguments.only("NAME")
        let number = arguments.value("version")
        guard Naming.isName(name), number == nil || number.flatMap({ Int($0) }) ?? 0 > 0 else {
            throw CommandFault(
                .usage,
                "profile.bad-name",
                what: "\"\(name)\"\(number.map { " --version \($0)" } ?? "") names no version",
                why: "it is NAME, and a number such as --version 2",
                hint: "giga profile list"
            )
        }
        let client = try CoordinatorClient(arguments, shop)
        let path = "/fleet/profiles/\(Percent.encoded(name))"
        let known = try client.get(path, as: ProfileVersions.self)
        let newest = known.versions.last?.version
        guard let version = number.flatMap({ Int($0) }) ?? known.proposal?.profile.version else {
            throw CommandFault(
                .failed,
                "profile.not-pending",
                what: "\(name) has no version that waits",
                why: "no version of it was ever proposed; the newest is \(newest ?? 0)",
                hint: "giga profile list"
            )
        }
        let shown = known.proposal.flatMap { $0.profile.version == version ? $0 : nil }
        return (client, name, version, shown)
    }

    private static func show(
        _ receipt: ProfileReceipt,
        _ arguments: Arguments,
        _ shop: Shop
    ) {
        if arguments.wantsJSON {
            JSONOutput.print(receipt, arguments, shop.console)
            return
        }
        let event = receipt.position.map { "event \($0)" } ?? "nothing changed"
        shop.console.print("\(receipt.id)  \(receipt.state.rawValue)  \(event)")
    }
}
