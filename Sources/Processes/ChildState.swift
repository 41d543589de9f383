import Glibc

/// What is known of a child, from its start to its last byte.
struct ChildState: Sendable {
    enum Phase: Sendable {
        case starting
        case failed(SpawnFault)
        case running(pid_t)
        /// The leader has ended; its number is still reserved and output may still arrive.
        case exited(pid_t, ProcessExit)
        /// Everything is read and the number is given back.
        case finished(pid_t, ProcessExit)
    }

    var phase = Phase.starting
    var isReaped = false
    var output = CollectedOutput()
    var errorOutput = CollectedOutput()
    var strays: [ProcessEntry] = []
    var survivors: [ProcessEntry] = []

    var exit: ProcessExit? {
        switch phase {
        case .exited(_, let exit), .finished(_, let exit): exit
        case .starting, .failed, .running: nil
        }
    }

    var finalExit: ProcessExit? {
        guard case .finished(_, let exit) = phase else { return nil }
        return exit
    }

    /// The leader's number as long as it cannot belong to anyone else.
    var reservedPID: pid_t? {
        if isReaped { return nil }
        return pid
    }

    var pid: pid_t? {
        switch phase {
        case .running(let pid), .exited(let pid, _), .finished(let pid, _): pid
        case .starting, .failed: nil
        }
    }
}
