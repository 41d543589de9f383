import Coordinator
import FleetModel
import FleetPorts
import FoundationEssentials
import GigaCommands
import Glibc
import HTTPServing
import Processes
import Stores

extension Wiring {
    /// Starts a coordinator as `giga serve` describes it.
    static func serve(
        _ console: Console,
        _ environment: [String: String]
    ) -> @Sendable (ServeOptions) throws(CommandFault) -> any RunningCoordinator {
        { options throws(CommandFault) in
            // Prompts, manifests and logs are nobody else's business on this machine.
            umask(0o077)
            try Files.makeFolder(options.dataFolder)
            let file = Places(environment).tokenFile(address: "\(options.host):\(options.port)")
            // A crash leaves the file behind: whoever found the token there can go on with it.
            let token = keptToken(file) ?? Hexadecimal.text(of: random(24))
            var http = ServerConfiguration()
            http.host = options.host
            http.port = options.port
            http.tls = options.identity.map {
                TLSIdentity(certificate: $0.certificate, privateKey: $0.key)
            }
            // Elsewhere a browser asks for a certificate of the name that it was sent to, or the
            // proxy does.
            if options.isLoopback, !options.behindProxy {
                http.allowedHosts = ["127.0.0.1", "localhost", "[::1]", "::1"]
            }
            var configuration = CoordinatorServer.Configuration(
                http: http,
                leases: options.leases,
                sharing: options.sharing,
                dataFolder: options.dataFolder,
                operatorToken: token,
                operatorName: "user:\(UserName.current)",
                readsNeedToken: options.behindProxy,
                version: version,
                isRescue: options.isRescue
            )
            configuration.settings = options.settings
            let server = try start(configuration, options, console)
            let scheme = options.identity == nil ? "http" : "https"
            let host = options.host.contains(":") ? "[\(options.host)]" : options.host
            let url = "\(scheme)://\(host):\(server.port)"
            let own = Places(environment).tokenFile(address: "\(options.host):\(server.port)")
            try writeToken(token, to: own)
            var running = Running(url: url, token: token, server: server, tokenFile: own)
            guard !options.isRescue else { return running }
            do throws(CommandFault) {
                running.watch = try Profiles.importAll(options.profiles, into: running, console)
            } catch {
                running.stop()
                throw error
            }
            return running
        }
    }

    private static func start(
        _ configuration: CoordinatorServer.Configuration,
        _ options: ServeOptions,
        _ console: Console
    ) throws(CommandFault) -> CoordinatorServer {
        do {
            switch options.store {
            case .memory:
                let store = MemoryStore()
                return try CoordinatorServer(
                    configuration,
                    store: store,
                    history: store.history(),
                    random: random,
                    fail: stopOnFailure(console, nil)
                )
            case .sqlite:
                let store = try SQLiteStore(
                    folder: options.dataFolder,
                    isRescue: options.isRescue
                )
                let history = try store.history()
                return try CoordinatorServer(
                    configuration,
                    store: store,
                    history: history,
                    random: random,
                    fail: stopOnFailure(console, store)
                )
            case .postgres(let address):
                let store = try PostgresStore(address, folder: options.dataFolder)
                let history = try store.history()
                return try CoordinatorServer(
                    configuration,
                    store: store,
                    history: history,
                    random: random,
                    fail: stopOnFailure(console, nil),
                    notice: { report($0, of: address, console) }
                )
            }
        } catch let fault as StoreFault {
            throw StoreWords.fault(fault)
        } catch let fault as CoordinatorServer.Fault {
            throw words(fault)
        } catch {
            throw CommandFault(
                .failed,
                "serve.failed",
                what: "The coordinator could not start",
                why: "\(error)",
                hint: "giga doctor"
            )
        }
    }

    /// Nothing is lost meanwhile, but nothing is taken either: whoever looks after it should know.
    private static func report(
        _ fault: StoreFault?,
        of address: PostgresAddress,
        _ console: Console
    ) {
        if let fault {
            console.report(StoreWords.fault(fault))
        } else {
            console.say("the store at \(address) answers again")
        }
    }

    /// Memory is ahead of the disk then: the only safe thing is to stop and start from the store.
    private static func stopOnFailure(
        _ console: Console,
        _ store: SQLiteStore?
    ) -> @Sendable (StoreFault) -> Void {
        { fault in
            store?.releaseReserve()
            console.report(StoreWords.fault(fault))
            _exit(ExitCode.failed.rawValue)
        }
    }

    private static func words(_ fault: CoordinatorServer.Fault) -> CommandFault {
        switch fault {
        case .unreadableStore(let fault):
            CommandFault(.failed, fault.code, what: fault.what, why: fault.why, hint: fault.hint)
        case .store(let fault): StoreWords.fault(fault)
        case .http(let fault):
            CommandFault(
                .failed,
                "serve.cannot-listen",
                what: fault.what,
                why: fault.why,
                hint: fault.hint
            )
        case .thread(let reason):
            CommandFault(
                .failed,
                "serve.no-thread",
                what: "A thread could not be started",
                why: reason,
                hint: "raise the limit of processes (ulimit -u)"
            )
        }
    }

    /// The token of a server that ended without taking it away; nil when others could have read it.
    private static func keptToken(_ path: String) -> String? {
        var facts = stat()
        guard lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG,
            facts.st_mode & 0o077 == 0, facts.st_uid == getuid(), let bytes = Files.read(path)
        else { return nil }
        let text = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        return text.first.flatMap { $0.utf8.count == 48 ? String($0) : nil }
    }

    /// Mode 0600 from the first byte on: nobody else may ever read it.
    private static func writeToken(_ token: String, to path: String) throws(CommandFault) {
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        try Files.makeFolder(folder)
        chmod(folder, 0o700)
        unlink(path)
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        let bytes = Array((token + "\n").utf8)
        let written = file >= 0 ? write(file, bytes, bytes.count) : -1
        if file >= 0 { close(file) }
        guard written == bytes.count else {
            throw CommandFault(
                .failed,
                "serve.no-token-file",
                what: "\(path) cannot be written",
                why: String(cString: strerror(errno)),
                hint: "set XDG_STATE_HOME"
            )
        }
    }
}

/// A coordinator in this process, with its token file.
private struct Running: RunningCoordinator {
    let url: String
    let token: String
    let server: CoordinatorServer
    let tokenFile: String
    var watch: ProfileWatch?

    var client: CoordinatorClient {
        CoordinatorClient(url: url, token: token, local: { [server] in server.answer($0) })
    }

    func stop() {
        watch?.stop()
        server.stop()
        unlink(tokenFile)
    }
}
