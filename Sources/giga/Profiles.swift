import GigaCommands
import ShippedProfiles

/// The profiles that a coordinator has from its start on.
enum Profiles {
    static func importAll(
        _ sources: ProfileSources,
        into coordinator: any RunningCoordinator,
        _ console: Console
    ) throws(CommandFault) {
        let client = CoordinatorClient(url: coordinator.url, token: coordinator.token)
        let shipped = ShippedProfiles.all.map {
            ProfileFiles.File(path: $0.path, bytes: $0.bytes)
        }
        try ProfileStart(client, console, version: Wiring.version)
            .importAll(shipped: shipped, sources)
    }
}
