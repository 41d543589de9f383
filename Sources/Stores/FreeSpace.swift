import Glibc

/// How much room a file system has left.
enum FreeSpace {
    /// Bytes that a process without privileges may still write, or nil when the system won't say.
    static func bytes(at path: String) -> UInt64? {
        var figures = statvfs()
        guard statvfs(path, &figures) == 0 else { return nil }
        return UInt64(figures.f_bavail) * UInt64(figures.f_frsize)
    }
}
