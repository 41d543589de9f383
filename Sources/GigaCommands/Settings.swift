import FleetModel
import Manifests

/// Effective configuration with the origin of each value: flags come on top of these.
struct Settings: Sendable {
    struct Value: Hashable, Sendable {
        let text: String
        let origin: String
    }

    private(set) var values: [String: Value] = [:]
    /// The project's own file, if there is one.
    private(set) var path: String?
    /// Templates of engines by the operator's own file, and by the project's.
    private(set) var ownEngines: [String: Configuration.EngineTemplate] = [:]
    private(set) var projectEngines: [String: Configuration.EngineTemplate] = [:]
    /// What was read, the strongest last.
    private var layers: [Configuration] = []

    func value(of key: String) -> String? { values[key]?.text }

    /// A setting as its field types it.
    func typed<Field>(_ field: KeyPath<Configuration, Field?>) -> Field? {
        layers.reversed().lazy.compactMap { $0[keyPath: field] }.first
    }

    /// `claude=1,shell=2`, however it was written.
    var stations: String? {
        typed(\.stations).map { stations in
            stations.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                .joined(separator: ",")
        }
    }

    /// The coordinator's URL: the flag, else the setting, else the default address.
    func coordinator(_ arguments: Arguments) -> String {
        let url =
            arguments.value("coordinator") ?? value(of: "coordinator") ?? Places.defaultAddress
        return url.contains("://") ? url : "http://\(url)"
    }

    /// Whether a key's value is the word of the project's file.
    func isOfProject(_ key: String) -> Bool {
        guard let path else { return false }
        return values[key]?.origin.hasPrefix(path + ":") == true
    }

    /// Whether only a file of the folder one happens to stand in names the coordinator.
    func isCoordinatorOfProject(_ arguments: Arguments) -> Bool {
        guard let path, arguments.value("coordinator") == nil else { return false }
        return values["coordinator"]?.origin.hasPrefix(path) == true
    }

    /// The user's file, then the nearest `giga.yaml` of the folder or its parents, then variables.
    static func load(_ shop: Shop) throws(CommandFault) -> Settings {
        var settings = Settings()
        let places = Places(shop.environment)
        let user = places.userConfiguration
        guard shop.environment["GIGA_CONFIG", default: ""].isEmpty || Files.exists(user) else {
            throw CommandFault(
                .usage,
                "file.unreadable",
                what: "GIGA_CONFIG is \"\(user)\", which cannot be read",
                why: "there is no such file, or this user may not read it",
                hint: "unset GIGA_CONFIG, or give the path of a giga.yaml"
            )
        }
        try settings.read(user)
        if let project = nearest(from: shop.workingFolder), project != user {
            try settings.read(project, isProject: true)
            settings.path = project
        }
        try settings.read(variables: shop.environment)
        return settings
    }

    private static func nearest(from folder: String) -> String? {
        var folder = folder
        while true {
            let path = (folder == "/" ? "" : folder) + "/giga.yaml"
            if Files.exists(path) { return path }
            guard folder != "/", let slash = folder.lastIndex(of: "/") else { return nil }
            folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
        }
    }

    private mutating func read(
        _ path: String,
        isProject: Bool = false
    ) throws(CommandFault) {
        guard let bytes = Files.read(path) else { return }
        switch ConfigurationFile.parse(bytes, path: path) {
        case .accepted(let file):
            if isProject, let entry = file.entries.first(where: Self.saysWhereDataLies) {
                throw Self.notForProjects(entry, path)
            }
            layers.append(file.configuration)
            if isProject {
                projectEngines = file.configuration.engines ?? [:]
            } else {
                ownEngines = file.configuration.engines ?? [:]
            }
            for entry in file.entries {
                values[entry.key] = Value(text: entry.text, origin: "\(path):\(entry.line)")
            }
        case .refused(let errors):
            throw .files(
                errors,
                "config.invalid",
                why: "the configuration is not used as long as it is wrong",
                hint: "correct it, then giga config list"
            )
        }
    }
}

