import Glibc
import Processes

/// What `giga doctor` looks at on this machine.
enum MachineChecks {
    struct Finding: Sendable {
        let check: String
        let isFine: Bool
        let detail: String
        let fix: String?
    }

    static func findings(_ shop: Shop) -> [Finding] {
        [git(shop), sandbox(), data(shop)] + engines(shop)
    }

    private static func git(_ shop: Shop) -> Finding {
        guard let version = UserGit(shop.workingFolder, shop).line("--version") else {
            return Finding(
                check: "git",
                isFine: false,
                detail: "not on the path",
                fix: "install git 2.38 or newer"
            )
        }
        return Finding(check: "git", isFine: true, detail: version, fix: nil)
    }

    private static func sandbox() -> Finding {
        switch Sandbox.availability() {
        case .available:
            Finding(check: "sandbox", isFine: true, detail: "bubblewrap works", fix: nil)
        case .unavailable(let reason):
            Finding(
                check: "sandbox",
                isFine: false,
                detail: "engines run unconfined here, and the operator's token is within their"
                    + " reach: \(reason)",
                fix: "install bubblewrap"
            )
        }
    }

    private static func data(_ shop: Shop) -> Finding {
        let folder = Places(shop.environment).data
        var facts = statvfs()
        var path = folder
        while statvfs(path, &facts) != 0, let slash = path.lastIndex(of: "/"), path != "/" {
            path = slash == path.startIndex ? "/" : String(path[..<slash])
        }
        let free = UInt64(facts.f_bavail) * UInt64(facts.f_frsize) >> 20
        return Finding(
            check: "disk",
            isFine: free > 512,
            detail: "\(free) MiB free for \(folder)",
            fix: free > 512 ? nil : "free some space, or set GIGA_DATA"
        )
    }

    private static func engines(_ shop: Shop) -> [Finding] {
        shop.probeEngines().filter(\.installed).map { engine in
            let account = engine.signedIn.map { $0 ? ", signed in" : ", not signed in" } ?? ""
            return Finding(
                check: "engine \(engine.name)",
                isFine: engine.signedIn != false,
                detail: "\(engine.version ?? "no version")\(account)",
                fix: engine.signedIn == false ? "sign in with the engine's own command" : nil
            )
        }
    }
}
