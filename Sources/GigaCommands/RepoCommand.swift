import FleetModel
import FleetProtocol

/// `giga repo …`: the repositories that jobs may name.
struct RepoCommand: Sendable {
    let usage: Usage
    let run: @Sendable (Arguments, Shop) throws(CommandFault) -> ExitCode

    static let add = RepoCommand(
        usage: Usage(
            "repo add",
            .fleet,
            "Register a repository, or change one",
            positionals: "NAME",
            options: [
                .value("url", "PATH|URL", "Where it is fetched from and shipped to"),
                .value("target", "BRANCH", "The branch that ships move (main)"),
                .value("ship", "WAY", "merge (default) or none"),
                .value("verify", "CMD", "How its work is verified"),
                .value("profile", "NAME", "Profile of its jobs when they name none"),
                Usage.json,
            ],
            example: "giga repo add shop --url ../shop.git --verify \"make test\""
        ),
        run: { arguments, shop throws(CommandFault) in
            let name = try arguments.only("NAME")
            guard let ship = ShipWay(rawValue: arguments.value("ship") ?? "merge") else {
                throw .usage(
                    "--ship is \"\(arguments.value("ship") ?? "")\"",
                    why: "ways are none, pull-request, merge, direct",
                    hint: "--ship merge"
                )
            }
            let given = try arguments.required("url")
            let isURL = given.contains("://") || given.contains("@")
            let url = isURL ? given : Files.absolute(given, from: shop.workingFolder)
            if !isURL, !Files.exists(url) {
                throw CommandFault(
                    .usage,
                    "repo.not-there",
                    what: "There is no repository at \(url)",
                    why: "the folder does not exist",
                    hint: "giga repo add NAME --url PATH|URL"
                )
            }
            let repository = Repository(
                name: name,
                url: url,
                target: arguments.value("target") ?? "main",
                ship: ship,
                verify: arguments.value("verify"),
                profile: arguments.value("profile")
            )
            let client = CoordinatorClient(arguments, shop)
            let path = "/fleet/repos/\(Percent.encoded(name))"
            let receipt = try client.put(path, repository, as: Receipt.self)
            if arguments.wantsJSON {
                JSONOutput.print(repository, arguments, shop.console)
            } else {
                let position = receipt.position.map { "event \($0)" } ?? "nothing changed"
                shop.console.print("\(name)  \(url)  → \(repository.target)  \(position)")
            }
            return .done
        }
    )

    static let list = RepoCommand(
        usage: Usage(
            "repo list",
            .fleet,
            "List repositories",
            options: [Usage.json],
            example: "giga repo list"
        ),
        run: { arguments, shop throws(CommandFault) in
            let client = CoordinatorClient(arguments, shop)
            let list = try client.get("/fleet/repos", as: RepositoryList.self)
            if arguments.wantsJSON {
                JSONOutput.print(list, arguments, rows: "repositories", shop.console)
                return .done
            }
            let rows = list.repositories.map {
                [$0.name, $0.target, $0.ship.rawValue, $0.verify ?? "", $0.url]
            }
            for line in Table.lines(["repo", "target", "ship", "verify", "url"], rows) {
                shop.console.print(line)
            }
            return .done
        }
    )
}
