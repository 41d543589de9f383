import Detection
import FleetModel
import Glibc

/// Copies one file out of a tree that strangers wrote, without the secrets that the factory knows.
struct ArtifactStaging {
    /// Why a file is left out, as the end of a sentence that begins with its path.
    struct LeftOut: Error, Hashable {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }

    struct Staged: Hashable {
        let bytes: Int64
        let sha256: String
        let redactions: Int
    }

    let secrets: [KnownSecret]
    let mostBytes: Int64

    /// Copies `name`, which lies in an open folder, to the new file `target`.
    func copy(_ name: String, in folder: Int32, to target: String) throws(LeftOut) -> Staged {
        let file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else {
            throw LeftOut(errno == ENOENT ? "it vanished" : String(cString: strerror(errno)))
        }
        defer { close(file) }
        var facts = stat()
        guard fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            throw LeftOut("it is no plain file")
        }
        // Another name of it may lie anywhere, outside the tree too.
        guard facts.st_nlink == 1 else { throw LeftOut("it has further names (hard links)") }
        guard facts.st_size <= mostBytes else { throw LeftOut(tooLarge(Int64(facts.st_size))) }
        let output = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard output >= 0 else { throw LeftOut(Self.cannotCopy) }
        defer { close(output) }
        do throws(LeftOut) { return try copy(file, to: output) } catch {
            unlink(target)
            throw error
        }
    }

    private func copy(_ file: Int32, to output: Int32) throws(LeftOut) -> Staged {
        var redactor = Redactor(secrets: secrets)
        let digest = RunningDigest()
        var (read, written): (Int64, Int64) = (0, 0)
        var isText = true
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw LeftOut(String(cString: strerror(errno))) }
            // As git does: what has a zero at its beginning is no text.
            if read == 0 { isText = !buffer[..<min(count, 8_000)].contains(0) }
            read += Int64(count)
            guard read <= mostBytes else { throw LeftOut(tooLarge(read)) }
            let piece = Array(buffer[..<count])
            let clean = count > 0 ? redactor.feed(piece) : redactor.finish()
            if !isText, let kind = redactor.findings.first?.kind {
                throw LeftOut("it holds a secret (\(kind)), and is no text that could go without")
            }
            let kept = isText ? clean : piece
            guard Self.write(kept, to: output) else { throw LeftOut(Self.cannotCopy) }
            digest.update(kept)
            written += Int64(kept.count)
            guard written <= mostBytes else { throw LeftOut(tooLarge(written)) }
            if count == 0 { break }
        }
        return Staged(
            bytes: written,
            sha256: digest.finish().hex,
            redactions: redactor.findings.count
        )
    }

    private func tooLarge(_ bytes: Int64) -> String {
        "it has \(bytes) bytes, and \(mostBytes) is the most"
    }

    private static var cannotCopy: String {
        "the factory cannot copy it: \(String(cString: strerror(errno)))"
    }

    private static func write(_ bytes: [UInt8], to file: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
