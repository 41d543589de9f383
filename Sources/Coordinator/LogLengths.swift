import FleetModel
import Glibc

/// How much of each growing log is acknowledged, in an append-only file beside the logs.
///
/// A log may be longer than this after a crash: what nobody was told to be safe is cut off then, so
/// that a factory and the coordinator never disagree on what stands at a position. A log that is not
/// listed is as long as its file.
package struct LogLengths {
    /// Beside the logs, and never one of them.
    package static let fileName = ".acknowledged"

    private(set) var lengths: [RunID: Int64] = [:]
    private let path: String
    private var size: Int64 = 0
    /// A crash in the midst of a line leaves one without an end.
    private var endsInLine = false

    /// Reads what is there; a line that a crash has spoilt is passed over.
    init(folder: String) {
        path = "\(folder)/\(Self.fileName)"
        guard let bytes = LogFile.bytes(path) else { return }
        size = Int64(bytes.count)
        endsInLine = bytes.last.map { $0 != 0x0A } ?? false
        for line in bytes.split(separator: 0x0A) {
            let words = line.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
            guard words.count == 3, let run = RunID(text: words[0]), let length = Int64(words[1]),
                length >= 0, words[2] == Self.seal(words[0], length)
            else { continue }
            lengths[run] = length
        }
    }

    /// Large enough that it is worth writing only what is still needed.
    var isLong: Bool { size > 1 << 20 }

    /// Notes lengths durably, and remembers them once they are.
    mutating func note(_ changed: [RunID: Int64]) throws(RunLogs.Fault) {
        guard !changed.isEmpty else { return }
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw .last(path) }
        defer { close(file) }
        let isNew = size == 0
        var text = endsInLine ? "\n" : ""
        for (run, length) in changed { text += Self.line(run, length) }
        let bytes = Array(text.utf8)
        let written = LogFile.write(bytes[...], to: file)
        size += Int64(written)
        endsInLine = written != bytes.count
        guard written == bytes.count, fdatasync(file) == 0 else { throw .last(path) }
        if isNew, !LogFile.sync(folderOf: path) { throw .last(path) }
        lengths.merge(changed) { $1 }
    }

    /// Writes the file anew with the logs that may still grow; the others are complete.
    mutating func rewrite(keeping isGrowing: (RunID) -> Bool) throws(RunLogs.Fault) {
        let kept = lengths.filter { isGrowing($0.key) }
        let text = kept.map { Self.line($0.key, $0.value) }.joined()
        try LogFile.replace(path, Array(text.utf8))
        (lengths, size, endsInLine) = (kept, Int64(text.utf8.count), false)
    }

    /// Brings each listed log to its acknowledged length.
    mutating func cutLogs(in folder: String) throws(RunLogs.Fault) {
        for (run, length) in lengths {
            let path = "\(folder)/\(run).log"
            let file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
            guard file >= 0 else {
                lengths[run] = nil
                continue
            }
            defer { close(file) }
            let found = Int64(lseek(file, 0, SEEK_END))
            if found < length {
                lengths[run] = found
            } else if found > length {
                guard ftruncate(file, off_t(length)) == 0, fdatasync(file) == 0 else {
                    throw .last(path)
                }
            }
        }
    }

    private static func line(_ run: RunID, _ length: Int64) -> String {
        "\(run) \(length) \(seal("\(run)", length))\n"
    }

    private static func seal(_ run: String, _ length: Int64) -> String {
        String(Digest(sha256: "\(run) \(length)").hex.prefix(8))
    }
}
