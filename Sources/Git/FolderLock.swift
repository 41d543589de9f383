import Glibc

/// A lock between threads and processes that the kernel gives back when its holder dies.
enum FolderLock {
    /// Waits for its turn; every git call under it has a deadline, so the turn comes.
    static func hold<Value>(
        beside path: String,
        _ body: () throws(GitFault) -> Value
    ) throws(GitFault) -> Value {
        let file = open("\(path).lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else {
            let words = "\(path).lock: \(String(cString: strerror(errno)))"
            throw GitFault(.failed, command: "lock", words: words)
        }
        defer { close(file) }
        while flock(file, LOCK_EX) != 0, errno == EINTR {}
        // Closing alone leaves the lock to a child that has not executed its program yet.
        defer { flock(file, LOCK_UN) }
        return try body()
    }
}

/// The few things about files that git is not asked for.
enum Folder {
    static func exists(_ path: String) -> Bool {
        var facts = stat()
        return stat(path, &facts) == 0
    }

    /// Makes a folder and those above it.
    static func make(_ path: String) throws(GitFault) {
        var built = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            built += "/\(part)"
            if mkdir(built, 0o755) != 0, errno != EEXIST {
                let words = "\(built): \(String(cString: strerror(errno)))"
                throw GitFault(.failed, command: "mkdir", words: words)
            }
        }
    }

    /// A folder that is new, or empty and not a link.
    static func makeFresh(_ path: String) throws(GitFault) {
        try make(path)
        var facts = stat()
        guard lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR,
            let folder = opendir(path)
        else { throw .refused("mkdir", "\(path) is not a folder") }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        guard count <= 2 else { throw .refused("mkdir", "\(path) is not empty") }
    }

    /// A regular file's bytes; links, pipes and files over the limit are refused.
    static func read(_ path: String, limit: Int) throws(GitFault) -> [UInt8] {
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else {
            let words = "\(path): \(String(cString: strerror(errno)))"
            throw GitFault(.unsound, command: "read", words: words)
        }
        defer { close(file) }
        var facts = stat()
        guard fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, facts.st_size <= limit
        else {
            let words = "\(path) is no regular file of at most \(limit) bytes"
            throw GitFault(.unsound, command: "read", words: words)
        }
        var bytes = [UInt8](repeating: 0, count: Int(facts.st_size))
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes {
                Glibc.read(file, $0.baseAddress.map { $0 + filled }, $0.count - filled)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            filled += count
        }
        return Array(bytes.prefix(filled))
    }
}
