package import FleetModel

/// What `giga.yaml`, a `GIGA_*` variable or a flag sets; nil is not set.
package struct Configuration: Hashable, Sendable {
    package var product: String?
    package var repo: String?
    package var profile: ProfileReference?
    package var verify: String?
    package var prepare: String?
    /// What names of artifacts stand for in the repository.
    package var artifacts: [String: [String]]?
    package var target: String?
    package var ship: ShipWay?
    package var engine: String?
    package var engineClass: String?
    package var model: String?
    package var timeout: Timespan?
    package var budget: Budget?
    package var store: String?
    package var listen: String?
    package var coordinator: String?
    package var data: String?
    package var lease: Timespan?
    package var heartbeat: Timespan?
    /// The factory's name.
    package var name: String?
    /// Stations by engine: `shell` 2, `command:lint` 1.
    package var stations: [String: Int]?
    /// Workers in all.
    package var max: Int?
    /// Thousandths of a system load above which nothing more is claimed.
    package var maxLoadMilli: Int64?
    /// Free bytes below which nothing more is claimed.
    package var diskMin: Int64?
    /// What a run may use: bytes of memory of one process, processes, bytes of one file.
    package var runMemory: Int64?
    package var runProcesses: Int?
    package var runFileSize: Int64?
    package var facts: [String]?
    package var engines: [String: EngineTemplate]?
    /// Command by the name of a tool; exit 0 states `has:NAME`, a version in its output `NAME=…`.
    package var probes: [String: [String]]?
    /// Parts per million by the name of a routing term.
    package var weights: [String: Int]?
    /// Weight of each product's share of the stations.
    package var shares: [String: Int]?
    package var ageing: Timespan?
    /// Hundredths of the capable stations.
    package var criticalShare: Int?
    package var patience: Timespan?

    package init() {}

    /// An engine of one's own: any program, by its arguments.
    package struct EngineTemplate: Hashable, Sendable {
        package var run: [String] = []
        package var prompt = Prompt.stdin
        package var engineClass = "script"
        /// Names of variables that it gets.
        package var env: [String] = []
        package var network = Network.off
        /// Exit codes that mean that it did its work.
        package var success: [Int] = [0]

        package init() {}

        package enum Prompt: String, Hashable, Sendable, CaseIterable { case stdin, file, argument }
        package enum Network: String, Hashable, Sendable, CaseIterable { case off, on }
    }
}
