/// One program to start, with everything that it will find.
package struct Invocation: Sendable {
    package enum Input: Sendable {
        /// `/dev/null`: nothing can ever wait on it.
        case none
        /// These bytes, then end of file; a child that does not read them is no error.
        case bytes([UInt8])
    }

    /// What happens to the rest of the family when the leader has ended.
    package enum Afterwards: Hashable, Sendable {
        case leaveOthers
        /// Every descendant that is left is killed before the output counts as complete.
        case killOthers
    }

    /// A name that is looked up on the path, or an absolute file.
    package var program: String
    package var arguments: [String]
    /// The whole environment: nothing is inherited.
    package var environment: [String: String]
    package var folder: String?
    package var input: Input
    package var limits: ResourceLimits
    /// Put into the environment and the limits, so that strays can be told apart.
    package var marker: RunMarker?
    package var afterwards: Afterwards
    /// How long output may still arrive after the leader has ended, from whoever holds the pipe.
    package var drainGrace: Duration
    /// Where programs are looked up; nil is this process's own path.
    package var searchPath: String?
    /// Read by the child as descriptor 3; bubblewrap takes its options from it.
    var sealed: [UInt8]?

    package init(
        _ program: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        folder: String? = nil,
        input: Input = .none,
        limits: ResourceLimits = ResourceLimits(),
        marker: RunMarker? = nil,
        afterwards: Afterwards = .leaveOthers,
        drainGrace: Duration = .seconds(2),
        searchPath: String? = nil
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.folder = folder
        self.input = input
        self.limits = limits
        self.marker = marker
        self.afterwards = afterwards
        self.drainGrace = drainGrace
        self.searchPath = searchPath
    }

    /// Whether bubblewrap leads the family: polite signals then go past it, since it dies of them.
    package var isSandboxed: Bool { sealed != nil }

    /// The environment as it will be, marker included.
    package var finalEnvironment: [String: String] {
        guard let marker else { return environment }
        return environment.merging([RunMarker.variable: marker.id]) { _, mark in mark }
    }
}

/// Names a run in the environment of all its processes.
package struct RunMarker: Hashable, Sendable {
    package static let variable = "GIGA_RUN"
    package let id: String

    package init(_ id: String) {
        precondition(!id.isEmpty && !id.utf8.contains(0), "a marker is text without zero bytes")
        self.id = id
    }

    /// The same name as a number that a process cannot lose: the hard limit of realtime seconds.
    ///
    /// It survives fork, exec, a new session and a wiped environment, and limits nobody: with its
    /// highest bits set it stands for thousands of years of microseconds.
    var seal: UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in id.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return 1 << 62 | hash >> 2
    }
}

/// What a child, and each of its children, may use; nil leaves it unlimited.
package struct ResourceLimits: Hashable, Sendable {
    /// Virtual memory in bytes; some runtimes reserve far more than they use, so mind `dataBytes`.
    package var addressSpaceBytes: UInt64?
    /// Private writable memory in bytes, per process.
    package var dataBytes: UInt64?
    /// Processes of this user in this user namespace; the kernel does not hold root to it.
    package var processes: UInt64?
    package var fileSizeBytes: UInt64?
    package var openFiles: UInt64?
    package var processorSeconds: UInt64?
    /// Core files are off unless asked for: they may hold secrets.
    package var coreBytes: UInt64? = 0

    package init() {}

    /// Whether there is more to limit than core files.
    var isDemanding: Bool { self != ResourceLimits() }
}
