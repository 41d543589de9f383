import FleetModel
import Manifests

/// `giga config …`: each effective value with where it came from.
struct ConfigCommand: Sendable {
    let usage: Usage
    let run: @Sendable (Arguments, Shop) throws(CommandFault) -> ExitCode

    /// One setting as it applies here.
    struct Row: Hashable, Encodable, Sendable {
        let key: String
        /// Nil when nothing is set and the default is no value but a rule.
        let value: String?
        let origin: String
        /// What applies when nothing is set.
        let standard: String
        let note: String?

        enum CodingKeys: String, CodingKey {
            case key, value, origin, note
            case standard = "default"
        }
    }

    /// Flags that stand for a setting in more than one command; here they show what wins.
    private static let flags = [Usage.data, Usage.coordinator]

    static let list = ConfigCommand(
        usage: Usage(
            "config list",
            .operate,
            "Print every setting with its value and where it came from",
            options: flags + [Usage.json],
            example: "giga config list",
            isLocal: true
        ),
        run: { arguments, shop throws(CommandFault) in
            try arguments.none()
            let rows = try rows(arguments, shop)
            if arguments.wantsJSON {
                JSONOutput.print(["settings": rows], arguments, rows: "settings", shop.console)
                return .done
            }
            let table = rows.map { row in
                [row.key, row.value ?? "(\(row.standard))", row.origin + (row.note ?? "")]
            }
            for line in Table.lines(["setting", "value", "from"], table) {
                shop.console.print(line)
            }
            return .done
        }
    )

    static let get = ConfigCommand(
        usage: Usage(
            "config get",
            .operate,
            "Print the value of one setting; ends with 1 when it has none",
            positionals: "KEY",
            options: flags + [Usage.json],
            example: "giga config get coordinator",
            isLocal: true
        ),
        run: { arguments, shop throws(CommandFault) in
            let key = try arguments.only("KEY")
            let rows = try rows(arguments, shop)
            guard let row = rows.first(where: { $0.key == key }) else {
                let near = Spelling.nearest(to: key, among: rows.map(\.key))
                throw CommandFault(
                    .usage,
                    "config.unknown-key",
                    what: "There is no setting \"\(key)\"",
                    why: near.map { "did you mean \($0)?" } ?? "nothing is spelt like it",
                    hint: near.map { "giga config get \($0)" } ?? "giga config list"
                )
            }
            if arguments.wantsJSON {
                JSONOutput.print(row, arguments, shop.console)
            } else if let value = row.value {
                shop.console.print(value)
            } else {
                shop.console.say("\(key) is not set; default: \(row.standard)")
            }
            return row.value == nil ? .failed : .done
        }
    )

    /// Every key of the table, in the order of the alphabet.
    static func rows(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> [Row] {
        let settings = try Settings.load(shop)
        var values = settings.values
        for option in flags {
            if let text = arguments.value(option.name) {
                values[option.name] = Settings.Value(text: text, origin: "--\(option.name)")
            }
        }
        let standard = defaults(shop)
        return FieldTable.rows(of: .configuration).sorted { $0.name < $1.name }.map { row in
            let set = values[row.name]
            return Row(
                key: row.name,
                value: set?.text ?? standard[row.name],
                origin: set?.origin ?? "default",
                standard: row.defaultText,
                note: set == nil ? nil : remark(row.standing)
            )
        }
    }

    /// Defaults that are values here and now.
    private static func defaults(_ shop: Shop) -> [String: String] {
        [
            "coordinator": "http://\(Places.defaultAddress)",
            "data": Places(shop.environment).data, "engine-class": "agentic-coder",
            "heartbeat": "10s", "lease": "60s", "listen": Places.defaultAddress,
            "name": HostName.current, "product": "main", "profile": "developer",
            "ship": "merge", "store": "sqlite", "timeout": "60m",
        ]
    }

    private static func remark(_ standing: FieldStanding) -> String? {
        if case .recorded(let word) = standing { "  (recorded, not \(word) yet)" } else { nil }
    }
}
