import Glibc

/// A file that is read or written from its beginning to its end.
final class PlainFile {
    static let pieceBytes = 1 << 20

    let path: String
    let descriptor: Int32

    /// Opens a regular file to be read; a link or a pipe is refused.
    init(reading path: String) throws(BackupFault) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.fault(path) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .file(path: path, reason: "it is not a regular file")
        }
    }

    /// Opens a file to be written, for its owner alone; made when it is missing, kept as it is
    /// when it is there.
    init(writing path: String) throws(BackupFault) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.fault(path) }
    }

    deinit { close(descriptor) }

    var size: UInt64 {
        var facts = stat()
        return fstat(descriptor, &facts) == 0 ? UInt64(clamping: facts.st_size) : 0
    }

    /// The next bytes, fewer than asked for only at the end.
    func read(_ count: Int) throws(BackupFault) -> [UInt8] {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            guard let start = buffer.baseAddress else { return }
            while filled < count {
                let got = Glibc.read(descriptor, start + filled, count - filled)
                if got < 0, errno == EINTR { continue }
                failed = got < 0
                guard got > 0 else { return }
                filled += got
            }
        }
        guard !failed else { throw Self.fault(path) }
        return bytes
    }

    func write(_ bytes: [UInt8]) throws(BackupFault) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.fault(path) }
            rest = rest.dropFirst(count)
        }
    }

    /// Back to the beginning; what was in the file is gone.
    func clear() throws(BackupFault) {
        guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw Self.fault(path)
        }
    }

    func rewind() throws(BackupFault) {
        guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw Self.fault(path) }
    }

    func sync() throws(BackupFault) {
        guard fsync(descriptor) == 0 else { throw Self.fault(path) }
    }

    /// The fault that the system's last error number stands for.
    static func fault(_ path: String) -> BackupFault {
        let number = errno
        guard number == ENOSPC || number == EDQUOT else {
            return .file(path: path, reason: systemMessage(number))
        }
        return .full(path: path, free: FreeSpace.bytes(at: folder(of: path)))
    }

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Makes a name in a folder as durable as what the file holds.
    static func syncFolder(_ path: String) throws(BackupFault) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw fault(path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw fault(path) }
    }

    static func exists(_ path: String) -> Bool {
        var facts = stat()
        return lstat(path, &facts) == 0
    }

    /// Names in a folder, sorted; none when it cannot be read.
    static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
