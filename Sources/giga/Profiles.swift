import GigaCommands
import Processes
import ShippedProfiles

/// The profiles that a coordinator has from its start on, and those that change while it runs.
enum Profiles {
    static func importAll(
        _ sources: ProfileSources,
        into coordinator: any RunningCoordinator,
        _ console: Console
    ) throws(CommandFault) -> ProfileWatch? {
        let start = ProfileStart(
            coordinator.client,
            console,
            version: Wiring.version
        )
        // Watched before they are read, so that no change falls between the two.
        let watch = ProfileWatch(
            [
                sources.own.map { ProfileWatch.Folder(path: $0, mayWiden: true) },
                sources.named.map { ProfileWatch.Folder(path: $0, mayWiden: false) },
            ].compactMap(\.self)
        )
        let shipped = ShippedProfiles.all.map {
            ProfileFiles.File(path: $0.path, bytes: $0.bytes)
        }
        try start.importAll(shipped: shipped, sources)
        do throws(SpawnFault) {
            try watch?.start { path, folder in
                start.importChanged(path, mayWiden: folder.mayWiden)
            }
        } catch {
            console.say("note: profiles that change are imported at the next start only: \(error)")
            return nil
        }
        return watch
    }
}
