/// `giga config list`: each effective value with where it came from.
enum ConfigCommand {
    static let usage = Usage(
        "config list",
        .operate,
        "Print each setting with where it came from",
        options: [Usage.json],
        example: "giga config list",
        isLocal: true
    )

    private struct Row: Encodable {
        let key: String
        let value: String
        let origin: String
    }

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        try arguments.none()
        let settings = try Settings.load(shop)
        let places = Places(shop.environment)
        var values = settings.values
        for (key, text) in [
            ("coordinator", "http://\(Places.defaultAddress)"), ("data", places.data),
            ("heartbeat", "10s"), ("lease", "60s"), ("listen", Places.defaultAddress),
            ("name", HostName.current), ("product", "main"), ("profile", "developer"),
            ("ship", "merge"), ("store", "sqlite"),
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
