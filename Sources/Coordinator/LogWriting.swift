import FleetModel
import Glibc

/// What the logs' thread writes with: chunks of many runs become safe together.
struct LogWriting {
    /// Bytes of a run that begin at `offset` of its log.
    struct Chunk: Sendable {
        let run: RunID
        let bytes: [UInt8]
        let offset: Int64
    }

    private struct OpenLog {
        let path: String
        let file: Int32
        let isNew: Bool
        let before: Int64
        var length: Int64
        var fault: RunLogs.Fault?
    }

    private let folder: String
    private var lengths: LogLengths
    private let isGrowing: @Sendable (RunID) -> Bool

    /// Cuts every log to what was acknowledged of it.
    init(folder: String, isGrowing: @escaping @Sendable (RunID) -> Bool) throws(RunLogs.Fault) {
        self.folder = folder
        self.isGrowing = isGrowing
        lengths = LogLengths(folder: folder)
        guard !lengths.lengths.isEmpty else { return }
        try shorten()
    }

    /// Cuts the logs first: whatever is not listed any more is as long as its file.
    private mutating func shorten() throws(RunLogs.Fault) {
        try lengths.cutLogs(in: folder)
        // Without room for a new list the old one goes on.
        try? lengths.rewrite(keeping: isGrowing)
    }

    var acknowledged: [RunID: Int64] { lengths.lengths }

    /// Writes chunks in their order and syncs each log once; what is answered is safe.
    mutating func write(_ chunks: [Chunk]) -> [Result<Int64, RunLogs.Fault>] {
        var logs: [RunID: OpenLog] = [:]
        defer { for log in logs.values where log.file >= 0 { close(log.file) } }
        for chunk in chunks where logs[chunk.run] == nil { logs[chunk.run] = opened(chunk.run) }
        list(&logs)
        var results: [Result<Int64, RunLogs.Fault>] = []
        for chunk in chunks { results.append(Self.write(chunk, to: &logs[chunk.run])) }
        sync(&logs)
        for (index, chunk) in chunks.enumerated() {
            if let fault = logs[chunk.run]?.fault { results[index] = .failure(fault) }
        }
        if lengths.isLong { try? shorten() }
        return results
    }

    private func opened(_ run: RunID) -> OpenLog {
        let path = "\(folder)/\(run).log"
        var file = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
        let isNew = file < 0 && errno == ENOENT
        if isNew { file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600) }
        let fault = file < 0 ? RunLogs.Fault.last(path) : nil
        let found = file < 0 ? 0 : Int64(lseek(file, 0, SEEK_END))
        let length = lengths.lengths[run] ?? found
        return OpenLog(
            path: path,
            file: file,
            isNew: isNew,
            before: length,
            length: length,
            fault: fault
        )
    }

    /// A log is listed before its first byte is written: else a crash could leave bytes in it that
    /// nobody would know to be too many.
    private mutating func list(_ logs: inout [RunID: OpenLog]) {
        let unlisted = logs.filter { lengths.lengths[$0.key] == nil && $0.value.fault == nil }
        do { try lengths.note(unlisted.mapValues(\.length)) } catch {
            for run in unlisted.keys { logs[run]?.fault = error }
        }
    }

    private static func write(
        _ chunk: Chunk,
        to log: inout OpenLog?
    ) -> Result<Int64, RunLogs.Fault> {
        guard var open = log else { preconditionFailure("every chunk's log was opened") }
        if let fault = open.fault { return .failure(fault) }
        guard chunk.offset <= open.length else {
            return .failure(.gap(acknowledged: open.length))
        }
        let known = Int(min(open.length - chunk.offset, Int64(chunk.bytes.count)))
        let fresh = chunk.bytes.dropFirst(known)
        if LogFile.write(fresh, to: open.file, at: open.length) < fresh.count {
            open.fault = .last(open.path)
        } else {
            open.length += Int64(fresh.count)
        }
        log = open
        return .success(open.length)
    }

    /// The logs first, then how long they are.
    private mutating func sync(_ logs: inout [RunID: OpenLog]) {
        var grown: [RunID: Int64] = [:]
        for (run, log) in logs where log.fault == nil && log.length > log.before {
            if fdatasync(log.file) == 0 {
                grown[run] = log.length
            } else {
                logs[run]?.fault = .last(log.path)
            }
        }
        do throws(RunLogs.Fault) {
            if logs.values.contains(where: \.isNew), !LogFile.sync(folderOf: folder + "/") {
                throw RunLogs.Fault.last(folder)
            }
            try lengths.note(grown)
        } catch {
            for run in grown.keys { logs[run]?.fault = error }
        }
    }
}
