import Coordinator
import FleetModel
import FleetProtocol
import HTTPServing
import Manifests

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
                .value("prepare", "CMD", "How its dependencies are fetched, once per lockfile"),
                .value(
                    "artifacts",
                    "NAME=GLOB,…;…",
                    "Where artifacts lie: coverage=coverage/,lcov.info; sbom=sbom.json"
                ),
                .value("profile", "NAME", "Profile of its jobs when they name none"),
                Usage.dryRun, Usage.json,
            ],
            example: "giga repo add shop --url ../shop.git --verify \"make test\""
        ),
        run: { arguments, shop throws(CommandFault) in
            let name = try arguments.only("NAME")
            let repository = try described(name, arguments, shop)
            let client = try CoordinatorClient(arguments, shop)
            let place = "\(name)  \(repository.url)  → \(repository.target)"
            if arguments.has("dry-run") {
                let known = try client.repositories().repositories
                let now = known.first { $0.name == name }
                let verb = now == nil ? "add" : now == repository ? "leave as it is" : "change"
                shop.console.say("would \(verb): \(place)")
                return .done
            }
            let path = "/fleet/repos/\(Percent.encoded(name))"
            let receipt = try client.put(path, repository, as: Receipt.self)
            if arguments.wantsJSON {
                JSONOutput.print(repository, arguments, shop.console)
            } else {
                let position = receipt.position.map { "event \($0)" } ?? "nothing changed"
                shop.console.print("\(place)  \(position)")
            }
            return .done
        }
    )

    /// What the flags describe; refused here as the coordinator would, before anything is sent.
    private static func described(
        _ name: String,
        _ arguments: Arguments,
        _ shop: Shop
    ) throws(CommandFault) -> Repository {
        let way = arguments.value("ship") ?? "merge"
        guard let ship = ShipWay(rawValue: way) else {
            let known = [ShipWay.merge, .none].map(\.rawValue)
            let near = Spelling.nearest(to: way, among: known)
            throw .usage(
                "--ship cannot be \"\(way)\"",
                why: near.map { "did you mean \($0)?" }
                    ?? "it is \(known.joined(separator: " or "))",
                hint: "--ship merge"
            )
        }
        let given = try arguments.required("url")
        let isPath = !given.hasPrefix("-") && !given.prefix { $0 != "/" }.contains(":")
        let repository = Repository(
            name: name,
            url: isPath ? Files.absolute(given, from: shop.workingFolder) : given,
            target: arguments.value("target") ?? "main",
            ship: ship,
            verify: arguments.value("verify"),
            prepare: arguments.value("prepare"),
            profile: arguments.value("profile"),
            artifacts: try arguments.value("artifacts").map { text throws(CommandFault) in
                try artifactGlobs(text)
            }
        )
        do { try RepositoryForm.check(repository) } catch {
            throw CommandFault(
                .usage,
                error.code,
                what: error.title,
                why: error.detail,
                hint: error.hint ?? usage
            )
        }
        return try found(repository, shop)
    }

    /// `coverage=coverage/,lcov.info; sbom=sbom.json`; what the names and globs are is checked later.
    private static func artifactGlobs(
        _ text: String
    ) throws(CommandFault) -> [String: [String]] {
        var globs: [String: [String]] = [:]
        for part in text.split(separator: ";") {
            let sides = part.split(separator: "=", maxSplits: 1).map { side in
                String(side).trimmed
            }
            guard sides.count == 2, globs[sides[0]] == nil else {
                throw .usage(
                    "--artifacts cannot be \"\(text.prefix(200))\"",
                    why: "each part is a name, = and globs with commas between, and stands once",
                    hint: "--artifacts \"coverage=coverage/,lcov.info; sbom=sbom.json\""
                )
            }
            globs[sides[0]] = sides[1].split(separator: ",").map { String($0).trimmed }
        }
        return globs
    }

    private static let usage = "giga repo add NAME --url PATH|URL"

    /// A repository on this machine is looked at; one behind a network is a factory's to reach.
    private static func found(
        _ repository: Repository,
        _ shop: Shop
    ) throws(CommandFault) -> Repository {
        let isFile = repository.url.hasPrefix("file://")
        let path = isFile ? String(repository.url.dropFirst(7)) : repository.url
        guard path.hasPrefix("/") else { return repository }
        guard let real = Files.real(path) else {
            throw CommandFault(
                .usage,
                "repo.not-there",
                what: "There is no repository at \(path)",
                why: "the folder does not exist, or this user may not enter it",
                hint: usage
            )
        }
        let fault =
            Files.isFolder(real)
            ? try UserGit(real, shop).faultAsRepository() : "it is a file, not a folder"
        if let fault {
            throw CommandFault(
                .usage,
                "repo.not-git",
                what: "\(path) is no git repository",
                why: fault,
                hint: "git init --bare \(path)    or    \(usage)"
            )
        }
        var found = repository
        if !isFile { found.url = real }
        return found
    }

    static let list = RepoCommand(
        usage: Usage(
            "repo list",
            .fleet,
            "List repositories",
            options: [Usage.json],
            example: "giga repo list"
        ),
        run: { arguments, shop throws(CommandFault) in
            let client = try CoordinatorClient(arguments, shop)
            let list = try client.repositories()
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

extension String {
    /// Without the spaces around it.
    fileprivate var trimmed: String {
        let start = drop { $0 == " " }
        return start.lastIndex { $0 != " " }.map { String(start[...$0]) } ?? ""
    }
}
