import FleetModel
import FleetProtocol
import Glibc
import Processes

/// `giga up`: a fleet of one for the repository around the current folder.
enum UpCommand {
    static let usage = Usage(
        "up",
        .start,
        "Run coordinator and factory for the repository you stand in",
        options: [
            Usage.data, .value("listen", "ADDRESS", "Where to listen (127.0.0.1:7420)"),
            .value("port-file", "FILE", "Write the URL there once it answers"),
            .value("stations", "LIST", "Such as claude=1,shell=2 (default: by what is here)"),
            .value("lease", "DURATION", "How long a lease lives (60s)"),
            .value("heartbeat", "DURATION", "How often factories report (10s)"), Usage.profiles,
        ],
        example: "cd my-repo && giga up",
        isLocal: true
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        try arguments.none()
        guard let top = OwnRepository.top(of: shop.workingFolder, shop) else {
            // Without git there is none to be found, and that is another matter.
            _ = try UserGit(shop.workingFolder, shop).faultAsRepository()
            throw CommandFault(
                .usage,
                "repo.not-git",
                what: "giga up needs a git repository to stand in",
                why: "\(shop.workingFolder) is not inside one",
                hint: "git init, or cd to one"
            )
        }
        let options = try ServeCommand.options(arguments, shop)
        let coordinator = try serve(options, for: top, shop)
        defer { coordinator.stop() }
        let client = CoordinatorClient(url: coordinator.url, token: coordinator.token)
        // The data folder of this server is where a bare origin belongs, wherever flags put it.
        let inside = shop.with(["GIGA_DATA": options.dataFolder])
        let repository = try OwnRepository.register(folder: shop.workingFolder, client, inside)
        let factory = try FactoryProcess.start(
            HostName.current,
            stations: arguments.value("stations"),
            data: options.dataFolder + "/factory",
            for: coordinator,
            shop
        )
        defer { factory.stop() }
        shop.console.say("coordinator at \(coordinator.url), data in \(options.dataFolder)")
        shop.console.say("repository \(repository.name) → \(repository.target)")
        let settings = try Settings.load(in: shop.workingFolder, shop)
        let isFound = settings.coordinator(arguments) == coordinator.url
        let command = isFound ? "giga" : "GIGA_COORDINATOR=\(coordinator.url) giga"
        shop.console.say("next: \(command) add job.md    stop with Ctrl-C")
        if let file = arguments.value("port-file") {
            let path = Files.absolute(file, from: shop.workingFolder)
            try Files.write(Array((coordinator.url + "\n").utf8), to: path + ".new")
            try Files.rename(path + ".new", to: path)
        }
        let lives = Monitor(true)
        try watch(factory, lives, shop)
        _ = shop.waitForSignal()
        guard lives.read({ $0 }) else {
            throw CommandFault(
                .failed,
                "up.factory-ended",
                what: "The factory of giga up has ended",
                why: "its last lines stand above; without it nothing would ever start",
                hint: "giga doctor, then giga up again: nothing that was added is lost"
            )
        }
        shop.console.say("stopping: running work goes back to the queue")
        return .done
    }

    /// A second `giga up` beside another is told how both can run.
    private static func serve(
        _ options: ServeOptions,
        for top: String,
        _ shop: Shop
    ) throws(CommandFault) -> any RunningCoordinator {
        do throws(CommandFault) { return try shop.serve(options) } catch {
            var data = options.dataFolder
            switch error.code {
            case "store.busy": data += "-\(OwnRepository.name(of: top))"
            case "serve.cannot-listen": break
            default: throw error
            }
            throw CommandFault(
                error.exit,
                error.code,
                what: error.what,
                why: error.why,
                hint: "giga jobs, if it runs already; for a fleet beside it:"
                    + " giga up --data \(data) --listen 127.0.0.1:0"
            )
        }
    }

    /// Ends `giga up` with its factory, by the signal that it waits for anyway.
    private static func watch(
        _ factory: FactoryProcess,
        _ lives: Monitor<Bool>,
        _ shop: Shop
    ) throws(CommandFault) {
        do {
            try DedicatedThread.start {
                _ = factory.child.waitForLeader()
                lives.change { $0 = false }
                kill(getpid(), SIGTERM)
            }
        } catch {
            throw CommandFault(
                .failed,
                "command.no-thread",
                what: "The factory cannot be watched",
                why: "\(error)",
                hint: "raise the limit of processes (ulimit -u)"
            )
        }
    }
}

extension Shop {
    func with(_ more: [String: String]) -> Shop {
        Shop(
            console: console,
            environment: environment.merging(more) { $1 },
            workingFolder: workingFolder,
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
