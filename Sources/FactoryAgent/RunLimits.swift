import Glibc
import Processes

/// What the processes of one run may use; the kernel holds them to it.
package struct RunLimits: Hashable, Sendable {
    /// Private writable memory of each process.
    package var memoryBytes: UInt64
    package var processes: Int
    /// The largest file that a process may write.
    package var fileBytes: UInt64

    package init(memoryBytes: UInt64, processes: Int, fileBytes: UInt64) {
        self.memoryBytes = memoryBytes
        self.processes = processes
        self.fileBytes = fileBytes
    }

    /// Enough for honest work, and too little to take the machine down.
    package static let standard = RunLimits(
        memoryBytes: max(1 << 30, (FactProbe.memoryBytes ?? 4 << 30) / 4 * 3),
        processes: 4096,
        fileBytes: 10 << 30
    )

    var resources: ResourceLimits {
        var limits = ResourceLimits()
        limits.dataBytes = memoryBytes
        limits.fileSizeBytes = fileBytes
        if Self.countsProcesses { limits.processes = UInt64(processes) }
        return limits
    }

    /// The kernel counts the processes of every user but root.
    private static var countsProcesses: Bool { getuid() != 0 }

    /// For the record of a run.
    var words: String {
        let counted =
            Self.countsProcesses
            ? "\(processes) processes" : "processes not limited, since the factory runs as root"
        return "limits: \(memoryBytes >> 20) MiB of memory in each process, \(counted), "
            + "files of \(fileBytes >> 20) MiB"
    }
}
