import FleetModel
import Glibc
import Processes

/// What `giga doctor` looks at on this machine; each problem comes with a command that mends it.
enum MachineChecks {
    struct Finding: Sendable {
        let check: String
        let isFine: Bool
        let detail: String
        let fix: String?

        static func fine(_ check: String, _ detail: String) -> Finding {
            Finding(check: check, isFine: true, detail: detail, fix: nil)
        }

        static func problem(_ check: String, _ detail: String, fix: String) -> Finding {
            Finding(check: check, isFine: false, detail: detail, fix: fix)
        }
    }

    static func findings(_ shop: Shop) -> [Finding] {
        let settings = loaded(shop)
        return [configuration(settings), git(shop), sandbox()] + data(settings, shop)
            + engines(shop)
    }

    private static func loaded(_ shop: Shop) -> Result<Settings, CommandFault> {
        do throws(CommandFault) { return .success(try Settings.load(shop)) } catch {
            return .failure(error)
        }
    }

    private static func configuration(_ settings: Result<Settings, CommandFault>) -> Finding {
        switch settings {
        case .success(let settings):
            let count = settings.values.count
            return .fine("configuration", "\(count) \(count == 1 ? "setting" : "settings") set")
        case .failure(let fault):
            return .problem("configuration", "\(fault.what): \(fault.why)", fix: fault.hint)
        }
    }

    private static func git(_ shop: Shop) -> Finding {
        guard let line = UserGit(shop.workingFolder, shop).line("--version") else {
            return .problem("git", "not on the path", fix: "sudo apt-get install git")
        }
        let number = line.split(separator: " ").first { $0.first?.isNumber == true }
        let parts = (number ?? "").split(separator: ".").compactMap { Int($0) }
        let isOld = parts.count >= 2 && (parts[0], parts[1]) < (2, 38)
        return isOld
            ? .problem(
                "git",
                "\(line) is older than 2.38",
                fix: "sudo apt-get update && sudo apt-get install git"
            ) : .fine("git", line)
    }

    private static func sandbox() -> Finding {
        switch Sandbox.availability() {
        case .available: return .fine("sandbox", "bubblewrap works")
        case .unavailable(let reason):
            let isThere = (try? Executable.find("bwrap")) != nil
            return .problem(
                "sandbox",
                "engines run unconfined here, and the operator's token is within their"
                    + " reach: \(reason)",
                // It is there and was refused: mostly by a kernel that grants no namespaces.
                fix: isThere
                    ? "sudo sysctl -w kernel.unprivileged_userns_clone=1"
                        + "    or    kernel.apparmor_restrict_unprivileged_userns=0"
                    : "sudo apt-get install bubblewrap"
            )
        }
    }

    private static func data(
        _ settings: Result<Settings, CommandFault>,
        _ shop: Shop
    ) -> [Finding] {
        let named = (try? settings.get())?.value(of: "data") ?? Places(shop.environment).data
        let folder = Files.absolute(named, from: shop.workingFolder)
        // It is made when it is needed: what counts is the nearest folder that is there.
        var there = folder
        while !Files.exists(there), let slash = there.lastIndex(of: "/"), there != "/" {
            there = slash == there.startIndex ? "/" : String(there[..<slash])
        }
        let writable = access(there, W_OK | X_OK) == 0 && Files.isFolder(there)
        let place: Finding =
            writable
            ? .fine("data", folder == there ? folder : "\(folder), made when it is needed")
            : .problem(
                "data",
                "\(folder) cannot be written: \(there) is not this user's to write",
                fix: "export GIGA_DATA=~/giga    or    sudo chown $USER \(there)"
            )
        var facts = statvfs()
        guard statvfs(there, &facts) == 0 else {
            let reason = String(cString: strerror(errno))
            return [place, .problem("disk", "\(there): \(reason)", fix: "df \(there)")]
        }
        let free = (UInt64(facts.f_bavail) &* UInt64(facts.f_frsize)) >> 20
        let detail = "\(free) MiB free for \(folder)"
        let disk: Finding =
            free > 512
            ? .fine("disk", detail)
            : .problem("disk", detail, fix: "du -sh \(folder)/*    or    export GIGA_DATA=DIR")
        return [place, disk]
    }

    private static func engines(_ shop: Shop) -> [Finding] {
        let installed = shop.probeEngines().filter(\.installed)
        let found = installed.map { engine -> Finding in
            let account = engine.signedIn.map { $0 ? ", signed in" : ", not signed in" } ?? ""
            let detail = "\(engine.version ?? "no version")\(account)"
            return engine.signedIn == false
                ? .problem("engine \(engine.name)", detail, fix: signIn(engine.name))
                : .fine("engine \(engine.name)", detail)
        }
        guard !installed.contains(where: { $0.name != "shell" }) else { return found }
        return found + [
            .problem(
                "agents",
                "no coding agent is on the path; jobs of the engine shell run all the same",
                fix: "pipx install mini-swe-agent"
            )
        ]
    }

    private static func signIn(_ engine: String) -> String {
        switch engine {
        case "mini-swe-agent": "mini-extra config setup    or    export OPENAI_API_KEY=KEY"
        case "claude": "claude /login"
        case "codex": "codex login"
        case "opencode": "opencode auth login"
        default: "\(engine)    and sign in there"
        }
    }
}
