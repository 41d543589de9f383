package import Engines
import FleetModel
import Glibc
import Processes

/// An engine as a probe found it on this machine.
package struct FoundEngine: Sendable {
    package let adapter: any EngineAdapter
    package let isInstalled: Bool
    package let version: String?
    package let signIn: SignIn.State
    /// Where the program lies; nil when it is looked up on the path, or needs none.
    let executable: String?

    package var isReady: Bool { isInstalled && signIn != .no }
}

/// Looks at the machine; starts programs only to ask for their version, in a home of their own.
package struct FactProbe: Sendable {
    private let environment: [String: String]
    private let searchPath: String

    package init(environment: [String: String]) {
        self.environment = environment
        searchPath = environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    }

    /// Tools whose version is a fact: how each is asked, and the fact's name.
    private static let tools: [(fact: String, program: String, arguments: [String])] = [
        ("git", "git", ["--version"]), ("python", "python3", ["--version"]),
        ("node", "node", ["--version"]), ("pnpm", "pnpm", ["--version"]),
        ("docker", "docker", ["--version"]), ("swift", "swiftc", ["--version"]),
    ]

    package func engines(_ catalogue: EngineCatalogue) -> [FoundEngine] {
        catalogue.adapters.map(look)
    }

    private func look(for adapter: any EngineAdapter) -> FoundEngine {
        let probe = adapter.probe
        let home = environment["HOME"]
        let signIn = probe.signIn.state(
            hasVariable: { environment[$0].map { !$0.isEmpty } ?? false },
            hasFile: { file in home.map { FileTree.exists("\($0)/\(file)") } ?? false }
        )
        guard let program = probe.arguments.first else {
            return FoundEngine(
                adapter: adapter,
                isInstalled: true,
                version: nil,
                signIn: signIn,
                executable: nil
            )
        }
        guard let path = try? Executable.find(program, on: searchPath) else {
            return FoundEngine(
                adapter: adapter,
                isInstalled: false,
                version: nil,
                signIn: signIn,
                executable: nil
            )
        }
        let output = ask(path, Array(probe.arguments.dropFirst()), probe.environment)
        return FoundEngine(
            adapter: adapter,
            isInstalled: output != nil,
            version: output.flatMap { probe.version(in: $0) },
            signIn: signIn,
            executable: path
        )
    }

    /// What a program prints about itself; nil when it cannot be run.
    private func ask(
        _ program: String,
        _ arguments: [String],
        _ extra: [String: String] = [:]
    ) -> String? {
        var template = Array("/tmp/giga-probe-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { return nil }
        let home = String(cString: made)
        defer { FileTree.remove(home) }
        var variables = ["PATH": searchPath, "HOME": home, "LANG": "C.UTF-8", "TZ": "UTC"]
        variables.merge(extra) { _, given in given }
        let invocation = Invocation(
            program,
            arguments,
            environment: variables,
            folder: home,
            searchPath: searchPath
        )
        guard let done = try? ChildProcess.run(invocation, deadline: .seconds(20)),
            done.exit.isSuccess
        else { return nil }
        return done.output.text + "\n" + done.errorOutput.text
    }

    /// What holds for as long as the process lives.
    func facts(dataFolder: String, engines: [FoundEngine], isSandboxed: Bool) -> [Fact] {
        var texts = ["os:linux", "cores=\(Self.cores)"]
        texts.append(isSandboxed ? "sandbox:bubblewrap" : "sandbox:none")
        if let machine = Self.machine { texts.append("arch:\(machine)") }
        if let memory = Self.memoryBytes { texts.append("memory=\(memory >> 20)MiB") }
        if let disk = FileTree.freeBytes(at: dataFolder) { texts.append("disk=\(disk >> 30)GiB") }
        for tool in Self.tools {
            guard let path = try? Executable.find(tool.program, on: searchPath),
                let output = ask(path, tool.arguments)
            else { continue }
            let version = VersionPattern.firstNumber.version(in: output)
            texts.append(version.map { "\(tool.fact)=\($0)" } ?? tool.fact)
            if tool.fact == "docker" { texts.append("has:docker") }
        }
        for engine in engines where engine.isReady {
            let name = "engine:\(engine.adapter.name.text)"
            texts.append(engine.version.map { "\(name)=\($0)" } ?? name)
        }
        // A version that no fact can be made of is left out rather than stated wrongly.
        return texts.compactMap { try? Fact(parsing: $0) }
    }

    static var cores: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    private static var machine: String? {
        var names = utsname()
        guard uname(&names) == 0 else { return nil }
        return withUnsafeBytes(of: &names.machine) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    static var memoryBytes: UInt64? {
        let pages = sysconf(Int32(_SC_PHYS_PAGES))
        let size = sysconf(Int32(_SC_PAGESIZE))
        return pages > 0 && size > 0 ? UInt64(pages) * UInt64(size) : nil
    }

    /// Load of the last minute over all cores, in parts per million.
    static var load: Int64 { loadMilli * 1000 / Int64(cores) }

    /// The machine's load of the last minute, in thousandths.
    static var loadMilli: Int64 {
        let text = FileTree.text("/proc/loadavg") ?? ""
        let parts = text.prefix { $0 != " " }.split(separator: ".")
        guard parts.count == 2, let whole = Int64(parts[0]), let hundredths = Int64(parts[1]) else {
            return 0
        }
        return whole * 1000 + hundredths * 10
    }
}
