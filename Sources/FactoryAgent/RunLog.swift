import Detection
import FleetModel
import Glibc
import Processes

/// One run's log on its way to the coordinator: redacted first, kept until acknowledged.
///
/// Safe to use from any thread. A thread of its own sends; it ends when the log is closed and
/// everything has arrived, or the lease is gone.
final class RunLog: Sendable {
    private struct State {
        var redactor: Redactor
        var pending: [UInt8] = []
        var acknowledged: Int64 = 0
        var total: Int64 = 0
        var isClosed = false
        var isDone = false
        var isCut = false
    }

    private static let chunk = 256 << 10
    /// What comes after it is not kept: a flood must fill neither disk nor memory.
    private static let limit: Int64 = 64 << 20

    private let control: RunControl
    private let link: any CoordinatorLink
    private let state: Monitor<State>
    private let copy: Int32

    init(
        _ control: RunControl,
        link: any CoordinatorLink,
        secrets: [KnownSecret],
        copyAt path: String
    ) {
        self.control = control
        self.link = link
        state = Monitor(State(redactor: Redactor(secrets: secrets)))
        copy = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        let sender: @Sendable () -> Void = { [self] in send() }
        if (try? DedicatedThread.start(sender)) == nil { state.change { $0.isDone = true } }
    }

    deinit { if copy >= 0 { Glibc.close(copy) } }

    func line(_ bytes: some Sequence<UInt8>, isCut: Bool = false) {
        let mark: [UInt8] = isCut ? Array(" [cut]".utf8) : []
        state.change { state in
            guard !state.isClosed else { return }
            take(state.redactor.feed(Array(bytes) + mark + [0x0A]), &state)
        }
    }

    /// A line of the factory's own, told apart from what the engine prints.
    func say(_ text: String) {
        for part in text.split(separator: "\n") { line("giga: \(part)".utf8) }
    }

    private func take(_ bytes: [UInt8], _ state: inout State) {
        guard !bytes.isEmpty, !state.isCut else { return }
        var kept = bytes
        if state.total + Int64(bytes.count) > Self.limit {
            kept = Array("giga: the log is full; nothing more is kept\n".utf8)
            state.isCut = true
        }
        state.total += Int64(kept.count)
        state.pending += kept
        if copy >= 0 { _ = write(copy, kept, kept.count) }
    }

    /// Nothing more comes; waits until all has arrived, or the time is up.
    func close(waiting duration: Duration) {
        state.change { state in
            guard !state.isClosed else { return }
            take(state.redactor.finish(), &state)
            state.isClosed = true
        }
        _ = state.wait(until: .after(duration)) { $0.isDone ? true : nil }
    }

    private func send() {
        while let chunk = nextChunk() {
            do throws(LinkFault) {
                let safe = try link.appendLog(
                    chunk.bytes,
                    run: control.lease.run.description,
                    fence: control.lease.fence,
                    offset: chunk.offset
                )
                state.change { state in
                    let count = min(max(safe - state.acknowledged, 0), Int64(state.pending.count))
                    state.pending.removeFirst(Int(count))
                    state.acknowledged += count
                }
            } catch {
                guard goesOn(after: error) else { break }
            }
        }
        state.change { $0.isDone = true }
    }

    private func goesOn(after fault: LinkFault) -> Bool {
        switch fault {
        case .unreachable:
            // The lease bounds how long this goes on.
            if BootClock.now() >= control.deadline { return false }
            let isClosed = state.wait(until: .after(.milliseconds(500))) { state in
                state.isClosed ? true : nil
            }
            if isClosed == true { Pause.wait(.milliseconds(200)) }
            return true
        case .stale(let why):
            control.end(.leaseLost(why), ladder: .killAtOnce)
            return false
        default: return false
        }
    }

    /// What to send next; a short wait lets a few lines travel together.
    private func nextChunk() -> (bytes: [UInt8], offset: Int64)? {
        _ = state.wait { $0.pending.isEmpty && !$0.isClosed ? nil : true }
        _ = state.wait(until: .after(.milliseconds(50))) { state in
            state.isClosed || state.pending.count >= Self.chunk ? true : nil
        }
        return state.read { state in
            if state.pending.isEmpty { return nil }
            return (Array(state.pending.prefix(Self.chunk)), state.acknowledged)
        }
    }
}
