import FleetPorts
import Glibc

/// The one right to have a data folder open: an advisory lock on `giga.lock`, the pid inside.
///
/// The file stays when the lock is given back: removing it would let two processes hold locks on
/// two files of one name.
final class FolderLock {
    private let descriptor: Int32

    /// - Throws: `busy` with the holder's pid when another opening holds it.
    init(folder: String) throws(StoreFault) {
        let path = folder + "/giga.lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.fault(path, "it cannot be opened") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let held = errno == EWOULDBLOCK
            let fault =
                held
                ? .busy(path: path, pid: Self.holder(descriptor))
                : Self.fault(path, "it cannot be locked")
            Glibc.close(descriptor)
            throw fault
        }
        self.descriptor = descriptor
        // Only a courtesy to whoever comes second: on a full disk the lock holds all the same.
        let line = Array("\(getpid())\n".utf8)
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, line, line.count, 0)
    }

    deinit {
        _ = ftruncate(descriptor, 0)
        // A child that is just being started still has the file open until it executes its program;
        // closing alone would leave the lock to it for so long.
        flock(descriptor, LOCK_UN)
        Glibc.close(descriptor)
    }

    private static func holder(_ descriptor: Int32) -> Int32? {
        var buffer = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        let digits = buffer.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }
        return Int32(String(decoding: digits, as: UTF8.self))
    }

    private static func fault(_ path: String, _ what: String) -> StoreFault {
        let number = errno
        guard number == ENOSPC || number == EDQUOT else {
            return .broken(path: path, reason: "\(what): \(systemMessage(number))")
        }
        return .full(path: path, needed: nil, free: FreeSpace.bytes(at: path))
    }
}
