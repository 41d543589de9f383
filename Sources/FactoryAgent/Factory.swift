import Detection
import Engines
import FleetModel
import FleetProtocol
import Git
import HTTPServing
import Processes

/// One machine's share of the fleet: registers, claims, works, reports.
///
/// `run` blocks until the factory has drained. It keeps no state that matters: whatever is lost
/// here, the coordinator gives to somebody else.
package final class Factory: Sendable {
    let configuration: FactoryConfiguration
    let link: any CoordinatorLink
    let state: Monitor<FactoryState>
    let context: FactoryContext
    let boot: String
    /// Facts that hold as long as the process lives.
    let fixedFacts: [Fact]
    let pushes: PushProbe
    /// Gives up what waits at the coordinator.
    let cancellation = Cancellation()
    private let tokens: TokenFile

    /// Looks at the machine and takes the data folder; speaks to nobody yet.
    package convenience init(_ configuration: FactoryConfiguration) throws(FactoryFault) {
        let link = HTTPCoordinatorLink(
            url: configuration.coordinator,
            authorities: configuration.authorities
        )
        try self.init(configuration, link: link)
    }

    /// With `sandbox` false it does not use bubblewrap although it may be there.
    package init(
        _ configuration: FactoryConfiguration,
        link: any CoordinatorLink,
        sandbox: Bool = true
    ) throws(FactoryFault) {
        self.configuration = configuration
        self.link = link
        let folder = try DataFolder(configuration.dataFolder)
        let log = FactoryLog(path: "\(folder.path)/factory.log", watcher: configuration.say)
        let catalogue: EngineCatalogue
        do throws(EngineFault) {
            catalogue = try EngineCatalogue(templates: configuration.templates)
        } catch {
            throw FactoryFault("bad-template", what: error.what, why: error.why, hint: error.hint)
        }
        let probe = FactProbe(environment: configuration.environment)
        let engines = probe.engines(catalogue)
        let isSandboxed = sandbox && Self.hasSandbox(configuration, log)
        let list = try StationList(
            configuration.stations,
            catalogue: catalogue,
            found: engines,
            cores: FactProbe.cores,
            isSandboxed: isSandboxed
        )
        fixedFacts =
            probe.facts(dataFolder: folder.path, engines: engines, isSandboxed: isSandboxed)
            + configuration.facts
        let program = GitProgram(searchPath: configuration.searchPath)
        let access = RemoteAccess.ofUser(configuration.environment)
        pushes = PushProbe(access: access, program: program, folder: folder)
        context = FactoryContext(
            configuration: configuration,
            link: link,
            folder: folder,
            prepared: PreparedShelf(of: configuration, in: folder),
            confinement: Confinement(
                isSandboxed: isSandboxed,
                hostPath: configuration.searchPath,
                hidden: Self.hidden(configuration),
                limits: configuration.limits
            ),
            adapters: list.adapters,
            engines: engines,
            access: access,
            program: program,
            shelf: SecretShelf(
                FactoryContext.secrets(
                    in: configuration.environment,
                    named: Set(configuration.templates.flatMap(\.environment))
                )
            ),
            log: log
        )
        let total = list.stations.reduce(0) { $0 + $1.count }
        state = Monitor(
            FactoryState(
                stations: list.stations,
                maxWorkers: configuration.maxWorkers ?? total,
                ships: configuration.ships,
                terms: LeaseTerms()
            )
        )
        boot = Hexadecimal.text(of: (0..<16).map { _ in UInt8.random(in: .min ... .max) })
        tokens = TokenFile(
            path: "\(folder.path)/token",
            coordinator: configuration.coordinator
        )
    }

    private static func hasSandbox(_ configuration: FactoryConfiguration, _ log: FactoryLog) -> Bool
    {
        switch Sandbox.availability(searchPath: configuration.searchPath) {
        case .available: return true
        case .unavailable(let why):
            log.say("no sandbox here: \(why)")
            return false
        }
    }

    /// Where tokens of this user lie.
    private static func hidden(_ configuration: FactoryConfiguration) -> [String] {
        let home = configuration.environment["HOME"] ?? "/nonexistent"
        let state = configuration.environment["XDG_STATE_HOME"] ?? "\(home)/.local/state"
        return ["\(state)/giga"]
    }

    /// What the engines of this machine are, as `giga engine list` shows them.
    package var engines: [FoundEngine] { context.engines }

    /// The first call drains, the second stops at once and gives everything back.
    package func stop() {
        let (runs, left): ([RunControl], Int?) = state.change { state in
            switch state.phase {
            case .working:
                state.phase = .draining
                // The fleet should know at once, and not only when the next heartbeat is due.
                state.beatsNow = true
                return ([], state.runs.count)
            case .draining:
                state.phase = .stopping
                return (state.runs.values.map(\.control), nil)
            case .stopping, .over: return ([], nil)
            }
        }
        if let left, left > 0 {
            context.log.say("draining: \(left) at work; a second signal stops them at once")
        }
        let ending = Ending.asked(.drained, "the factory was told to stop at once")
        for control in runs { control.end(ending, ladder: .killAtOnce) }
    }

    /// Works until it was told to stop and everything that it held has ended.
    package func run() throws(FactoryFault) {
        if configuration.isSubreaper, (try? ProcessTree.becomeSubreaper()) == nil {
            context.log.say("orphans of engines may escape: this process cannot be their reaper")
        }
        sweepLeftovers()
        defer { finish() }
        guard try register() else { return }
        lookAtMachine()
        for body in [watchRepositories, heartbeats, watchLeases, followOrders, claims] {
            try start(body)
        }
        _ = state.wait { state in
            state.phase >= .draining && state.runs.isEmpty && state.isAnswered ? true : nil
        }
        if let why = state.read(\.removal) { throw removed(why) }
        context.log.say("drained")
    }

    /// Ends every thread and waits for them.
    private func finish() {
        state.change { $0.phase = .over }
        cancellation.cancel()
        _ = state.wait(until: .after(.seconds(10))) { $0.threads == 0 ? true : nil }
    }

    /// Starts a thread that is waited for at the end.
    func start(_ body: @escaping @Sendable () -> Void) throws(FactoryFault) {
        state.change { $0.threads += 1 }
        do throws(SpawnFault) {
            try DedicatedThread.start { [state] in
                body()
                state.change { $0.threads -= 1 }
            }
        } catch {
            state.change { $0.threads -= 1 }
            throw FactoryFault(
                "no-thread",
                what: "The factory cannot start a thread",
                why: "\(error)",
                hint: "raise the limit of processes (ulimit -u)"
            )
        }
    }

    /// What a predecessor that was killed left: its processes end, its clones go to quarantine.
    private func sweepLeftovers() {
        for name in context.folder.leftovers() {
            ProcessTree.sweep(context.folder.marker(name))
            let folder = "\(context.folder.path)/runs/\(name)"
            context.folder.quarantine(folder)
            FileTree.remove(folder)
        }
        context.folder.tidy()
        context.prepared.prune()
    }
}

