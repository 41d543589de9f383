import FleetModel

extension Kind<ShipWay> {
    /// The ways that this version goes.
    static let keptShip = choice(of: ShipWay.self, except: [.pullRequest, .direct])
}

extension Kind<String> {
    static let place = scalar("a folder: one line of at most 4096 characters", shape: .line(4096)) {
        text throws(ValueFault) -> String? in
        if text.hasPrefix("~") || text.contains("$") {
            throw ValueFault(hint: "write the path in full; ~ and variables are not replaced")
        }
        return isLine(text, 4096) ? text : nil
    }

    static let url = scalar(
        "an address such as http://127.0.0.1:7420",
        shape: .pattern(#"^https?://[^/ ][^ ]{0,1000}$"#, orNumber: false)
    ) { text throws(ValueFault) -> String? in
        if !text.contains("://"), !text.contains(" "), text.contains(":") {
            throw ValueFault(hint: "write http://\(text)")
        }
        let rest =
            text.hasPrefix("http://")
            ? text.dropFirst(7) : text.hasPrefix("https://") ? text.dropFirst(8) : ""
        return isLine(text, 1024) && !rest.isEmpty && !rest.hasPrefix("/") && !text.contains(" ")
            ? text : nil
    }

    static let address = scalar(
        "a host and a port, such as 127.0.0.1:7420",
        shape: .pattern("^[^ /]{1,290}:[0-9]{1,5}$", orNumber: false)
    ) { text in
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let host = text[..<colon]
        let port = text[text.index(after: colon)...]
        guard !host.isEmpty, isLine(text, 300), !text.contains(" "), !text.contains("/"),
            Quantities.isDigits(port), let number = Int(port), number <= 65_535
        else { return nil }
        return text
    }

    private static let stores = ["memory", "sqlite", "postgres"]

    static let store = scalar(
        "memory, sqlite, postgres or postgres://…",
        shape: .either([
            .choice(stores),
            .pattern("^postgres(?:ql)?://[^ ]{1,1000}$", orNumber: false),
        ])
    ) { text throws(ValueFault) in
        if stores.contains(text) { return text }
        guard text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") else {
            let near = Spelling.nearest(to: text, among: stores)
            throw ValueFault(hint: near.map { "write \($0)" })
        }
        // Neither message quotes the text: it may hold a password.
        guard !holdsPassword(text) else {
            throw ValueFault(
                hint: "leave it out, and write it to ~/.pgpass, PGPASSWORD or DATABASE_URL",
                message: "store holds a password, which does not belong into settings"
            )
        }
        guard isLine(text, 1024), !text.contains(" ") else {
            throw ValueFault(message: "store is no address such as postgres://USER@HOST/DATABASE")
        }
        return text
    }

    /// `user:password@` before the first slash, or a parameter of that name.
    private static func holdsPassword(_ url: String) -> Bool {
        guard let start = url.firstRange(of: "://")?.upperBound else { return false }
        let rest = url[start...]
        // A password that was not encoded may hold any sign: the last @ counts.
        let login = rest.lastIndex(of: "@").map { rest[..<$0] } ?? ""
        let parameters = rest.split(separator: "?", maxSplits: 1).dropFirst().joined()
        return login.contains(":") || parameters.contains("password=")
    }

    static let fact = scalar("a fact such as os:linux or node=20.1.0") {
        text throws(ValueFault) in
        do throws(RequirementFault) {
            _ = try Fact(parsing: text)
            return text
        } catch { throw ValueFault(hint: error.hint, message: error.what) }
    }

