package import Engines
package import FleetModel

/// How a factory is set up; see `Factory`.
package struct FactoryConfiguration: Sendable {
    /// The coordinator's address.
    package var coordinator: String
    /// Its name in the fleet.
    package var name: String
    /// Absolute; one living factory at a time keeps mirrors, runs, quarantine and its token here.
    package var dataFolder: String
    /// `shell=2,command:lint=1`; nil lets the factory choose from cores and engines.
    package var stations: String?
    /// Facts that its probes cannot know.
    package var facts: [Fact]
    /// With which it may join the fleet when it has no token of its own.
    package var joinToken: String?
    package var templates: [CommandTemplate]
    /// Stations at work at a time; nil sets no bound beyond the stations.
    package var maxWorkers: Int?
    /// Below so many free bytes in the data folder nothing is claimed.
    package var minimumFreeBytes: UInt64
    /// Above so many thousandths of the machine's load of the last minute nothing is claimed.
    package var maximumLoadMilli: Int64?
    /// What the processes of one run may use.
    package var limits: RunLimits
    /// The factory's own environment; engines get from it by name what they need, and no more.
    package var environment: [String: String]
    /// False keeps it from claiming ship runs.
    package var ships: Bool
    /// Makes orphaned descendants of its engines its own children; for a process of its own.
    package var isSubreaper: Bool
    /// How long the report of a start waits for the origin; without it the lease would be taken back.
    package var startPatience: Timespan
    /// How long an engine may live on after its end line.
    package var lingering: Timespan
    /// How long a repository's `prepare` may take.
    package var prepareLimit: Timespan
    /// What all that `prepare` made may take of the disk; beyond it the oldest goes.
    package var preparedBytes: Int64
    /// For people who watch it, a line at a time.
    package var say: @Sendable (String) -> Void

    /// File of the certificate authorities that the coordinator is judged by; nil: the system's.
    package var authorities: String?

    package init(
        coordinator: String,
        name: String,
        dataFolder: String,
        stations: String? = nil,
        facts: [Fact] = [],
        joinToken: String? = nil,
        templates: [CommandTemplate] = [],
        maxWorkers: Int? = nil,
        minimumFreeBytes: UInt64 = 1 << 30,
        maximumLoadMilli: Int64? = nil,
        limits: RunLimits = .standard,
        environment: [String: String],
        ships: Bool = true,
        isSubreaper: Bool = true,
        startPatience: Timespan = .seconds(5),
        lingering: Timespan = .seconds(10),
        prepareLimit: Timespan = .minutes(10),
        preparedBytes: Int64 = 10 << 30,
        say: @escaping @Sendable (String) -> Void
    ) {
        self.coordinator = coordinator
        self.name = name
        self.dataFolder = dataFolder
        self.stations = stations
        self.facts = facts
        self.joinToken = joinToken
        self.templates = templates
        self.maxWorkers = maxWorkers
        self.minimumFreeBytes = minimumFreeBytes
        self.maximumLoadMilli = maximumLoadMilli
        self.limits = limits
        self.environment = environment
        self.ships = ships
        self.isSubreaper = isSubreaper
        self.startPatience = startPatience
        self.lingering = lingering
        self.prepareLimit = prepareLimit
        self.preparedBytes = preparedBytes
        self.say = say
    }

    var searchPath: String { environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin" }
}

/// A factory that cannot start, or cannot go on.
package struct FactoryFault: Explained, Hashable {
    package let code: String
    package let what: String
    package let why: String
    package let hint: String

    init(_ code: String, what: String, why: String, hint: String) {
        self.code = "factory.\(code)"
        self.what = what
        self.why = why
        self.hint = hint
    }
}
