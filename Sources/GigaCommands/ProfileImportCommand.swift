import FleetModel
import FleetProtocol
import Manifests

/// `giga profile import`: brings profile files in, and says first what would be allowed by them.
enum ProfileImportCommand {
    static let usage = Usage(
        "profile import",
        .fleet,
        "Import profile files, or those of a folder, as new versions",
        positionals: "FILE…",
        options: [Usage.reason, Usage.dryRun, Usage.json],
        example: "giga profile import profiles/backend-engineer.md"
    )

    private struct Row: Encodable {
        let profile: String
        let effect: String
        let changes: [String]
        let widens: [String]
        let state: String?
        let position: UInt64?
    }

    private static func row(of change: ProfileImport, _ receipt: ProfileReceipt?) -> Row {
        let (effect, fields): (String, [String]) =
            switch change.effect {
            case .same: ("same", [])
            case .added: ("added", [])
            case .changed(let fields): ("changed", fields)
            }
        return Row(
            profile: change.profile.name,
            effect: effect,
            changes: fields,
            widens: change.widenings,
            state: receipt?.state.rawValue,
            position: receipt?.position
        )
    }

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        let paths = try arguments.some("FILE")
        let files = try ProfileFiles.parse(
            ProfileFiles.named(paths, shop),
            hint: "correct it, then giga profile lint \(paths.joined(separator: " "))"
        )
        try refuseTwice(files.map { ($0.profile.name, $0.path) })
        let client = try CoordinatorClient(arguments, shop)
        let stored = try client.profiles()
        let changes = files.map { file in
            let path = Files.absolute(file.path, from: shop.workingFolder)
            return ProfileImport(file, origin: Files.real(path) ?? path, stored: stored)
        }
        for note in files.flatMap(\.notes) { shop.console.say("note: \(note)") }
        if arguments.has("dry-run") {
            let rule = try client.get("/fleet/policies?limit=1", as: PolicyList.self).secondPerson
            for change in changes {
                let waits = rule.applies && !change.needsSecondPerson.isEmpty
                let deed = waits ? "would wait for a second admin" : "would import"
                shop.console.say("\(deed): \(change.summary)")
            }
            if arguments.wantsJSON { print(changes.map { row(of: $0, nil) }, arguments, shop) }
            return .done
        }
        try consent(
            to: changes.filter { !$0.widenings.isEmpty && $0.effect != .same },
            arguments,
            shop
        )
        var rows: [Row] = []
        for change in changes {
            let receipt =
                change.effect == .same
                ? nil
                : try client.importProfile(change.profile, reason: arguments.value("reason"))
            rows.append(row(of: change, receipt))
            guard !arguments.wantsJSON else { continue }
            let event = receipt?.position.map { "event \($0)" } ?? "nothing changed"
            shop.console.print("\(change.summary)  \(event)")
            if let receipt { for line in ProfileWords.waiting(receipt) { shop.console.say(line) } }
        }
        if arguments.wantsJSON { print(rows, arguments, shop) }
        return .done
    }

    private static func print(_ rows: [Row], _ arguments: Arguments, _ shop: Shop) {
        JSONOutput.print(["profiles": rows], arguments, rows: "profiles", shop.console)
    }

    private static func refuseTwice(_ files: [(name: String, path: String)]) throws(CommandFault) {
        var seen: [String: String] = [:]
        for (name, path) in files {
            if let other = seen.updateValue(path, forKey: name) {
                throw .usage(
                    "The profile \(name) was given twice",
                    why: "\(other) and \(path) both have that name",
                    hint: "give one of them"
                )
            }
        }
    }

    /// What lets jobs do more than before is agreed to by a person, once.
    private static func consent(
        to changes: [ProfileImport],
        _ arguments: Arguments,
        _ shop: Shop
    ) throws(CommandFault) {
        guard !changes.isEmpty else { return }
        for change in changes { shop.console.say(change.summary) }
        let names = changes.map(\.profile.name).joined(separator: ", ")
        switch shop.console.consent("let jobs of \(names) do that", arguments) {
        case .given: return
        case .refused:
            throw refusal(names, why: "the answer was no, and nothing was imported")
        case .nobodyToAsk:
            throw refusal(names, why: "there is nobody to ask here, and nothing was imported")
        }
    }

    private static func refusal(_ names: String, why: String) -> CommandFault {
        CommandFault(
            .refusedByGate,
            "profile.widens",
            what: "\(names) would let jobs do more than before",
            why: why,
            hint: "read the lines above, then add --yes"
        )
    }
}
