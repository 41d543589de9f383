import Foundation
import Glibc

/// A folder of a test's own, removed with it; a file system of its own if one is asked for.
final class ScratchFolder {
    let path: String
    private var isMounted = false

    init() throws {
        let name = "giga-stores-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        path = NSTemporaryDirectory() + name
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        if isMounted { umount2(path, Int32(MNT_DETACH)) }
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The folder that the store gets; not there yet.
    var data: String { path + "/data" }

    /// True when a small file system of our own may be mounted: only root may.
    static let canMount: Bool = {
        guard geteuid() == 0, let folder = try? ScratchFolder() else { return false }
        return folder.mount("size=1m")
    }()

    static let noMount = "needs the right to mount a small file system (run as root)"

    func mount(_ options: String) -> Bool {
        isMounted = Glibc.mount("tmpfs", path, "tmpfs", 0, options) == 0
        return isMounted
    }

    func remount(_ options: String, readOnly: Bool = false) -> Bool {
        let flags = MS_REMOUNT | (readOnly ? MS_RDONLY : 0)
        return Glibc.mount("tmpfs", path, "tmpfs", UInt(flags), options) == 0
    }

    func read(_ name: String) -> [UInt8]? {
        FileManager.default.contents(atPath: data + "/" + name).map { [UInt8]($0) }
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        let file = URL(filePath: data + "/" + name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(bytes).write(to: file)
    }
}

/// Writes a whole file or throws, leaving none behind then.
func writeAll(_ bytes: [UInt8], to path: String) throws {
    do {
        try Data(bytes).write(to: URL(filePath: path))
    } catch {
        unlink(path)
        throw error
    }
}
