import FleetModel
import Glibc
import Processes
import Synchronization

/// Growing logs of runs: one append-only file each, synced before a chunk is acknowledged.
///
/// They bypass the writer, and have a thread of their own: a flood of output must hold up neither a
/// claim nor the threads that serve requests. What comes within a moment is synced together.
final class RunLogs: Sendable {
    enum Fault: Error, Hashable {
        case gap(acknowledged: Int64)
        case broken(path: String, reason: String)
        /// More waits to be written than memory is meant for.
        case busy

        /// What the last failed call of the system said.
        static func last(_ path: String) -> Fault {
            .broken(path: path, reason: String(cString: strerror(errno)))
        }
    }

    private enum Work: Sendable {
        case chunk(LogWriting.Chunk, @Sendable (Result<Int64, Fault>) -> Void)
    }

    private struct Queue: Sendable {
        var work: [Work] = []
        var bytes = 0
        var isStopping = false
        var hasStopped = true
    }

    private static let queueLimit = 64 << 20
    /// Long enough for chunks of several runs to meet, and short beside the 100 ms that are allowed.
    private let gathering: Duration
    private let folder: String
    private let queue = Monitor(Queue())
    private let acknowledged = Mutex<[RunID: Int64]>([:])
    private let grown = Mutex<(@Sendable (Set<RunID>) -> Void)?>(nil)

    init(folder: String, gathering: Duration = .milliseconds(20)) {
        self.folder = folder
        self.gathering = gathering
        mkdir(folder, 0o700)
    }

    /// Cuts each log to what was acknowledged of it, and starts the thread that writes.
    ///
    /// `isGrowing` says whether a run is still under way.
    func start(isGrowing: @escaping @Sendable (RunID) -> Bool) throws {
        let writing = try LogWriting(folder: folder, isGrowing: isGrowing)
        acknowledged.withLock { $0 = writing.acknowledged }
        queue.change { $0.hasStopped = false }
        try DedicatedThread.start { [self] in
            var writing = writing
            while let work = nextWork() { perform(work, &writing) }
            queue.change { $0.hasStopped = true }
        }
    }

    /// Finishes what waits, and returns when that is done.
    func stop() {
        queue.change { $0.isStopping = true }
        _ = queue.wait { $0.hasStopped ? true : nil }
    }

    /// Called with the runs whose logs have grown, on the thread that writes.
    func whenGrown(_ body: @escaping @Sendable (Set<RunID>) -> Void) {
        grown.withLock { $0 = body }
    }

    /// Appends what is new of `bytes`, which begin at `offset` of the log.
    ///
    /// `reply` gets how much of the log is safe, once it is.
    func append(
        _ bytes: [UInt8],
        at offset: Int64,
        to run: RunID,
        reply: @escaping @Sendable (Result<Int64, Fault>) -> Void
    ) {
        let chunk = LogWriting.Chunk(run: run, bytes: bytes, offset: offset)
        if !enqueue(.chunk(chunk, reply), bytes.count) { reply(.failure(.busy)) }
    }

    private func enqueue(_ work: Work, _ count: Int) -> Bool {
        queue.change { queue in
            guard !queue.isStopping, queue.bytes + count <= Self.queueLimit else { return false }
            queue.work.append(work)
            queue.bytes += count
            return true
        }
    }

    private func nextWork() -> [Work]? {
        let hasWork = queue.wait { queue -> Bool? in
            queue.work.isEmpty ? (queue.isStopping ? false : nil) : true
        }
        guard hasWork == true else { return nil }
        _ = queue.wait(until: .after(gathering)) { $0.isStopping ? true : nil }
        return queue.change { queue in
            defer { (queue.work, queue.bytes) = ([], 0) }
            return queue.work
        }
    }

    private func perform(_ work: [Work], _ writing: inout LogWriting) {
        var chunks: [LogWriting.Chunk] = []
        var replies: [@Sendable (Result<Int64, Fault>) -> Void] = []
        for case .chunk(let chunk, let reply) in work {
            chunks.append(chunk)
            replies.append(reply)
        }
        if !chunks.isEmpty {
            let results = writing.write(chunks)
            publish(chunks.map(\.run), writing.acknowledged)
            for (reply, result) in zip(replies, results) { reply(result) }
            grown.withLock { $0 }?(Set(chunks.map(\.run)))
        }
    }

    /// Only what changed: the whole would be copied each time.
    private func publish(_ runs: [RunID], _ lengths: [RunID: Int64]) {
        acknowledged.withLock { known in
            for run in runs { known[run] = lengths[run] }
            if known.count > lengths.count { known = lengths }
        }
    }

    // MARK: Reading, on any thread

    /// How much of a log is safe; nil when there is none yet.
    func length(of run: RunID) -> Int64? {
        if let length = acknowledged.withLock({ $0[run] }) { return length }
        var facts = stat()
        guard lstat(path(of: run), &facts) == 0 else { return nil }
        return Int64(facts.st_size)
    }

    /// The file of a log, to be closed by the caller; nil when there is none yet.
    func file(of run: RunID) -> Int32? {
        let file = open(path(of: run), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        return file >= 0 ? file : nil
    }

    /// The bytes of a log from `offset` on, at most `limit`; empty when there is none yet.
    func read(_ run: RunID, from offset: Int64, limit: Int) -> [UInt8] {
        guard let length = length(of: run), offset < length, let file = file(of: run) else {
            return []
        }
        defer { close(file) }
        return LogFile.bytes(file, from: offset, count: Int(min(length - offset, Int64(limit))))
    }

    private func path(of run: RunID) -> String { "\(folder)/\(run).log" }
}
