import FleetModel
import Manifests

/// `giga profile export`: a stored profile as the file that it would be imported from.
enum ProfileExportCommand {
    static let usage = Usage(
        "profile export",
        .fleet,
        "Print a stored profile as a file, or write it",
        positionals: "NAME[@VERSION]",
        options: [
            .value("to", "PATH", "Write it there: a file NAME.md, or a folder"), Usage.dryRun,
        ],
        example: "giga profile export qa@2 --to profiles/"
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        let wanted = try arguments.only("NAME")
        let (profile, _, _) = try CoordinatorClient(arguments, shop).profile(wanted)
        let text = try text(of: profile)
        guard let target = arguments.value("to") else {
            shop.console.printRaw(Array(text.utf8))
            return .done
        }
        let path = try path(target, for: profile.name, shop)
        let whole = Files.absolute(path, from: shop.workingFolder)
        if let there = Files.read(whole) {
            guard there != Array(text.utf8) else {
                shop.console.say("\(path) says that already")
                return .done
            }
            throw CommandFault.exists(path, hint: "giga profile export \(wanted) > \(path)")
        }
        if arguments.has("dry-run") {
            shop.console.say("would write \(path)")
            return .done
        }
        try Files.write(Array(text.utf8), to: whole)
        shop.console.print(path)
        return .done
    }

    /// The file; a profile that no file can say, as only the API takes it, is not cut to fit.
    static func text(of profile: Profile) throws(CommandFault) -> String {
        let text = ProfileFile.write(profile)
        let result = ProfileFile.parse(Array(text.utf8), path: "\(profile.name).md")
        if let back = result.file?.profile, back.saysTheSame(as: profile) { return text }
        throw CommandFault(
            .failed,
            "profile.not-a-file",
            what: "\(profile.reference) cannot be written as a file",
            why: result.errors.first?.summary ?? "a file would say something else",
            hint: "giga profile show \(profile.reference) --json"
        )
    }

    private static func path(
        _ target: String,
        for name: String,
        _ shop: Shop
    ) throws(CommandFault) -> String {
        if target.hasSuffix("/") || Files.isFolder(Files.absolute(target, from: shop.workingFolder))
        {
            return (target.hasSuffix("/") ? String(target.dropLast()) : target) + "/\(name).md"
        }
        guard ProfileFile.name(of: target) == name, target.hasSuffix(".md") else {
            throw .usage(
                "\(target) cannot hold the profile \(name)",
                why: "the file of a profile has its name",
                hint: "--to \(name).md"
            )
        }
        return target
    }
}

extension CommandFault {
    /// A file of a person's that a command will not write over.
    static func exists(_ path: String, hint: String) -> CommandFault {
        CommandFault(
            .failed,
            "file.exists",
            what: "\(path) is there already",
            why: "giga never writes over a file of yours",
            hint: hint
        )
    }
}
