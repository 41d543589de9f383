import Glibc

/// Bytes in and out of files as durable logs need it.
enum LogFile {
    static func bytes(_ path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return nil }
        defer { close(file) }
        return bytes(file, from: 0, count: Int(lseek(file, 0, SEEK_END)))
    }

    /// Up to `count` bytes from `offset` on.
    static func bytes(_ file: Int32, from offset: Int64, count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: max(0, count)) { buffer, filled in
            while filled < count {
                let rest = UnsafeMutableBufferPointer(rebasing: buffer[filled..<count])
                let got = pread(file, rest.baseAddress, rest.count, off_t(offset) + filled)
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { return }
                filled += got
            }
        }
    }

    /// How much was written; less than all of it when the disk is full or broken.
    static func write(_ bytes: ArraySlice<UInt8>, to file: Int32, at offset: Int64? = nil) -> Int {
        bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let rest = UnsafeRawBufferPointer(rebasing: buffer[done...])
                let count =
                    offset.map { pwrite(file, rest.baseAddress, rest.count, off_t($0) + done) }
                    ?? Glibc.write(file, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return done }
                done += count
            }
            return done
        }
    }

    /// Writes a whole file: temporary name, sync, rename, sync of the folder.
    static func replace(_ path: String, _ bytes: [UInt8]) throws(RunLogs.Fault) {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        // No run's name begins with a dot: another artifact can never be meant.
        let temporary = "\(path.dropLast(name.utf8.count)).\(name).new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw .last(temporary) }
        let isSafe = write(bytes[...], to: file) == bytes.count && fdatasync(file) == 0
        let fault = RunLogs.Fault.last(temporary)
        close(file)
        guard isSafe else { throw fault }
        guard rename(temporary, path) == 0, sync(folderOf: path) else { throw .last(path) }
    }

    /// A new name is safe only once its folder is.
    static func sync(folderOf path: String) -> Bool {
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return false }
        defer { close(directory) }
        return fsync(directory) == 0
    }
}