extension Settings {
    private static func saysWhereDataLies(_ entry: ConfigurationFile.Entry) -> Bool {
        entry.key == "data" || (entry.key == "store" && entry.text.hasPrefix("postgres"))
    }

    /// A cloned repository could bring a store of its own, with roles and work in it.
    private static func notForProjects(
        _ entry: ConfigurationFile.Entry,
        _ path: String
    ) -> CommandFault {
        CommandFault(
            .usage,
            "config.not-for-projects",
            what: "\(path):\(entry.line):\(entry.column): \(entry.key) cannot be set by a"
                + " repository",
            why: "where your data lies is yours to say, not that of whoever wrote the repository",
            hint: "remove the line; write it to \(userFile) or set GIGA_\(variable(entry.key))"
        )
    }

    private static let userFile = "~/.config/giga/giga.yaml"

    /// Read elsewhere, or given by a factory to what it starts; no settings.
    private static let others: Set = [
        "GIGA_TOKEN", "GIGA_CONFIG", "GIGA_PARENT", "GIGA_RUN", "GIGA_JOB", "GIGA_ATTEMPT",
    ]

    private mutating func read(variables: [String: String]) throws(CommandFault) {
        var configuration = Configuration()
        for (name, text) in variables.sorted(by: { $0.key < $1.key })
        where name.hasPrefix("GIGA_") && !Self.others.contains(name) && !text.isEmpty {
            let known = Configuration.variables
            guard let key = known.first(where: { $0.variable == name })?.key else {
                throw Self.unknown(name, among: known.map(\.variable))
            }
            // An address without http:// is fine for a coordinator, in flags as well.
            let url = key == "coordinator" && !text.contains("://") ? "http://\(text)" : text
            do throws(ManifestError) {
                try configuration.set(key, to: url, origin: name)
            } catch {
                throw CommandFault(
                    .usage,
                    "config.bad-variable",
                    what: "\(name) cannot be \"\(Self.shown(text))\"",
                    why: error.message,
                    hint: error.hint ?? "unset \(name), or correct it; giga config list shows all"
                )
            }
            values[key] = Value(text: text, origin: name)
        }
        layers.append(configuration)
        if let store = variables["DB_PROVIDER"], !store.isEmpty {
            guard !store.contains("://") else {
                throw CommandFault(
                    .usage,
                    "config.bad-variable",
                    what: "DB_PROVIDER cannot be \"\(Self.shown(store))\"",
                    why: "it names a kind: memory, sqlite or postgres",
                    hint: "DB_PROVIDER=postgres, and the address in DATABASE_URL"
                )
            }
            values["store"] = Value(text: store, origin: "DB_PROVIDER")
        }
    }

    /// An address that was refused is not quoted: it may hold a password.
    private static func shown(_ text: String) -> String {
        guard let scheme = text.firstRange(of: "://") else { return String(text.prefix(200)) }
        let isStore = text.hasPrefix("postgres")
        return isStore ? text[..<scheme.upperBound] + "…" : String(text.prefix(200))
    }

    /// Settings of many lines, which no variable can hold.
    static let maps = ["artifacts", "budget", "engines", "probes", "shares", "weights"]

    private static func unknown(_ name: String, among known: [String]) -> CommandFault {
        if let key = maps.first(where: { name == "GIGA_\(variable($0))" }) {
            return CommandFault(
                .usage,
                "config.unknown-variable",
                what: "\(name) sets nothing",
                why: "\(key) has more than one value and stands in giga.yaml only",
                hint: "unset \(name), and write \(key): in giga.yaml"
            )
        }
        let words = known.map { String($0.dropFirst(5)) }
        let near = Spelling.nearest(
            to: String(name.dropFirst(5)),
            among: words.map { $0.lowercased() }
        )
        return CommandFault(
            .usage,
            "config.unknown-variable",
            what: "\(name) sets nothing",
            why: near.map { "did you mean GIGA_\(variable($0))?" }
                ?? "no setting is spelt like it",
            hint: "unset \(name)    or    giga config list"
        )
    }

    private static func variable(_ word: String) -> String {
        String(word.uppercased().map { $0 == "-" ? "_" : $0 })
    }
}
