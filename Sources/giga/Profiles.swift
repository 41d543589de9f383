import FleetModel
import FleetProtocol
import GigaCommands
import HTTPServing
import Manifests
import ShippedProfiles

/// Profiles from files: the shipped ones, then those of the folders, imported as new versions.
enum Profiles {
    static func importAll(
        _ folders: [String],
        into coordinator: any RunningCoordinator,
        _ console: Console
    ) throws(CommandFault) {
        let client = CoordinatorClient(url: coordinator.url, token: coordinator.token)
        for (path, bytes) in ShippedProfiles.all + folders.flatMap(files) {
            switch ProfileFile.parse(bytes, path: path) {
            case .accepted(let file): try client.importProfile(file.profile)
            case .refused(let errors):
                throw .files(
                    errors,
                    "profile.invalid",
                    why: "profiles are imported whole or not at all",
                    hint: "giga profile lint \(path)"
                )
            }
        }
    }

    private static func files(in folder: String) -> [(String, [UInt8])] {
        // A profile has front matter: a README beside them is no profile.
        Files.names(in: folder).filter { $0.hasSuffix(".md") }.compactMap { name in
            Files.read("\(folder)/\(name)").map { ("\(folder)/\(name)", $0) }
        }.filter { $0.1.starts(with: Array("---".utf8)) }
    }
}
