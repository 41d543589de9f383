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

    func value(of key: String) -> String? { values[key]?.text }

    /// The user's file, then the nearest `giga.yaml` of the folder or its parents, then `GIGA_…`.
    static func load(_ shop: Shop) throws(CommandFault) -> Settings {
        var settings = Settings()
        let user = Places(shop.environment).userConfiguration
        try settings.read(user)
        if let project = nearest(from: shop.workingFolder), project != user {
            try settings.read(project)
            settings.path = project
        }
        for (name, text) in shop.environment.sorted(by: { $0.key < $1.key })
        where name.hasPrefix("GIGA_") {
            let key = name.dropFirst(5).lowercased().map { $0 == "_" ? "-" : $0 }
            settings.values[String(key)] = Value(text: text, origin: name)
        }
        settings.values["token"] = nil
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

    private mutating func read(_ path: String) throws(CommandFault) {
        guard let bytes = Files.read(path) else { return }
        switch ConfigurationFile.parse(bytes, path: path) {
        case .accepted(let file):
            for entry in file.entries {
                values[entry.key] = Value(text: entry.text, origin: "\(path):\(entry.line)")
            }
        case .refused(let errors):
            throw CommandFault(
                .usage,
                "config.invalid",
                what: errors[0].summary,
                why: "the configuration is not used as long as it is wrong",
                hint: errors[0].hint ?? "giga config list",
                lines: errors.map(\.summary)
            )
        }
    }
}

/// `giga config list`: each effective value with where it came from.
enum ConfigCommand {
    static let usage = Usage(
        "config list",
        .operate,
        "Print each setting with where it came from",
        options: [Usage.json],
        example: "giga config list"
    )

    private struct Row: Encodable {
        let key: String
        let value: String
        let origin: String
    }

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        let settings = try Settings.load(shop)
        let places = Places(shop.environment)
        var values = settings.values
        for (key, text) in [
            ("coordinator", places.coordinatorURL), ("data", places.data),
            ("listen", Places.defaultAddress), ("store", "sqlite"),
        ] where values[key] == nil {
            values[key] = Settings.Value(text: text, origin: "default")
        }
        let rows = values.sorted { $0.key < $1.key }
        if arguments.wantsJSON {
            let list = rows.map { Row(key: $0.key, value: $0.value.text, origin: $0.value.origin) }
            JSONOutput.print(["settings": list], arguments, rows: "settings", shop.console)
            return .done
        }
        let table = rows.map { [$0.key, $0.value.text, $0.value.origin] }
        for line in Table.lines(["setting", "value", "from"], table) { shop.console.print(line) }
        return .done
    }
}
