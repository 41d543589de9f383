import FleetModel
import FleetProtocol
import Manifests

/// `giga profile show`: every field of one version, and who it makes of an engine.
enum ProfileShowCommand {
    static let usage = Usage(
        "profile show",
        .fleet,
        "Print a profile: every field, its versions, its persona",
        positionals: "NAME[@VERSION]",
        options: [Usage.json],
        example: "giga profile show developer"
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        let name = try arguments.only("NAME")
        let client = try CoordinatorClient(arguments, shop)
        let (profile, versions, proposal) = try client.profile(name)
        if arguments.wantsJSON {
            JSONOutput.print(profile, arguments, shop.console)
        } else {
            for line in lines(profile, versions) { shop.console.print(line) }
            let told = proposal.map(ProfileWords.lines) ?? []
            for line in told.isEmpty ? [] : [""] + told { shop.console.print(line) }
        }
        return .done
    }

    static func lines(_ profile: Profile, _ versions: [Int]) -> [String] {
        let stated = Dictionary(
            uniqueKeysWithValues: ProfileFile.fields(of: profile).map { ($0.name, $0.value) }
        )
        let apart = ["name", "version", "persona"]
        let rows = FieldTable.rows(of: .profile).filter { !apart.contains($0.name) }.map { row in
            let value = stated[row.name] ?? "(\(row.defaultText))"
            return [row.name, stated[row.name] == nil ? value : value + remark(row.standing)]
        }
        let numbers =
            versions.isEmpty ? "none yet" : versions.map(String.init).joined(separator: ", ")
        return [
            "\(profile.reference)  from \(profile.origin ?? "the API")  versions \(numbers)", "",
        ]
            + Table.lines(["field", "value (or default)"], rows) + ["", profile.persona]
    }

    private static func remark(_ standing: FieldStanding) -> String {
        if case .recorded(let word) = standing { "  recorded, not \(word) yet" } else { "" }
    }
}
