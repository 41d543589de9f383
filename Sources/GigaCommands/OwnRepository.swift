import FleetModel
import FleetProtocol
import Manifests

/// A person's own checkout as a repository of the fleet; the checkout itself is never touched.
enum OwnRepository {
    /// The top of the checkout around a folder; nil outside of git.
    static func top(of folder: String, _ shop: Shop) -> String? {
        UserGit(folder, shop).line("rev-parse", "--show-toplevel")
    }

    /// Registers the repository that contains `folder`, unless it is registered already.
    static func register(
        folder: String,
        _ client: CoordinatorClient,
        _ shop: Shop
    ) throws(CommandFault) -> Repository {
        guard let top = top(of: folder, shop) else {
            throw CommandFault(
                .usage,
                "repo.not-git",
                what: "\(folder) is not inside a git repository",
                why: "nothing there could be fenced or judged",
                hint: "cd \(folder) && git init"
            )
        }
        let known = try client.repositories().repositories
        let present = known.first { $0.checkout == top }
        let name = present?.name ?? freeName(for: top, known.map(\.name))
        let repository = try describe(top, name: name, shop)
        if repository != present {
            try client.put("/fleet/repos/\(name)", repository, as: Receipt.self)
        }
        return repository
    }

    /// What a checkout is called in the fleet unless that name is taken.
    static func name(of top: String) -> String {
        let last = top.split(separator: "/").last.map(String.init) ?? "repository"
        let cleaned = String(
            last.lowercased().map { Naming.isName("a\($0)") ? $0 : "-" }.prefix(48)
        )
        return Naming.isName(cleaned) ? cleaned : "repository"
    }

    private static func freeName(for top: String, _ taken: [String]) -> String {
        let base = name(of: top)
        var name = base
        var number = 2
        while taken.contains(name) {
            name = "\(base)-\(number)"
            number += 1
        }
        return name
    }

    private static func describe(
        _ top: String,
        name: String,
        _ shop: Shop
    ) throws(CommandFault) -> Repository {
        let git = UserGit(top, shop)
        let settings = try Settings.load(in: top, shop)
        guard git.line("rev-parse", "--verify", "-q", "HEAD^{commit}") != nil else {
            throw CommandFault(
                .usage,
                "repo.no-commit",
                what: "\(top) has no commit yet",
                why: "work starts from a commit",
                hint: "git add -A && git commit -m \"Begin\""
            )
        }
        let branch = git.line("symbolic-ref", "--short", "-q", "HEAD")
        var target = settings.value(of: "target")
        let url: String
        if let remote = git.line("remote", "get-url", "origin") {
            let isPath = !remote.contains(":") || remote.hasPrefix("/")
            url = isPath ? Files.absolute(remote, from: top) : remote
            let head = git.line("symbolic-ref", "--short", "-q", "refs/remotes/origin/HEAD")
            target = target ?? head.map { String($0.dropFirst("origin/".count)) } ?? branch
        } else {
            target = target ?? branch
            url = try bareOrigin(of: top, name: name, branch: target ?? "main", shop)
        }
        return Repository(
            name: name,
            url: url,
            target: target ?? "main",
            ship: settings.value(of: "ship").flatMap(ShipWay.init(rawValue:)) ?? .merge,
            verify: settings.value(of: "verify"),
            prepare: settings.value(of: "prepare"),
            profile: settings.value(of: "profile"),
            checkout: top,
            artifacts: settings.typed(\.artifacts)
        )
    }

    /// Where work ships when the checkout has no remote: a bare repository in the data folder.
    private static func bareOrigin(
        of top: String,
        name: String,
        branch: String,
        _ shop: Shop
    ) throws(CommandFault) -> String {
        let settings = try Settings.load(shop)
        let data = settings.value(of: "data") ?? Places(shop.environment).data
        let folder = "\(data)/origins"
        let path = "\(folder)/\(name).git"
        if !Files.exists(path) {
            try Files.makeFolder(folder)
            let git = UserGit(folder, shop)
            try git.must(
                "clone",
                "--quiet",
                "--bare",
                "--no-hardlinks",
                "--no-tags",
                "--",
                top,
                path + ".new",
                for: "make a bare origin"
            )
            try Files.rename(path + ".new", to: path)
        } else {
            // The person's own commits since then; a diverged branch is left to the person.
            _ = UserGit(path, shop).line("fetch", "--quiet", top, "\(branch):\(branch)")
        }
        shop.console.say("no remote: work ships to \(path)")
        shop.console.say("bring it in with: git pull \(path) \(branch)")
        return path
    }
}

extension Settings {
    /// The settings as they are for somebody who stands in `folder`.
    static func load(in folder: String, _ shop: Shop) throws(CommandFault) -> Settings {
        try load(shop.standing(in: folder))
    }
}

extension Shop {
    func standing(in folder: String) -> Shop {
        Shop(
            console: console,
            environment: environment,
            workingFolder: folder,
            version: version,
            executable: executable,
            serve: serve,
            runFactory: runFactory,
            openStore: openStore,
            probeEngines: probeEngines,
            waitForSignal: waitForSignal
        )
    }
}
