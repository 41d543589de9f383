package import FleetModel
package import Manifests

package import struct Routing.SharingTerms

/// What commands need of the world around them; `giga/Wiring.swift` fills it.
package struct Shop: Sendable {
    package let console: Console
    package let environment: [String: String]
    package let workingFolder: String
    package let version: String
    /// The program itself, to start factories of the demo as processes of their own.
    package let executable: String
    /// Runs a coordinator until it is told to stop, or fails.
    package let serve: @Sendable (ServeOptions) throws(CommandFault) -> any RunningCoordinator
    /// Runs a factory until it has drained.
    package let runFactory: @Sendable (FactoryOptions) throws(CommandFault) -> ExitCode
    /// Opens a store that no server has open.
    package let openStore: @Sendable (StorePlace) throws(CommandFault) -> any OpenedStore
    /// Engines that this machine has.
    package let probeEngines: @Sendable () -> [EngineRow]
    /// Waits for INT or TERM; returns which.
    package let waitForSignal: @Sendable () -> Int32

    package init(
        console: Console,
        environment: [String: String],
        workingFolder: String,
        version: String,
        executable: String,
        serve: @escaping @Sendable (ServeOptions) throws(CommandFault) -> any RunningCoordinator,
        runFactory: @escaping @Sendable (FactoryOptions) throws(CommandFault) -> ExitCode,
        openStore: @escaping @Sendable (StorePlace) throws(CommandFault) -> any OpenedStore,
        probeEngines: @escaping @Sendable () -> [EngineRow],
        waitForSignal: @escaping @Sendable () -> Int32
    ) {
        self.console = console
        self.environment = environment
        self.workingFolder = workingFolder
        self.version = version
        self.executable = executable
        self.serve = serve
        self.runFactory = runFactory
        self.openStore = openStore
        self.probeEngines = probeEngines
        self.waitForSignal = waitForSignal
    }
}

/// How a coordinator is asked to run.
package struct ServeOptions: Hashable, Sendable {
    /// A certificate chain and its private key, as PEM texts.
    package struct Identity: Hashable, Sendable, CustomStringConvertible {
        package var certificate: String
        package var key: String

        package var description: String { "Identity(•••)" }
    }

    /// Whether nobody else's machine can reach this address.
    package static func isLoopback(_ host: String) -> Bool {
        host == "127.0.0.1" || host == "localhost" || host == "::1"
    }

    package var isLoopback: Bool { Self.isLoopback(host) }

    package var dataFolder: String
    package var host: String
    package var port: UInt16
    package var store: StoreChoice
    package var leases: LeaseTerms
    package var sharing: SharingTerms
    package var behindProxy: Bool
    /// Nil serves plain HTTP.
    package var identity: Identity?
    /// Where profiles come from, and with whose consent.
    package var profiles: ProfileSources
    /// On a full disk: answers reads and accepts `cancel` only.
    package var isRescue: Bool
    /// Where values came from, by key; a key that is not named has its default.
    package var origins: [String: String]

    package init(
        dataFolder: String,
        host: String,
        port: UInt16,
        store: StoreChoice = .sqlite,
        leases: LeaseTerms = LeaseTerms(),
        sharing: SharingTerms = .standard,
        behindProxy: Bool = false,
        identity: Identity? = nil,
        profiles: ProfileSources = ProfileSources(),
        isRescue: Bool = false,
        origins: [String: String] = [:]
    ) {
        self.origins = origins
        self.dataFolder = dataFolder
        self.host = host
        self.port = port
        self.store = store
        self.leases = leases
        self.sharing = sharing
        self.behindProxy = behindProxy
        self.identity = identity
        self.profiles = profiles
        self.isRescue = isRescue
    }
}

/// A coordinator in this process.
package protocol RunningCoordinator: Sendable {
    var url: String { get }
    var token: String { get }
    /// Speaks to it without the network.
    var client: CoordinatorClient { get }
    func stop()
}

/// A store that was opened to be read.
package protocol OpenedStore {
    /// Event lines from a position on, oldest first; empty at the end.
    func lines(from position: UInt64, limit: Int) throws(CommandFault) -> [(UInt64, [UInt8])]
    /// Events replayed, and every difference between the replay and what is stored.
    func replay() throws(CommandFault) -> (events: UInt64, differences: [String])
    func close()
}

/// How a factory is asked to run.
package struct FactoryOptions: Hashable, Sendable {
    package var coordinator: String
    package var name: String
    package var dataFolder: String
    /// `shell=2,command=1`; nil lets the factory choose from cores and engines.
    package var stations: String?
    package var facts: [String]
    package var joinToken: String?
    package var maxWorkers: Int?
    /// Engines of the operator's own, by name.
    package var templates: [String: Configuration.EngineTemplate]
    /// Free bytes below which nothing is claimed; nil leaves the factory's own bound.
    package var minimumFreeBytes: UInt64?
    /// Thousandths of the machine's load above which nothing is claimed; nil sets no bound.
    package var maximumLoadMilli: Int64?
    /// What one process of a run may have; these three, when nil, leave the factory's own bounds.
    package var runMemoryBytes: UInt64?
    package var runProcesses: Int?
    package var runFileBytes: UInt64?
    /// File of certificate authorities; nil means those of the system.
    package var authorities: String?

    package init(
        coordinator: String,
        name: String,
        dataFolder: String,
        stations: String? = nil,
        facts: [String] = [],
        joinToken: String? = nil,
        maxWorkers: Int? = nil,
        templates: [String: Configuration.EngineTemplate] = [:],
        minimumFreeBytes: UInt64? = nil
    ) {
        self.coordinator = coordinator
        self.name = name
        self.dataFolder = dataFolder
        self.stations = stations
        self.facts = facts
        self.joinToken = joinToken
        self.maxWorkers = maxWorkers
        self.templates = templates
        self.minimumFreeBytes = minimumFreeBytes
    }
}

/// A row of `giga engine list`.
package struct EngineRow: Hashable, Sendable, Codable {
    package var name: String
    package var installed: Bool
    package var version: String?
    /// Nil when nobody can tell without calling the provider.
    package var signedIn: Bool?

    package init(name: String, installed: Bool, version: String?, signedIn: Bool?) {
        self.name = name
        self.installed = installed
        self.version = version
        self.signedIn = signedIn
    }
}
