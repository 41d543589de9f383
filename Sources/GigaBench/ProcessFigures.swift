import FoundationEssentials
import Glibc

/// What the kernel says of a process, by its number or `self`; 0 for one that is gone.
enum ProcessFigures {
    /// Nanoseconds of processor time so far, to the hundredth of a second.
    static func processorTime(of process: String) -> Int64 {
        let stat = text("stat", of: process)
        guard let end = stat.lastIndex(of: ")") else { return 0 }
        // The 14th and 15th fields; the name before them is the second and may hold blanks.
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        let ticks = fields.dropFirst(11).prefix(2).compactMap { Int64($0) }.reduce(0, +)
        return ticks * 1_000_000_000 / Int64(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Bytes that it had the kernel write to a disk so far.
    static func bytesWritten(by process: String) -> Int64 {
        number(after: "write_bytes:", in: text("io", of: process))
    }

    /// What it has in memory, in bytes.
    static func residentBytes(of process: String) -> Int64 {
        number(after: "VmRSS:", in: text("status", of: process)) * 1_024
    }

    private static func number(after label: String, in text: String) -> Int64 {
        let line = text.split(separator: "\n").first { $0.hasPrefix(label) }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int64($0) }
            ?? 0
    }

    private static func text(_ file: String, of process: String) -> String {
        (try? String(contentsOfFile: "/proc/\(process)/\(file)", encoding: .utf8)) ?? ""
    }
}
