import Glibc

/// What a run may see and touch; everything else does not exist for it.
///
/// Built on bubblewrap: user, mount, process, IPC and host-name namespaces of its own, no
/// capability, and the death of the wrapper is the death of all inside.
package struct Sandbox: Hashable, Sendable {
    package struct Bind: Hashable, Sendable {
        package let outside: String
        package let inside: String
        package let isWritable: Bool

        package static func readOnly(_ outside: String, at inside: String? = nil) -> Bind {
            Bind(outside: outside, inside: inside ?? outside, isWritable: false)
        }

        package static func writable(_ outside: String, at inside: String? = nil) -> Bind {
            Bind(outside: outside, inside: inside ?? outside, isWritable: true)
        }
    }

    package enum Network: Hashable, Sendable {
        /// Not even the machine's own loopback. A proxy is reached through a bound socket file.
        case off
        case on
    }

    /// The folder outside that becomes the only home inside.
    package var home: Bind
    package var binds: [Bind]
    /// Shown as empty, although they lie below something that is bound.
    package var hidden: [String]
    package var network: Network
    /// The whole environment inside; `HOME`, `PATH`, `TMPDIR` and `LANG` are set when absent.
    package var environment: [String: String]
    /// Where the program starts; a path inside.
    package var folder: String
    package var temporaryBytes: UInt64 = 4 << 30

    package init(
        home: Bind,
        binds: [Bind],
        hidden: [String] = [],
        network: Network = .off,
        environment: [String: String] = [:],
        folder: String
    ) {
        self.home = home
        self.binds = binds
        self.hidden = hidden
        self.network = network
        self.environment = environment
        self.folder = folder
    }

    /// The same program inside the sandbox; its own environment and folder are the sandbox's.
    ///
    /// Options travel over a pipe: on the command line, every user of the machine could read the
    /// variables. Bubblewrap itself gets none of them: it runs outside.
    package func wrap(_ invocation: Invocation) throws(SpawnFault) -> Invocation {
        var wrapped = invocation
        wrapped.program = try Executable.find("bwrap", on: invocation.searchPath)
        var command = [invocation.program] + invocation.arguments
        // Inside, the kernel counts this sandbox's processes alone; outside, all of the user's.
        if let count = invocation.limits.processes,
            let tool = try? Executable.find("prlimit", on: "/usr/bin:/bin")
        {
            wrapped.limits.processes = nil
            command = [tool, "--nproc=\(count):\(count)", "--"] + command
        }
        wrapped.arguments = ["--args", "3", "--"] + command
        wrapped.environment = [:]
        wrapped.folder = "/"
        var all = options(marker: invocation.marker)
        all.append("")
        guard !all.contains(where: { $0.utf8.contains(0) }) else {
            throw .malformed("a sandbox path or variable with a zero byte")
        }
        wrapped.sealed = Array(all.joined(separator: "\0").utf8)
        return wrapped
    }

    /// Bubblewrap's options, in an order where inner mounts come after outer ones.
    func options(marker: RunMarker?) -> [String] {
        var options = Self.walls
        if network == .off { options.append("--unshare-net") }
        for (name, value) in variables(marker: marker).sorted(by: { $0.key < $1.key }) {
            options += ["--setenv", name, value]
        }
        options += systemMounts
        options += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777"]
        options += ["--size", String(temporaryBytes), "--tmpfs", "/tmp"]
        if network == .on { options += resolverMount }
        let depth = { (path: String) in path.split(separator: "/").count }
        for bind in ([home] + binds).sorted(by: { depth($0.inside) < depth($1.inside) }) {
            options += [bind.isWritable ? "--bind" : "--ro-bind", bind.outside, bind.inside]
        }
        for path in hidden { options += hiding(path, seenAs: path) }
        return options + ["--remount-ro", "/", "--chdir", folder]
    }

    private static let walls = [
        "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts",
        "--unshare-cgroup-try", "--die-with-parent", "--new-session", "--clearenv",
        "--cap-drop", "ALL", "--hostname", "sandbox",
    ]

    private func variables(marker: RunMarker?) -> [String: String] {
        var variables = [
            "HOME": home.inside, "PATH": "/usr/local/bin:/usr/bin:/bin", "TMPDIR": "/tmp",
            "LANG": "C.UTF-8",
        ]
        variables.merge(environment) { _, given in given }
        if let marker { variables[RunMarker.variable] = marker.id }
        return variables
    }

    private var systemMounts: [String] {
        var mounts: [String] = []
        for path in [
            "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/etc",
        ] {
            switch FileKind.of(path) {
            case .link(let target): mounts += ["--symlink", target, path]
            case .folder: mounts += ["--ro-bind", path, path]
            case .file, .absent: continue
            }
        }
        for path in [
            "/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-", "/etc/ssh",
            "/etc/ssl/private", "/etc/sudoers", "/etc/sudoers.d",
        ] { mounts += hiding(path, seenAs: path) }
        return mounts
    }

    private func hiding(_ path: String, seenAs inside: String) -> [String] {
        switch FileKind.of(path) {
        case .folder: ["--perms", "0000", "--tmpfs", inside]
        case .file: ["--ro-bind", "/dev/null", inside]
        case .link, .absent: []
        }
    }

    /// Name resolution often hangs on a link out of `/etc`.
    private var resolverMount: [String] {
        guard let resolved = realpath("/etc/resolv.conf", nil) else { return [] }
        defer { free(resolved) }
        let path = String(cString: resolved)
        return path.hasPrefix("/etc/") ? [] : ["--ro-bind", path, path]
    }
}

extension Sandbox {
    package enum Availability: Hashable, Sendable {
        case available
        /// Why not, in the words of whoever refused.
        case unavailable(String)
    }

    /// Starts a real sandbox once: only that shows that kernel, policy and program allow it.
    package static func availability(searchPath: String? = nil) -> Availability {
        let probe = Sandbox(home: .readOnly("/usr", at: "/home"), binds: [], folder: "/")
        do {
            let invocation = Invocation("true", searchPath: searchPath)
            let done = try ChildProcess.run(probe.wrap(invocation), deadline: .seconds(20))
            if done.exit.isSuccess { return .available }
            return .unavailable("bwrap: \(done.exit): \(done.errorOutput.text.prefix(300))")
        } catch {
            return .unavailable(error.description)
        }
    }
}

private enum FileKind {
    case absent, file, folder
    case link(String)

    static func of(_ path: String) -> FileKind {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return .absent }
        switch facts.st_mode & S_IFMT {
        case S_IFDIR: return .folder
        case S_IFLNK:
            var buffer = [CChar](repeating: 0, count: 4_096)
            let count = readlink(path, &buffer, buffer.count)
            let target = buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
            return target.isEmpty ? .absent : .link(String(decoding: target, as: UTF8.self))
        default: return .file
        }
    }
}
