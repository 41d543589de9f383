import CShims
import Glibc

/// One thread's work for one child: start it, feed it, read it, learn of its end, reap it.
///
/// The thread that starts a child must outlive it: the kernel kills a child that asked to die
/// with its parent (bubblewrap does) when that *thread* ends.
struct ChildPump: ~Copyable {
    private let invocation: Invocation
    private let state: Monitor<ChildState>
    private let onExit: (@Sendable (ProcessExit) -> Void)?
    private var output: OutputReader
    private var errorOutput: OutputReader
    private var input = Descriptor.none
    private var outputEnd = Descriptor.none
    private var errorEnd = Descriptor.none
    private var pidfd = Descriptor.none
    private var pid: pid_t = 0
    private var unwritten: ArraySlice<UInt8> = []

    init(
        _ invocation: Invocation,
        output: OutputSink,
        errorOutput: OutputSink,
        state: Monitor<ChildState>,
        onExit: (@Sendable (ProcessExit) -> Void)?
    ) {
        self.invocation = invocation
        self.state = state
        self.onExit = onExit
        self.output = OutputReader(output)
        self.errorOutput = OutputReader(errorOutput)
        if case .bytes(let bytes) = invocation.input { unwritten = bytes[...] }
    }

    mutating func run() {
        do throws(SpawnFault) {
            try start()
        } catch {
            state.change { $0.phase = .failed(error) }
            return
        }
        let child = pid
        state.change { $0.phase = .running(child) }
        let exit = pump()
        finish(exit)
    }

    private mutating func start() throws(SpawnFault) {
        let started = try SpawnedChild.start(invocation)
        (pid, pidfd) = (started.pid, started.pidfd)
        (input, outputEnd, errorEnd) = (started.input, started.output, started.error)
        if unwritten.isEmpty { input.close() }
    }

    private mutating func pump() -> ProcessExit {
        var exit: ProcessExit?
        var drained = Deadline.never
        var isLastRound = false
        while !isLastRound, exit == nil || outputEnd.isOpen || errorEnd.isOpen {
            // A thread that got no turn for so long has not yet read what lay there all along.
            isLastRound = exit != nil && drained.hasPassed
            var waits = [
                pollfd(fd: exit == nil ? pidfd.number : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: input.number, events: Int16(POLLOUT), revents: 0),
                pollfd(fd: outputEnd.number, events: Int16(POLLIN), revents: 0),
                pollfd(fd: errorEnd.number, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&waits, nfds_t(waits.count), drained.pollTimeout) > 0 else { continue }
            if waits[1].revents != 0 { feed() }
            if waits[2].revents != 0 { Self.drain(&outputEnd, into: &output) }
            if waits[3].revents != 0 { Self.drain(&errorEnd, into: &errorOutput) }
            if waits[0].revents != 0, let ended = pidfdExit(reap: false) {
                exit = ended
                input.close()
                leaderEnded(ended)
                drained = .after(invocation.drainGrace)
            }
        }
        return exit ?? .code(127)
    }

    private func leaderEnded(_ exit: ProcessExit) {
        let child = pid
        state.change { $0.phase = .exited(child, exit) }
        guard invocation.afterwards == .killOthers else { return }
        let family = ProcessFamily(leader: pid, marker: invocation.marker)
        let report = family.stop(.killAtOnce, isSandboxed: false)
        state.change {
            $0.strays = report.signalled
            $0.survivors = report.survivors
        }
    }

    private mutating func finish(_ exit: ProcessExit) {
        output.end()
        errorOutput.end()
        outputEnd.close()
        errorEnd.close()
        let child = pid
        // Reaped and marked as such in one step: whoever reads a reserved number may rely on it.
        let (kept, keptError) = (output.collected, errorOutput.collected)
        let descriptor = pidfd.number
        state.change {
            ChildRegistry.remove(child) {
                var (code, status): (Int32, Int32) = (0, 0)
                _ = giga_pidfd_wait(descriptor, 1, &code, &status)
            }
            $0.isReaped = true
            $0.output = kept
            $0.errorOutput = keptError
        }
        pidfd.close()
        onExit?(exit)
        state.change { $0.phase = .finished(child, exit) }
    }

    private func pidfdExit(reap: Bool) -> ProcessExit? {
        var (code, status): (Int32, Int32) = (0, 0)
        guard giga_pidfd_wait(pidfd.number, reap ? 1 : 0, &code, &status) == 1 else { return nil }
        return code == Int32(CLD_EXITED) ? .code(status) : .signal(status)
    }

    private mutating func feed() {
        let count = unwritten.withUnsafeBytes { write(input.number, $0.baseAddress, $0.count) }
        if count > 0 {
            unwritten = unwritten.dropFirst(count)
        } else if errno != EAGAIN, errno != EINTR {
            // The child has closed its end: it does not want the rest.
            unwritten = []
        }
        if unwritten.isEmpty { input.close() }
    }

    private static func drain(_ end: inout Descriptor, into reader: inout OutputReader) {
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { buffer in
            let count = read(end.number, buffer.baseAddress, buffer.count)
            if count > 0 {
                reader.take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                end.close()
            }
        }
    }
}

/// A file descriptor that knows whether it is open.
struct Descriptor {
    static let none = Descriptor(number: -1)
    private(set) var number: Int32

    var isOpen: Bool { number >= 0 }

    init(number: Int32) { self.number = number }

    mutating func close() {
        guard isOpen else { return }
        Glibc.close(number)
        number = -1
    }
}
