import FactoryAgent
import FleetModel
import GitTesting
import Processes
import Testing

/// A factory at work on a real origin, with a coordinator that a test commands.
final class Workshop: Sendable {
    private let place: OriginFolder
    let root: String
    let origin: String
    let coordinator: FakeCoordinator
    /// The repository's own `prepare`.
    let prepare = Monitor<String?>(nil)
    let factory: FactoryAgent.Factory
    private let hasEnded = Monitor<Bool>(false)
    let fault = Monitor<FactoryFault?>(nil)
    private let hasBegun = Monitor<Bool>(false)

    init(
        terms: LeaseTerms = LeaseTerms(term: .seconds(60), heartbeat: Timespan(milliseconds: 200)),
        stations: String = "shell=2",
        environment: [String: String] = [:],
        sandbox: Bool = true,
        programs: [String: String] = [:],
        _ setUp: (inout FactoryConfiguration) -> Void = { _ in }
    ) throws {
        place = try OriginFolder()
        (root, origin) = (place.root, place.origin)
        coordinator = FakeCoordinator(terms: terms)
        var path = Executable.searchPath
        for (name, script) in programs {
            try place.run(
                "sh",
                "-c",
                "mkdir -p tools/bin; printf %s \"$2\" > tools/bin/$1; chmod +x tools/bin/$1",
                "sh",
                name,
                "#!/bin/sh\n\(script)\n"
            )
            path = "\(root)/tools/bin:\(Executable.searchPath)"
        }
        var variables = ["PATH": path, "HOME": "\(root)/home"]
        variables.merge(environment) { _, given in given }
        var configuration = FactoryConfiguration(
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
        setUp(&configuration)
        factory = try FactoryAgent.Factory(configuration, link: coordinator, sandbox: sandbox)
    }

    deinit {
        if hasBegun.read(\.self) { stop() }
    }

    /// Lets the factory run on a thread of its own.
    ///
    /// One that `mayFail` leaves its fault for the test to look at.
    func open(mayFail: Bool = false) throws {
        hasBegun.change { $0 = true }
        try DedicatedThread.start { [factory, hasEnded, fault] in
            do throws(FactoryFault) { try factory.run() } catch {
                let isExpected = fault.change { fault in
                    defer { fault = error }
                    return mayFail
                }
                if !isExpected { Issue.record(error) }
            }
            hasEnded.change { $0 = true }
        }
    }

    /// Tells it to drain and waits for its end; true when it came.
    @discardableResult
    func drain() -> Bool {
        factory.stop()
        return ends()
    }

    /// Waits for its end; true when it came.
    func ends() -> Bool {
        hasEnded.wait(until: .after(OriginFolder.patience)) { $0 ? true : nil } ?? false
    }

    func stop() {
        factory.stop()
        factory.stop()
        coordinator.state.change { $0.isOver = true }
        _ = hasEnded.wait(until: .after(OriginFolder.patience)) { $0 ? true : nil }
    }

    @discardableResult
    func run(_ words: String...) throws -> String {
        try place.run(words)
    }

    func commit(_ files: [String: String], _ message: String) throws -> String {
        try place.commit(files, message)
    }

    func git(_ words: String) throws -> String { try place.git(words) }

    /// Lets a script go on that waits with `Workshop.wait`.
    func letGo(of run: String, fence: UInt64 = 1) throws {
        try self.run("touch", "\(root)/data/runs/\(run)-\(fence)/clone/.git/go")
    }

    /// Words of a script that wait until the test lets it go on.
    ///
    /// A file in the clone is the only sign that reaches into the sandbox, and a shell can only look
    /// for it again.
    static let wait = "until [ -e .git/go ]; do sleep 0.05; done"

    /// A grant of a shell job on the origin.
    func grant(
        _ script: String,
        engine: String = "shell",
        job: UInt64 = 1,
        verify: String? = "test -f src/a.txt",
        scopes: [[Glob]] = [],
        timeout: Timespan = .minutes(10),
        acceptsNoChange: Bool = false,
        budget: Budget? = nil,
        ships candidate: Candidate? = nil,
        fence: UInt64 = 1,
        attempt: Int = 1,
        checkpoint: Checkpoint? = nil,
        groundwork: [Groundwork]? = nil,
        answers: [Dialogue.Exchange] = []
    ) -> GrantedRun {
        let lease = Lease(
            job: JobID(job),
            kind: candidate == nil ? .attempt : .ship,
            fence: fence,
            attempt: attempt,
            factory: FactoryID("north"),
            boot: "b",
            station: candidate == nil ? engine : nil,
            granted: .epoch,
            term: coordinator.terms.term
        )
        let terms = JobTerms(
            title: "Add something",
            product: "p",
            repo: "r",
            base: nil,
            engine: engine,
            engineClass: "script",
            model: engine == "shell" ? nil : "openai/test",
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
            budget: budget
        )
        return GrantedRun(
            lease: lease,
            fleet: "fleetabcde",
            terms: terms,
            manifest: Manifest(),
            prompt: "Do it.\n\n```sh\n\(script)\n```\n",
            profile: Profile(name: "developer", persona: "You are a developer."),
            repository: Repository(
                name: "r",
                url: origin,
                target: "main",
                prepare: prepare.read(\.self)
            ),
            mustContain: [],
            groundwork: groundwork,
            lastFailure: nil,
            candidate: candidate,
            onlyLooks: false,
            checkpoint: checkpoint,
            answers: answers
        )
    }

    func give(_ grants: GrantedRun...) { coordinator.state.change { $0.grants += grants } }

    /// Looks again and again until it is so; false when even a busy machine would have got there.
    func waits(for wanted: () throws -> Bool) throws -> Bool {
        let until = Deadline.after(OriginFolder.patience)
        while !until.hasPassed {
            if try wanted() { return true }
            _ = coordinator.state.wait(until: .after(.milliseconds(50))) { _ in Bool?.none }
        }
        return false
    }

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
