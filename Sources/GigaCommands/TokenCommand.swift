import FleetModel
import FleetProtocol
import Manifests

/// `giga token …`: who may call, and as whom.
struct TokenCommand: Sendable {
    let usage: Usage
    let run: @Sendable (Arguments, Shop) throws(CommandFault) -> ExitCode

    static let issue = TokenCommand(
        usage: Usage(
            "token issue",
            .operate,
            "Make a token and print its secret, this once",
            positionals: "NAME",
            options: [
                .value("role", "ROLE", "viewer, operator, admin, factory or auditor"),
                .value("product", "NAMES", "Only for these products, with commas between"),
                .value("expires", "SPAN", "How long it is valid, such as 30d"),
                .value("owner", "NAME", "The person who answers for it (NAME)"),
                .flag("agent", "A program carries it: it never stands for a person's word"),
                Usage.dryRun, Usage.json,
            ],
            example: "giga token issue bob --role operator --expires 30d"
        ),
        run: { arguments, shop throws(CommandFault) in
            let request = try described(arguments)
            let client = try CoordinatorClient(arguments, shop)
            if arguments.has("dry-run") {
                shop.console.say("would make the token \(request.name), \(request.role.rawValue)")
                return .done
            }
            let reply = try client.post("/fleet/tokens", request, as: TokenReply.self)
            if arguments.wantsJSON {
                JSONOutput.print(reply, arguments, shop.console)
                return .done
            }
            let until = reply.token.expiresAt.map { ", until \($0)" } ?? ""
            shop.console.say(
                "\(reply.token.name) is \(reply.token.role.rawValue)\(until). "
                    + "The secret is shown this once; hand it over as GIGA_TOKEN:"
            )
            shop.console.print(reply.secret ?? "")
            return .done
        }
    )

    private static func described(_ arguments: Arguments) throws(CommandFault) -> TokenRequest {
        let name = try arguments.only("NAME")
        let word = try arguments.required("role")
        guard let role = Role(rawValue: word) else {
            let known = Role.allCases.map(\.rawValue)
            let near = Spelling.nearest(to: word, among: known)
            throw .usage(
                "There is no role \(word)",
                why: near.map { "did you mean \($0)?" }
                    ?? "roles are \(known.joined(separator: ", "))",
                hint: issue.usage.example
            )
        }
        let lifetime = try Durations.option("expires", arguments)
        let owner = arguments.value("owner").map { $0.hasPrefix("@") ? String($0.dropFirst()) : $0 }
        return TokenRequest(
            name: name,
            role: role,
            products: arguments.value("product")?.split(separator: ",").map(String.init),
            lifetimeSeconds: lifetime.map { max($0.milliseconds / 1000, 1) },
            owner: owner,
            agent: arguments.has("agent")
        )
    }

    static let list = TokenCommand(
        usage: Usage(
            "token list",
            .operate,
            "List tokens: role, products, owner, expiry; never a secret",
            options: [Usage.json],
            example: "giga token list"
        ),
        run: { arguments, shop throws(CommandFault) in
            try arguments.none()
            let client = try CoordinatorClient(arguments, shop)
            let list = try client.get("/fleet/tokens", as: TokenList.self)
            if arguments.wantsJSON {
                JSONOutput.print(list, arguments, rows: "tokens", shop.console)
                return .done
            }
            guard !list.tokens.isEmpty else {
                shop.console.say(
                    "Here tokens of other people will stand. Start with: \(issue.usage.example)"
                )
                return .done
            }
            let rows = list.tokens.map { token in
                [
                    token.name, token.role.rawValue + (token.agent ? ", agent" : ""), token.state,
                    token.products.isEmpty ? "all" : token.products.joined(separator: ","),
                    token.owner, token.expiresAt ?? "never",
                ]
            }
            let head = ["token", "role", "state", "products", "owner", "expires"]
            for line in Table.lines(head, rows) { shop.console.print(line) }
            return .done
        }
    )

    static let revoke = TokenCommand(
        usage: Usage(
            "token revoke",
            .operate,
            "End a token at once",
            positionals: "NAME",
            options: [Usage.dryRun, Usage.json],
            example: "giga token revoke bob"
        ),
        run: { arguments, shop throws(CommandFault) in
            let name = try arguments.only("NAME")
            let client = try CoordinatorClient(arguments, shop)
            if arguments.has("dry-run") {
                shop.console.say("would revoke the token \(name)")
                return .done
            }
            guard shop.console.confirms("revoke the token \(name)", arguments) else {
                return .nothingChanged
            }
            let path = "/fleet/tokens/\(Percent.encoded(name))"
            let receipt = try client.delete(path, as: Receipt.self)
            if arguments.wantsJSON {
                JSONOutput.print(receipt, arguments, shop.console)
            } else {
                let position = receipt.position.map { "event \($0)" } ?? "nothing changed"
                shop.console.print("\(name)  revoked  \(position)")
            }
            return .done
        }
    )
}
