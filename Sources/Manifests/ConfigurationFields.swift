import FleetModel

/// The keys of `giga.yaml`.
package enum ConfigurationFields {
    static let all: [Field<Configuration>] = jobs + coordinator + factory + tables

    private static let jobs: [Field<Configuration>] = [
        Field("product", .product, \.product, default: "main", meaning: "product of new jobs"),
        Field(
            "repo",
            .repository,
            \.repo,
            default: "the registered one of the current folder",
            meaning: "repository of new jobs"
        ),
        Field(
            "profile",
            .profile,
            \.profile,
            default: "developer",
            meaning: "profile of jobs that name none"
        ),
        Field(
            "verify",
            .shellText,
            \.verify,
            default: "none: a person promotes",
            meaning: "the repository's verify command; giga init finds one"
        ),
        Field(
            "prepare",
            .shellText,
            \.prepare,
            default: "none",
            meaning: "fetches dependencies with the network, once per lockfile, within ten minutes"
        ),
        Field(
            "artifacts",
            .artifactGlobs,
            \.artifacts,
            default: "the usual places",
            meaning: "what the names of artifacts stand for in the repository"
        ),
        Field(
            "target",
            .branch("a branch"),
            \.target,
            default: "the repository's default branch",
            meaning: "branch that ships move"
        ),
        Field("ship", .keptShip, \.ship, default: "merge", meaning: "how verified work ships"),
        Field(
            "engine",
            .engine,
            \.engine,
            default: "none",
            meaning: "engine of jobs and profiles that name none",
            standing: .recorded("applied")
        ),
        Field(
            "engine-class",
            .name("a class of engines"),
            \.engineClass,
            default: "agentic-coder",
            meaning: "class of jobs and profiles that name none",
            standing: .recorded("applied")
        ),
        Field(
            "model",
            .model,
            \.model,
            default: "the engine's own",
            meaning: "model likewise",
            standing: .recorded("applied")
        ),
        Field(
            "timeout",
            .duration,
            \.timeout,
            default: "60m",
            meaning: "timeout likewise",
            standing: .recorded("applied")
        ),
        Field("budget", .budget, \.budget, default: "none", meaning: "budget likewise"),
    ]

    private static let coordinator: [Field<Configuration>] = [
        Field(
            "coordinator",
            .url,
            \.coordinator,
            default: "http://127.0.0.1:7420",
            meaning: "where commands and factories find it"
        ),
        Field(
            "listen",
            .address,
            \.listen,
            default: "127.0.0.1:7420",
            meaning: "where giga serve listens"
        ),
        Field("store", .store, \.store, default: "sqlite", meaning: "where history is kept"),
        Field(
            "data",
            .place,
            \.data,
            default: "$XDG_DATA_HOME/giga",
            meaning: "data folder"
        ),
        Field("lease", .duration, \.lease, default: "60s", meaning: "term of a lease"),
        Field(
            "heartbeat",
            .duration,
            \.heartbeat,
            default: "10s",
            meaning: "time between two; three must fit into a lease"
        ),
        Field(
            "ageing",
            .duration,
            \.ageing,
            default: "6h",
            meaning: "after each such wait a job counts as one priority higher, up to high"
        ),
        Field(
            "critical-share",
            .whole(0...100),
            \.criticalShare,
            default: "30",
            meaning: "percent of the capable stations where critical work goes first; at least one"
        ),
        Field(
            "patience",
            .patience,
            \.patience,
            default: "2s",
            meaning: "how long a job may wait for a much better factory that is soon free; 0: never"
        ),
    ]

    private static let factory: [Field<Configuration>] = [
        Field(
            "name",
            .name("the name of a factory"),
            \.name,
            default: "the machine's",
            meaning: "the factory's name"
        ),
        Field(
            "stations",
            .stations,
            \.stations,
            default: "from cores and engines found",
            meaning: "stations by engine, such as shell=2,claude=1"
        ),
        Field("max", .whole(1...10_000), \.max, default: "the stations", meaning: "workers in all"),
        Field(
            "max-load",
            .load,
            \.maxLoadMilli,
            default: "none",
            meaning: "system load above which nothing more is claimed"
        ),
        Field(
            "disk-min",
            .size,
            \.diskMin,
            default: "1GiB",
            meaning: "free disk below which nothing more is claimed"
        ),
        Field(
            "run-memory",
            .size,
            \.runMemory,
            default: "three quarters of the machine's",
            meaning: "memory that one process of a run may have"
        ),
        Field(
            "run-processes",
            .whole(16...1_000_000),
            \.runProcesses,
            default: "4096",
            meaning: "processes of a run"
        ),
        Field(
            "run-file-size",
            .size,
            \.runFileSize,
            default: "10GiB",
            meaning: "the largest file that a run may write"
        ),
        Field(
            "facts",
            .list(of: .fact, expected: "a list of facts, such as [gpu, node=20.1.0]"),
            \.facts,
            default: "empty",
            meaning: "facts beside those that are detected"
        ),
    ]

    private static let tables: [Field<Configuration>] = [
        Field(
            "engines",
            .dictionary(
                of: .template,
                keys: .name("the name of an engine"),
                expected: "a map of names to templates"
            ),
            \.engines,
            default: "empty",
            meaning: "engines of one's own, as command:NAME"
        ),
        Field(
            "probes",
            .dictionary(
                of: .program("a program and its arguments, such as [node, --version]"),
                keys: .name("the name of a tool"),
                expected: "a map of names to commands"
            ),
            \.probes,
            default: "empty",
            meaning: "tools to look for: exit 0 states has:NAME, a version NAME=…",
            standing: .recorded("applied")
        ),
        Field(
            "weights",
            .weights,
            \.weights,
            default: "300000, 250000, 200000, 150000, 100000, 100000",
            meaning: "parts per million of each routing term",
            standing: .recorded("applied")
        ),
        Field(
            "shares",
            .shares,
            \.shares,
            default: "1 for each product",
            meaning: "weight of each product's share of the stations"
        ),
    ]
}
