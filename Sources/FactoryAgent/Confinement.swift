import Engines
import FleetModel
import Glibc
import Processes

/// The folders of one run, outside and as its processes see them.
struct RunFolder: Sendable {
    enum Part: String, CaseIterable, Sendable {
        case clone, home, scratch, temporary, result, verify
    }

    let root: String
    let isSandboxed: Bool

    func outside(_ part: Part) -> String { "\(root)/\(part.rawValue)" }
    func seen(_ part: Part) -> String { isSandboxed ? "/job/\(part.rawValue)" : outside(part) }

    /// Makes the folders anew; the clone and the checkout are made by git.
    func make() -> Bool {
        FileTree.remove(root)
        return [.home, .scratch, .temporary, .result].allSatisfy {
            FileTree.make(outside($0), mode: 0o700)
        }
    }
}

/// How processes of a run are kept apart from the machine: bubblewrap, or nothing where there is none.
struct Confinement: Sendable {
    let isSandboxed: Bool
    let hostPath: String
    /// Never seen by any run, even where it lies below something that is bound.
    let hidden: [String]
    let limits: RunLimits

    var name: String { isSandboxed ? "bubblewrap" : "none" }

    /// What a process of a run may see and do.
    struct Frame: Sendable {
        var folder: RunFolder
        var writable: [RunFolder.Part]
        var network: EngineNetwork
        var environment: [String: String]
        var workingFolder: String
        /// A program outside the system's folders, whose installation is shown to the run.
        var executable: String?
        var marker: RunMarker
        var input: Invocation.Input = .none
        /// What `prepare` made.
        var prepared: [Sandbox.Bind] = []
    }

    /// A command with the network in a checkout that nobody else uses; only where there is a sandbox.
    func preparation(
        _ arguments: [String],
        home: String,
        checkout: String,
        marker: RunMarker
    ) throws(SpawnFault) -> Invocation {
        let sandbox = Sandbox(
            home: .writable(home, at: "/job/home"),
            binds: [.writable(checkout, at: Preparing.place)],
            network: .on,
            environment: ["TZ": "UTC", "PATH": path(nil)],
            folder: Preparing.place
        )
        let invocation = Invocation(
            arguments[0],
            Array(arguments.dropFirst()),
            limits: limits.resources,
            marker: marker,
            afterwards: .killOthers,
            searchPath: hostPath
        )
        return try sandbox.wrap(invocation)
    }

    func invocation(_ arguments: [String], _ frame: Frame) throws(SpawnFault) -> Invocation {
        guard let program = arguments.first else { throw .malformed("no program") }
        let installation = frame.executable.flatMap(Self.installation)
        let interpreter = installation.flatMap(Self.interpreter)
        var variables = frame.environment
        variables["HOME"] = frame.folder.seen(.home)
        variables["TMPDIR"] = isSandboxed ? "/tmp" : frame.folder.outside(.temporary)
        variables["LANG"] = "C.UTF-8"
        variables["TZ"] = "UTC"
        variables["PATH"] = path(installation)
        var invocation = Invocation(
            program,
            Array(arguments.dropFirst()),
            environment: variables,
            folder: frame.workingFolder,
            input: frame.input,
            limits: limits.resources,
            marker: frame.marker,
            afterwards: .killOthers,
            searchPath: hostPath
        )
        guard isSandboxed else { return invocation }
        if !frame.prepared.isEmpty { variables["GIGA_PREPARED"] = Preparing.place }
        let parts = frame.writable.filter { $0 != .home }
        var binds = parts.map {
            Sandbox.Bind.writable(frame.folder.outside($0), at: frame.folder.seen($0))
        }
        binds += frame.prepared
        binds += [installation, interpreter].compactMap { $0.map { .readOnly($0) } }
        let sandbox = Sandbox(
            home: .writable(frame.folder.outside(.home), at: frame.folder.seen(.home)),
            binds: binds,
            hidden: installation == nil ? [] : hidden,
            network: frame.network == .on ? .on : .off,
            environment: variables,
            folder: frame.workingFolder
        )
        invocation.environment = [:]
        invocation.folder = nil
        return try sandbox.wrap(invocation)
    }

    private static let systemFolders = ["/usr", "/bin", "/sbin", "/opt", "/lib"]

    private static func isSystem(_ path: Substring) -> Bool {
        systemFolders.contains { path == $0 || path.hasPrefix("\($0)/") }
    }

    /// Inside, only the system's folders are there.
    private func path(_ installation: String?) -> String {
        guard isSandboxed else { return hostPath }
        var entries = hostPath.split(separator: ":").filter(Self.isSystem).map(String.init)
        for standard in ["/usr/local/bin", "/usr/bin", "/bin"] where !entries.contains(standard) {
            entries.append(standard)
        }
        if let installation { entries.insert("\(installation)/bin", at: 0) }
        return entries.joined(separator: ":")
    }

    /// Where the Python of a virtual environment really lives: its folder holds only a link to it.
    private static func interpreter(of installation: String) -> String? {
        guard let resolved = realpath("\(installation)/bin/python3", nil) else { return nil }
        defer { free(resolved) }
        let home = self.installation(of: String(cString: resolved))
        return home == installation ? nil : home
    }

    /// The folder that a program needs beside itself: `venv` of `venv/bin/program`.
    private static func installation(of program: String) -> String? {
        let parts = program.split(separator: "/").dropLast()
        guard program.hasPrefix("/"), !isSystem(program[...]) else { return nil }
        let folder = parts.last == "bin" ? parts.dropLast() : parts
        // A whole home or root is no installation: showing it would show everything.
        guard folder.count > 1 else { return nil }
        return "/" + folder.joined(separator: "/")
    }
}
