import Glibc

/// A folder of a test's own, removed with it.
final class ScratchFolder: Sendable {
    let path: String

    struct Failed: Error {}

    init() throws {
        var template = Array("/tmp/giga-coordinator-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failed() }
        path = template.withUnsafeBufferPointer { buffer in
            String(decoding: buffer.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    deinit { Self.remove(path) }

    /// Names in it, sorted.
    func names(in folder: String = "") -> [String] { Self.names(path + "/" + folder) }

    func bytes(of name: String) -> [UInt8]? {
        let file = open(path + "/" + name, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: Int(lseek(file, 0, SEEK_END)))
        return pread(file, &bytes, bytes.count, 0) == bytes.count ? bytes : nil
    }

    /// Adds to a file, which is made where there is none.
    func append(_ text: String, to name: String) throws {
        let file = open(path + "/" + name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Failed() }
        defer { close(file) }
        let bytes = Array(text.utf8)
        guard write(file, bytes, bytes.count) == bytes.count else { throw Failed() }
    }

    func cut(_ name: String, to length: Int) -> Bool { truncate(path + "/" + name, length) == 0 }

    private static func names(_ path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private static func remove(_ path: String) {
        for name in names(path) where unlink(path + "/" + name) != 0 { remove(path + "/" + name) }
        rmdir(path)
    }
}
