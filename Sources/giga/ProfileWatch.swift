import GigaCommands
import Glibc
import Processes

/// Notices profile files that are written while a coordinator runs.
final class ProfileWatch: Sendable {
    /// A folder, and whether what changes there may let jobs do more than before.
    struct Folder: Sendable {
        let path: String
        let mayWiden: Bool
    }

    private let notices: Int32
    /// Two ends of one line: when the writer hangs up it is time to end.
    private let stopping: (read: Int32, write: Int32)
    private let folders: [Int32: Folder]

    /// Nil where there is no folder to watch, or the system lets nobody watch more.
    init?(_ folders: [Folder]) {
        let notices = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        guard notices >= 0 else { return nil }
        var watched: [Int32: Folder] = [:]
        for folder in folders {
            // An editor writes the file itself, or another one that it then renames.
            let watch = inotify_add_watch(
                notices,
                folder.path,
                UInt32(IN_CLOSE_WRITE | IN_MOVED_TO)
            )
            if watch >= 0 { watched[watch] = folder }
        }
        var ends: [Int32] = [-1, -1]
        guard !watched.isEmpty, Self.pair(&ends) else {
            close(notices)
            return nil
        }
        stopping = (ends[0], ends[1])
        self.notices = notices
        self.folders = watched
    }

    /// Calls `onChange` on a thread of its own, with the file's path, until `stop`.
    func start(_ onChange: @escaping @Sendable (String, Folder) -> Void) throws(SpawnFault) {
        try DedicatedThread.start { [self] in
            defer {
                close(notices)
                close(stopping.read)
            }
            while waitForNotice() {
                for (path, folder) in takeNotices() where path.hasSuffix(".md") {
                    onChange(path, folder)
                }
            }
        }
    }

    /// Closed in children from the start, so that nobody else keeps the line open.
    private static func pair(_ ends: inout [Int32]) -> Bool {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        return socketpair(AF_UNIX, kind, 0, &ends) == 0
    }

    /// Ends the thread; to be called once.
    func stop() { close(stopping.write) }

    /// False when it is time to end.
    private func waitForNotice() -> Bool {
        var waiting = [
            pollfd(fd: notices, events: Int16(POLLIN), revents: 0),
            pollfd(fd: stopping.read, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&waiting, 2, -1) < 0 { if errno != EINTR { return false } }
        return waiting[1].revents == 0
    }

    private func takeNotices() -> [(String, Folder)] {
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = read(notices, &bytes, bytes.count)
        var found: [(String, Folder)] = []
        let head = MemoryLayout<inotify_event>.size
        var place = 0
        while place + head <= count {
            let event = bytes.withUnsafeBytes {
                $0.loadUnaligned(fromByteOffset: place, as: inotify_event.self)
            }
            let name = bytes[(place + head)..<(place + head + Int(event.len))].prefix { $0 != 0 }
            if let folder = folders[event.wd], !name.isEmpty {
                let path = "\(folder.path)/\(String(decoding: name, as: UTF8.self))"
                // One save may be noticed twice.
                if found.last?.0 != path { found.append((path, folder)) }
            }
            place += head + Int(event.len)
        }
        return found
    }
}
