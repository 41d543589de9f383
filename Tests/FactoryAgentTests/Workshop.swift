import FactoryAgent
import FleetModel
import Glibc
import Processes
import Testing

struct Failed: Error {
    let words: [String]
    let said: String
}

/// A factory at work on a real origin, with a coordinator that a test commands.
final class Workshop: Sendable {
    let root: String
    let origin: String
    let coordinator: FakeCoordinator
    let factory: FactoryAgent.Factory
    private let hasEnded = Monitor<Bool>(false)
    private let hasBegun = Monitor<Bool>(false)

    init(
        terms: LeaseTerms = LeaseTerms(term: .seconds(30), heartbeat: Timespan(milliseconds: 200)),
        stations: String = "shell=2",
        environment: [String: String] = [:],
        sandbox: Bool = true
    ) throws {
        var template = Array("/tmp/giga-agent-XXXXXX".utf8CString)
        root = String(cString: try #require(mkdtemp(&template)))
        origin = "\(root)/origin.git"
        coordinator = FakeCoordinator(terms: terms)
        var variables = ["PATH": Executable.searchPath, "HOME": "\(root)/home"]
        variables.merge(environment) { _, given in given }
        let configuration = FactoryConfiguration(
            coordinator: "fake",
            name: "north",
            dataFolder: "\(root)/data",
            stations: stations,
            joinToken: "join-token-value",
            minimumFreeBytes: 0,
            environment: variables,
            isSubreaper: false,
            say: { _ in }
        )
        factory = try FactoryAgent.Factory(configuration, link: coordinator, sandbox: sandbox)
        try makeOrigin()
    }

    deinit {
        if hasBegun.read(\.self) { stop() }
        _ = try? ChildProcess.run(Invocation("rm", ["-rf", root]), deadline: .seconds(20))
    }

    /// Lets the factory run on a thread of its own.
    func open() throws {
        hasBegun.change { $0 = true }
        try DedicatedThread.start { [factory, hasEnded] in
            do throws(FactoryFault) { try factory.run() } catch { Issue.record(error) }
            hasEnded.change { $0 = true }
        }
    }

    /// Tells it to drain and waits for its end; true when it came.
    @discardableResult
    func drain() -> Bool {
        factory.stop()
        return hasEnded.wait(until: .after(.seconds(30))) { $0 ? true : nil } ?? false
    }

    func stop() {
        factory.stop()
        factory.stop()
        coordinator.state.change { $0.isOver = true }
        _ = hasEnded.wait(until: .after(.seconds(20))) { $0 ? true : nil }
    }

    @discardableResult
    func run(_ words: String...) throws -> String {
        let environment = [
            "HOME": root, "PATH": Executable.searchPath, "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_AUTHOR_NAME": "user", "GIT_AUTHOR_EMAIL": "user@localhost",
            "GIT_COMMITTER_NAME": "user", "GIT_COMMITTER_EMAIL": "user@localhost",
        ]
        let invocation = Invocation(
            words[0],
            Array(words.dropFirst()),
            environment: environment,
            folder: root
        )
        let done = try ChildProcess.run(invocation, deadline: .seconds(30))
        guard done.exit.isSuccess else { throw Failed(words: words, said: done.errorOutput.text) }
        return done.output.text.split(separator: "\n").joined(separator: "\n")
    }

    private func makeOrigin() throws {
        try run("git", "init", "-q", "--bare", "-b", "main", origin)
        try run("git", "init", "-q", "-b", "main", "\(root)/user")
        let script =
            "cd user; mkdir src; echo one > src/a.txt; echo readme > README.md;"
            + " git add -A; git commit -qm first; git push -q \"$1\" main"
        try run("sh", "-c", script, "sh", origin)
    }

    func git(_ words: String) throws -> String {
        try run("sh", "-c", "git -C \"$1\" \(words)", "sh", origin)
    }

    /// A grant of a shell job on the origin.
    func grant(
        _ script: String,
        job: UInt64 = 1,
        verify: String? = "test -f src/a.txt",
        scopes: [[Glob]] = [],
        timeout: Timespan = .seconds(60),
        acceptsNoChange: Bool = false,
        ships candidate: Candidate? = nil,
        fence: UInt64 = 1
    ) -> GrantedRun {
        let lease = Lease(
            job: JobID(job),
            kind: candidate == nil ? .attempt : .ship,
            fence: fence,
            attempt: 1,
            factory: FactoryID("north"),
            boot: "b",
            station: candidate == nil ? "shell" : nil,
            granted: .epoch,
            term: coordinator.terms.term
        )
        let terms = JobTerms(
            title: "Add something",
            product: "p",
            repo: "r",
            base: nil,
            engine: "shell",
            engineClass: "script",
            model: nil,
            yolo: false,
            lock: nil,
            timeout: timeout,
            verify: verify,
            profile: ProfileReference(name: "developer", version: 1),
            capabilities: [],
            prefers: [],
            priority: .medium,
            retry: .standard,
            reviewPolicy: .auto,
            scopes: scopes,
            ship: .merge,
            output: .change,
            target: "main",
            acceptsNoChange: acceptsNoChange,
            budget: nil
        )
        return GrantedRun(
            lease: lease,
            fleet: "fleetabcde",
            terms: terms,
            manifest: Manifest(),
            prompt: "Do it.\n\n```sh\n\(script)\n```\n",
            profile: Profile(name: "developer", persona: "You are a developer."),
            repository: Repository(name: "r", url: origin, target: "main"),
            mustContain: [],
            lastFailure: nil,
            candidate: candidate,
            onlyLooks: false
        )
    }

    func give(_ grants: GrantedRun...) { coordinator.state.change { $0.grants += grants } }

    func names(of run: String) -> [String] { coordinator.items(of: run).map(\.name) }

    func failure(of run: String) -> FailureReport? {
        for case .finished(let finished) in coordinator.items(of: run) { return finished.failure }
        return nil
    }

    func candidate(of run: String) -> Candidate? {
        for case .finished(let finished) in coordinator.items(of: run) { return finished.candidate }
        return nil
    }

    func evidence(_ gate: Evidence.Gate, of run: String) -> Evidence? {
        for case .evidence(let item) in coordinator.items(of: run) where item.gate == gate {
            return item
        }
        return nil
    }
}
