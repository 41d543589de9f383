import Glibc

/// One mebibyte set aside in the data folder, given up when the disk is full.
///
/// It leaves just enough room to open the store once more, answer reads and cancel jobs.
enum ReserveFile {
    static let size = 1 << 20

    /// Makes the file if it is missing and there is room for twice its size; never fails.
    static func keep(in folder: String) {
        guard let free = FreeSpace.bytes(at: folder), free >= UInt64(2 * size) else { return }
        let path = path(in: folder)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        if posix_fallocate(descriptor, 0, off_t(size)) != 0 { unlink(path) }
    }

    static func release(in folder: String) { unlink(path(in: folder)) }

    private static func path(in folder: String) -> String { folder + "/giga.reserve" }
}
