import FleetModel
import FleetProtocol
import Manifests

/// `giga profile …`: the roles that do jobs.
struct ProfileCommand: Sendable {
    let usage: Usage
    let run: @Sendable (Arguments, Shop) throws(CommandFault) -> ExitCode

    static let list = ProfileCommand(
        usage: Usage(
            "profile list",
            .fleet,
            "List profiles with their newest version, and what waits for approval",
            options: [Usage.json],
            example: "giga profile list"
        ),
        run: { arguments, shop throws(CommandFault) in
            let client = try CoordinatorClient(arguments, shop)
            let list = try client.profileList()
            if arguments.wantsJSON {
                JSONOutput.print(list, arguments, rows: "profiles", shop.console)
                return .done
            }
            let rows = list.profiles.map { profile in
                [
                    "\(profile.reference)", profile.engineClass ?? "agentic-coder",
                    profile.persona.split(separator: "\n").first.map(String.init) ?? "",
                ]
            }
            for line in Table.lines(["profile", "engine class", "persona"], rows) {
                shop.console.print(line)
            }
            for proposal in list.proposals where proposal.isPending {
                shop.console.print("")
                for line in ProfileWords.lines(of: proposal) { shop.console.print(line) }
            }
            return .done
        }
    )

    static let lint = ProfileCommand(
        usage: Usage(
            "profile lint",
            .fleet,
            "Check profile files; import nothing",
            positionals: "FILE…",
            example: "giga profile lint profiles/developer.md",
            isLocal: true
        ),
        run: { arguments, shop throws(CommandFault) in
            let paths = try arguments.some("FILE")
            let files = try ProfileFiles.parse(
                ProfileFiles.named(paths, shop),
                hint: "correct it, then giga profile lint \(paths.joined(separator: " "))"
            )
            for note in files.flatMap(\.notes) { shop.console.say("\(note)") }
            let count = files.count == 1 ? "file is" : "files are"
            shop.console.say("\(files.count) \(count) well formed")
            return .done
        }
    )
}
