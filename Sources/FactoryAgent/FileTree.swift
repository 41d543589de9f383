import Glibc

/// The few things about files that a factory does itself; links are never followed.
enum FileTree {
    /// Makes a folder and those above it.
    @discardableResult
    static func make(_ path: String, mode: mode_t = 0o755) -> Bool {
        var built = ""
        for part in path.split(separator: "/") {
            built += "/\(part)"
            if mkdir(built, mode) != 0, errno != EEXIST { return false }
        }
        return isFolder(path)
    }

    static func exists(_ path: String) -> Bool {
        var facts = stat()
        return lstat(path, &facts) == 0
    }

    static func isFolder(_ path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
    }

    static func isExecutable(_ path: String) -> Bool { access(path, X_OK) == 0 }

    /// A plain file's bytes; nil when there is none, or it is larger than the limit.
    static func read(_ path: String, limit: Int = 16 << 20) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var facts = stat()
        guard fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= limit {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes.append(contentsOf: chunk[..<count])
        }
        return bytes.count <= limit ? bytes : nil
    }

    static func text(_ path: String) -> String? {
        read(path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Writes a new file, or replaces one whole, readable by its owner alone.
    @discardableResult
    static func write(_ bytes: [UInt8], to path: String, mode: mode_t = 0o600) -> Bool {
        let draft = "\(path).draft-\(getpid())-\(UInt32.random(in: .min ... .max))"
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard file >= 0 else { return false }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            rest = rest.dropFirst(count)
        }
        let isWhole = rest.isEmpty && fsync(file) == 0
        close(file)
        if isWhole, rename(draft, path) == 0 { return true }
        unlink(draft)
        return false
    }

    /// What tells one state of a file from the next without reading it.
    struct Stamp: Hashable, Sendable {
        let inode: UInt64
        let bytes: Int64
        let changed: Int64
    }

    static func stamp(of path: String) -> Stamp? {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return nil }
        let changed = Int64(facts.st_mtim.tv_sec) * 1_000_000_000 + Int64(facts.st_mtim.tv_nsec)
        return Stamp(inode: UInt64(facts.st_ino), bytes: Int64(facts.st_size), changed: changed)
    }

    /// Makes a file as young as now.
    static func touch(_ path: String) { utimensat(AT_FDCWD, path, nil, AT_SYMLINK_NOFOLLOW) }

    static func isRealFolder(_ path: String) -> Bool {
        var facts = stat()
        return lstat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
    }

    static func names(in folder: String) -> [String] {
        guard let opened = opendir(folder) else { return [] }
        defer { closedir(opened) }
        var names: [String] = []
        while let item = readdir(opened) {
            let name = withUnsafePointer(to: &item.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Removes a folder with all that is in it, also where an agent took the rights away.
    static func remove(_ path: String) {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return }
        guard facts.st_mode & S_IFMT == S_IFDIR else {
            unlink(path)
            return
        }
        chmod(path, 0o700)
        for name in rawNames(in: path) {
            name.withUnsafeBufferPointer { bytes in
                remove(child: bytes, of: path)
            }
        }
        rmdir(path)
    }

    /// Removes a folder, and before all else in it the file that says that it is whole.
    ///
    /// Whoever is killed on the way leaves nothing that still looks whole.
    static func remove(_ path: String, markedBy name: String) {
        let mark = "\(path)/\(name)"
        if isRealFolder(path) {
            chmod(path, 0o700)
            remove(mark)
            guard !exists(mark) else { return }
            // A power cut must not bring back the mark alone.
            let folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            if folder >= 0 {
                fsync(folder)
                close(folder)
            }
        }
        remove(path)
    }

    /// Names may be no UTF-8: they stay bytes.
    private static func rawNames(in folder: String) -> [[CChar]] {
        guard let opened = opendir(folder) else { return [] }
        defer { closedir(opened) }
        var names: [[CChar]] = []
        while let item = readdir(opened) {
            let name = withUnsafePointer(to: &item.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { start in
                    Array(UnsafeBufferPointer(start: start, count: strlen(start) + 1))
                }
            }
            if name != [46, 0], name != [46, 46, 0] { names.append(name) }
        }
        return names
    }

    private static func remove(child: UnsafeBufferPointer<CChar>, of folder: String) {
        guard let name = child.baseAddress else { return }
        if let text = String(validatingCString: name) {
            remove("\(folder)/\(text)")
            return
        }
        let parent = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else { return }
        defer { close(parent) }
        if unlinkat(parent, name, 0) != 0 { unlinkat(parent, name, AT_REMOVEDIR) }
    }

    /// What a folder takes of the disk; links are not followed, names may be any bytes.
    static func bytes(in folder: String) -> Int64 {
        var total: Int64 = 0
        var waiting = [Array(folder.utf8CString.dropLast())]
        while let path = waiting.popLast() {
            guard let opened = opendir(path + [0]) else { continue }
            defer { closedir(opened) }
            while let item = readdir(opened) {
                let name = withUnsafePointer(to: &item.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { start in
                        Array(UnsafeBufferPointer(start: start, count: strlen(start)))
                    }
                }
                guard name != [46], name != [46, 46] else { continue }
                let child = path + [47] + name
                var facts = stat()
                guard lstat(child + [0], &facts) == 0 else { continue }
                total += Int64(facts.st_blocks) * 512
                if facts.st_mode & S_IFMT == S_IFDIR { waiting.append(child) }
            }
        }
        return total
    }

    static func freeBytes(at path: String) -> UInt64? {
        var facts = statvfs()
        guard statvfs(path, &facts) == 0 else { return nil }
        return UInt64(facts.f_bavail) * UInt64(facts.f_frsize)
    }

    static func age(of path: String) -> Int? {
        var facts = stat()
        guard lstat(path, &facts) == 0 else { return nil }
        return time(nil) - facts.st_mtim.tv_sec
    }
}