/// Joining the fleet.
extension Factory {
    /// Registers, waiting for the coordinator where it must; false when told to stop meanwhile.
    func register() throws(FactoryFault) -> Bool {
        var pause = Duration.milliseconds(200)
        var mayUseOwn = true
        let patience = Deadline.after(.seconds(120))
        while state.read(\.phase) == .working {
            let own = mayUseOwn ? tokens.read() : nil
            guard let token = own ?? configuration.joinToken else { throw Self.noToken }
            let request = RegisterRequest(
                name: configuration.name,
                boot: boot,
                facts: currentFacts(),
                stations: state.read(\.stations)
            )
            do throws(LinkFault) {
                let reply = try link.register(request, token: token)
                try accept(reply, own: token)
                state.change { $0.toldFacts = request.facts }
                return true
            } catch {
                switch error {
                case .unreachable(let why):
                    context.log.say("\(why); trying again")
                    wait(pause)
                    pause = min(pause * 2, .seconds(5))
                case .removed(let why):
                    leave(because: why)
                    throw removed(why)
                case .unauthorised where own != nil:
                    // Another store at the same address: its fleet does not know this factory.
                    mayUseOwn = false
                case .refused(_, code: "factory.name-taken", let why) where !patience.hasPassed:
                    // An earlier start of this one may be given up for lost in a few heartbeats.
                    context.log.say("\(why); trying again")
                    wait(.seconds(2))
                case .cancelled: return false
                default: throw Self.refused(error)
                }
            }
        }
        return false
    }

    private func accept(_ reply: RegisterReply, own token: String) throws(LinkFault) {
        link.use(token: reply.token ?? token)
        context.shelf.add("factory-token", reply.token ?? token)
        if let join = configuration.joinToken { context.shelf.add("join-token", join) }
        if let given = reply.token, !tokens.write(given) {
            context.log.say("the token could not be kept in \(tokens.path)")
        }
        state.change { $0.terms = reply.leases }
        context.log.say("registered as \(reply.factory) in the fleet \(reply.fleet)")
    }

    /// Waits unless the factory is told to stop.
    func wait(_ duration: Duration) {
        _ = state.wait(until: .after(duration)) { $0.phase == .working ? nil : true }
    }

    private static let noToken = FactoryFault(
        "no-token",
        what: "The factory has no token to join with",
        why: "neither a join token nor a token of its own is there",
        hint: "start it as the user who started the server, or set GIGA_TOKEN"
    )

    /// It does not join anew by itself: somebody wanted it gone.
    private func removed(_ why: String) -> FactoryFault {
        FactoryFault(
            "removed",
            what: "This factory was removed from the fleet, and stops",
            why: why,
            hint: "rm \(tokens.path) lets it join anew when it is started again"
        )
    }

    private static func refused(_ fault: LinkFault) -> FactoryFault {
        FactoryFault(
            "not-registered",
            what: "The coordinator does not take this factory",
            why: "\(fault)",
            hint: "giga factory list"
        )
    }

    /// Everything that holds now.
    func currentFacts() -> [Fact] {
        let (repositories, paths) = state.read { ($0.repositoryFacts, $0.statedPaths) }
        let stated = paths.sorted().compactMap { try? Fact(parsing: "path:\($0)") }
        return FactSet(fixedFacts + stated + repositories).facts
    }
}
