import FleetModel
import FleetProtocol

/// `giga policy …`: the rules that work is under, and whether anybody could fulfil them.
struct PolicyCommand: Sendable {
    let usage: Usage
    let run: @Sendable (Arguments, Shop) throws(CommandFault) -> ExitCode

    private static let product = Usage.Option.value(
        "product",
        "NAME",
        "Say who may decide on jobs of that product (main)"
    )

    static let list = PolicyCommand(
        usage: Usage(
            "policy list",
            .operate,
            "List the rules for work of each profile, and who could fulfil them",
            options: [product, Usage.json],
            example: "giga policy list"
        ),
        run: { arguments, shop throws(CommandFault) in
            try arguments.none()
            let client = try CoordinatorClient(arguments, shop)
            let list = try client.policies(query(arguments))
            if arguments.wantsJSON {
                JSONOutput.print(list, arguments, rows: "policies", shop.console)
                return .done
            }
            let rows = list.policies.map { policy in
                [
                    "\(policy.profile)@\(policy.version)", review(policy), standing(policy),
                    ways(policy), policy.network,
                ]
            }
            let head = ["profile", "review", "could approve", "ships by", "network"]
            for line in Table.lines(head, rows) { shop.console.print(line) }
            shop.console.print("")
            for line in lines(of: list.secondPerson) { shop.console.print(line) }
            return .done
        }
    )

    static let show = PolicyCommand(
        usage: Usage(
            "policy show",
            .operate,
            "Print the rules for work of one profile, and who could fulfil them",
            positionals: "PROFILE",
            options: [product, Usage.json],
            example: "giga policy show developer"
        ),
        run: { arguments, shop throws(CommandFault) in
            let name = try arguments.only("PROFILE")
            let client = try CoordinatorClient(arguments, shop)
            let path = "/fleet/policies/\(Percent.encoded(name))"
            let query = query(arguments).map { "?\($0)" } ?? ""
            let detail = try client.get(path + query, as: PolicyDetail.self)
            if arguments.wantsJSON {
                JSONOutput.print(detail, arguments, shop.console)
                return .done
            }
            for line in lines(of: detail) { shop.console.print(line) }
            return .done
        }
    )

    private static func query(_ arguments: Arguments) -> String? {
        arguments.value("product").map { "product=\(Percent.encoded($0))" }
    }

    /// `2 of bob, carol`.
    private static func review(_ policy: Policy) -> String {
        guard let quorum = policy.quorum else { return policy.reviewPolicy }
        return "\(quorum) of \(policy.reviewers.joined(separator: ", "))"
    }

    private static func standing(_ policy: Policy) -> String {
        if policy.quorum == nil {
            return policy.reviewPolicy == "auto" ? "nobody is asked" : "any operator or admin"
        }
        let able = policy.able.isEmpty ? "nobody" : policy.able.joined(separator: ", ")
        return able + (policy.shortage == nil ? "" : ", too few")
    }

    private static func ways(_ policy: Policy) -> String {
        let ways = Set(policy.repositories.map(\.ship)).sorted()
        return ways.isEmpty ? "no repository yet" : ways.joined(separator: ", ")
    }

    static func lines(of detail: PolicyDetail) -> [String] {
        let policy = detail.policy
        func list(_ globs: [String], _ none: String) -> String {
            globs.isEmpty ? none : globs.joined(separator: ", ")
        }
        let pending = policy.pendingVersion.map {
            "  \(policy.profile)@\($0) waits for a second admin"
        }
        let rows = [
            ["review", review(policy)], ["could approve", standing(policy)],
            ["allowed scope", list(policy.allowedScope, "every path")],
            ["protected paths", list(policy.protectedPaths, "none")],
            ["network", policy.network],
        ]
        let ways = policy.repositories.map { way in
            [way.repository, way.ship, way.target, way.verifies ? "yes" : "no: a person promotes"]
        }
        return ["\(policy.profile)@\(policy.version)\(pending ?? "")", ""]
            + Table.lines(["rule", "in force"], rows)
            + (policy.shortage.map { ["", "cannot be fulfilled: \($0)"] } ?? [])
            + (ways.isEmpty
                ? [] : [""] + Table.lines(["repository", "ships by", "target", "verify"], ways))
            + [""] + lines(of: detail.secondPerson)
    }

    static func lines(of rule: SecondPersonRule) -> [String] {
        let admins = rule.admins?.joined(separator: ", ")
        guard rule.applies else {
            let who = admins.map { " (\($0))" } ?? ""
            return ["One person is admin\(who): changes of profiles apply at once."]
        }
        let who = admins.map { "Admins are \($0)" } ?? "Several people are admins"
        return [
            "\(who): one of them proposes and another approves what widens",
            "\(rule.covers.joined(separator: ", ")).",
        ]
    }
}

extension CoordinatorClient {
    func policies(_ query: String?) throws(CommandFault) -> PolicyList {
        let own = query.map { "\($0)&" } ?? ""
        var list = try get("/fleet/policies?\(own)limit=1000", as: PolicyList.self)
        while let next = list.next {
            let path = "/fleet/policies?\(own)after=\(Percent.encoded(next))"
            let page = try get(path, as: PolicyList.self)
            list.policies += page.policies
            list.next = page.next
        }
        return list
    }
}
