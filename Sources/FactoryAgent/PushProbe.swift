import FleetModel
import Git
import Glibc
import Processes
import Shipping

/// Whether this factory may push to a repository: the fact `push:NAME`.
struct PushProbe: Sendable {
    let access: RemoteAccess
    let program: GitProgram
    let folder: DataFolder

    /// What remotes answered, so that they are not asked with every heartbeat.
    struct Cache {
        fileprivate var answers: [String: (mayPush: Bool, at: Duration)] = [:]
        fileprivate static let lasts = Duration.seconds(300)
    }

    func facts(of repositories: [Repository], _ cache: inout Cache) -> [Fact] {
        var facts: [Fact] = []
        for repository in repositories {
            if mayPush(to: repository, &cache),
                let fact = try? Fact(parsing: "push:\(repository.name)")
            {
                facts.append(fact)
            }
            if FileTree.exists("\(folder.mirror(of: repository))/HEAD"),
                let fact = try? Fact(parsing: "repo:\(repository.name)")
            {
                facts.append(fact)
            }
        }
        return facts
    }

    /// A folder must be writable; a remote must answer the user's credentials.
    private func mayPush(to repository: Repository, _ cache: inout Cache) -> Bool {
        if let path = LocalOrigin.path(of: repository.url) {
            return ["\(path)/objects", "\(path)/.git/objects"].contains { isWritable($0) }
        }
        let now = BootClock.now()
        if let known = cache.answers[repository.url], now - known.at < Cache.lasts {
            return known.mayPush
        }
        let mayPush = answers(repository)
        cache.answers[repository.url] = (mayPush, now)
        return mayPush
    }

    private func answers(_ repository: Repository) -> Bool {
        guard
            let mirror = try? Mirror.open(
                at: folder.mirror(of: repository),
                of: repository.url,
                access: access,
                program: program
            )
        else { return false }
        return (try? mirror.remoteRefs(["HEAD"])) != nil
    }

    private func isWritable(_ path: String) -> Bool { Glibc.access(path, W_OK) == 0 }
}

extension RemoteAccess {
    /// The user's own way to remotes: agents, proxies, and the helpers of their git configuration.
    static func ofUser(_ environment: [String: String]) -> RemoteAccess {
        var access = RemoteAccess()
        guard let home = environment["HOME"] else { return access }
        access.environment["HOME"] = home
        let ask = Invocation(
            "git",
            ["config", "--global", "--get-all", "credential.helper"],
            environment: ["HOME": home, "PATH": environment["PATH"] ?? "/usr/bin:/bin"],
            folder: "/",
            searchPath: environment["PATH"]
        )
        guard let done = try? ChildProcess.run(ask, deadline: .seconds(10)) else { return access }
        access.credentialHelpers = done.output.text.split(separator: "\n").map(String.init)
        return access
    }
}