    static let variable = scalar(
        "the name of a variable, such as LINT_TOKEN",
        shape: .pattern("^[A-Za-z_][A-Za-z0-9_]{0,127}$", orNumber: false)
    ) { text in
        let isName =
            text.utf8.count <= 128
            && text.utf8.allSatisfy {
                (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x5F
                    || (0x30...0x39).contains($0)
            } && !Quantities.isDigits(text.prefix(1))
        return isName && !text.isEmpty ? text : nil
    }

    static let argument = Kind(expected: "text", shape: .text) { node, place, findings in
        if case .scalar(let text, _) = node.content { return text }
        if case .refused = node.content { return nil }
        findings.mismatch(node, place, "text")
        return nil
    }
}

extension Kind<[String]> {
    /// A program and its arguments; no shell reads them.
    static func program(_ expected: String) -> Kind {
        Kind(expected: expected, shape: .list(.text, least: 1, most: 1000)) {
            node,
            place,
            findings in
            guard case .sequence(let items, _) = node.content else {
                if case .refused = node.content { return nil }
                let hint = "no shell reads it: write each argument as an item of a list"
                findings.mismatch(node, place, expected, ValueFault(hint: hint))
                return nil
            }
            let list = list(of: Kind<String>.argument, expected: expected, most: 1000)
            guard let words = list.read(node, place, &findings) else { return nil }
            guard let program = words.first, !program.isEmpty else {
                findings.error(items.first?.mark ?? node.mark, "\(place) names no program")
                return nil
            }
            return words
        }
    }
}

extension Kind<[String: Int]> {
    private static let stationForm = "stations by engine, such as shell=2,claude=1"
    private static let count = Kind<Int>.whole(1...1000)

    /// `shell=2,command:lint=1`, or a map.
    static let stations = Kind(
        expected: stationForm,
        shape: .either([
            .pattern("^ *\(Shapes.station) *(?:, *\(Shapes.station) *)*$", orNumber: false),
            .dictionary(.whole(1...1000), keys: Shapes.engine),
        ])
    ) { node, place, findings in
        guard let text = node.text else {
            return dictionary(of: count, keys: Kind<String>.station, expected: stationForm)
                .read(node, place, &findings)
        }
        var stations: [String: Int] = [:]
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let item = part.filter { $0 != " " }
            let sides = item.split(separator: "=", omittingEmptySubsequences: false)
            let number = sides.count == 2 ? String(sides[1]) : ""
            guard sides.count == 2, Kind<String>.isEngine(sides[0]),
                Quantities.isDigits(number), let count = Int(number), (1...1000).contains(count),
                stations.updateValue(count, forKey: String(sides[0])) == nil
            else {
                findings.mismatch(node, place, stationForm)
                return nil
            }
        }
        return stations
    }

    static let terms = [
        "capabilityFit", "affinity", "load", "health", "cost", "starvation",
    ]

    static let weights = dictionary(
        of: Kind<Int>.whole(0...1_000_000),
        keys: Kind<String>.word(of: terms),
        expected: "a map of \(terms.joined(separator: ", ")) to parts per million"
    )

    static let shares = dictionary(
        of: Kind<Int>.whole(1...1000),
        keys: .product,
        expected: "a map of products to weights from 1 to 1000"
    )
}

extension Kind<Configuration.EngineTemplate> {
    static let fields: [Field<Configuration.EngineTemplate>] = [
        Field(
            "run",
            .program("a program and its arguments, such as [my-linter, --fix]"),
            \.run,
            default: "none: it must be given",
            meaning: "what is started"
        ),
        Field("prompt", .choice(), \.prompt, default: "stdin", meaning: "how it gets the prompt"),
        Field(
            "class",
            .name("a class of engines"),
            \.engineClass,
            default: "script",
            meaning: "its engine class"
        ),
        Field(
            "env",
            .list(of: .variable, expected: "a list of names of variables"),
            \.env,
            default: "empty",
            meaning: "variables that it gets"
        ),
        Field("network", .choice(), \.network, default: "off", meaning: "whether it has one"),
        Field(
            "success",
            .list(of: .whole(0...255), expected: "a list of exit codes"),
            \.success,
            default: "0",
            meaning: "exit codes that mean that it did its work"
        ),
    ]

    static let template = Kind(
        expected: "a map with run",
        shape: .map(
            fields.map {
                .init(name: $0.row.name, shape: $0.row.shape, isRequired: $0.row.name == "run")
            }
        )
    ) { node, place, findings in
        let read = map(
            fields,
            into: Configuration.EngineTemplate(),
            expected: "a map with run"
        )
        .read
        guard let template = read(node, place, &findings) else { return nil }
        guard !template.run.isEmpty else {
            findings.error(
                node.mark,
                "\(place) has no run; expected a program and its arguments",
                hint: "write run: [program, argument]"
            )
            return nil
        }
        return template
    }
}
