import Glibc

/// One process as `/proc` shows it.
package struct ProcessEntry: Hashable, Sendable {
    package let pid: Int32
    package let parent: Int32
    package let group: Int32
    package let session: Int32
    /// The program's short name, at most 15 bytes.
    package let name: String
    /// Clock ticks since boot; with `pid` it names a process for ever.
    package let started: UInt64
    package let isZombie: Bool

    /// Reads one process; nil when there is none.
    package static func read(_ pid: Int32) -> ProcessEntry? {
        guard let bytes = ProcessFile.read("/proc/\(pid)/stat", limit: 4_096) else { return nil }
        return ProcessEntry(parsing: bytes)
    }

    /// The name may hold blanks and brackets: what counts is the last closing one.
    package init?(parsing bytes: [UInt8]) {
        guard let open = bytes.firstIndex(of: UInt8(ascii: "(")),
            let close = bytes.lastIndex(of: UInt8(ascii: ")")), open < close
        else { return nil }
        let head = String(decoding: bytes[..<open], as: UTF8.self)
        let rest = String(decoding: bytes[(close + 1)...], as: UTF8.self)
        let fields = rest.split { $0 == " " || $0 == "\n" }
        guard let pid = head.split(separator: " ").first.flatMap({ pid_t($0) }),
            fields.count > 19, let parent = pid_t(fields[1]), let group = pid_t(fields[2]),
            let session = pid_t(fields[3]), let started = UInt64(fields[19])
        else { return nil }
        self.pid = pid
        self.parent = parent
        self.group = group
        self.session = session
        self.started = started
        name = String(decoding: bytes[(open + 1)..<close], as: UTF8.self)
        isZombie = fields[0] == "Z" || fields[0] == "X"
    }

    /// Every process that can be seen, in no promised order.
    package static func all() -> [ProcessEntry] {
        guard let folder = opendir("/proc") else { return [] }
        defer { closedir(folder) }
        var entries: [ProcessEntry] = []
        while let item = readdir(folder) {
            let name = withUnsafePointer(to: &item.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let pid = pid_t(name), let entry = read(pid) { entries.append(entry) }
        }
        return entries
    }

    /// Whether its environment, as it was at its start, or its limits name that run.
    func isMarked(with marker: RunMarker) -> Bool {
        if let limits = ProcessFile.read("/proc/\(pid)/limits", limit: 1 << 16) {
            let seal = String(marker.seal)
            for line in String(decoding: limits, as: UTF8.self).split(separator: "\n")
            where line.hasPrefix("Max realtime timeout") {
                if line.split(separator: " ").contains(Substring(seal)) { return true }
            }
        }
        guard let bytes = ProcessFile.read("/proc/\(pid)/environ", limit: 1 << 20) else {
            return false
        }
        let wanted = Array("\(RunMarker.variable)=\(marker.id)".utf8)
        return bytes.split(separator: 0).contains { $0.elementsEqual(wanted) }
    }
}

/// Files of `/proc`, which have no size to ask for.
enum ProcessFile {
    static func read(_ path: String, limit: Int) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while bytes.count < limit {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes.append(contentsOf: chunk[..<count])
        }
        return bytes
    }
}
