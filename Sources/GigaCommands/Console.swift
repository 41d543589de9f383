import Glibc
import Synchronization

/// Where a command's output goes: data to standard output, messages to standard error.
package final class Console: Sendable {
    private let output: Int32
    private let errors: Int32
    private let lock = Mutex(())
    /// Whether messages may be coloured.
    package let hasColor: Bool
    package let isTerminal: Bool

    package init(output: Int32 = 1, errors: Int32 = 2, environment: [String: String]) {
        self.output = output
        self.errors = errors
        isTerminal = isatty(output) == 1
        hasColor = isatty(errors) == 1 && environment["NO_COLOR", default: ""].isEmpty
    }

    package func print(_ line: String) { write(line + "\n", to: output) }
    package func printRaw(_ bytes: [UInt8]) { write(bytes, to: output) }
    package func say(_ line: String) { write(line + "\n", to: errors) }

    private func write(_ text: String, to file: Int32) { write(Array(text.utf8), to: file) }

    private func write(_ bytes: [UInt8], to file: Int32) {
        lock.withLock { _ in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }
}

/// Columns of text, each as wide as its widest cell.
enum Table {
    static func lines(_ header: [String], _ rows: [[String]]) -> [String] {
        let all = [header] + rows
        let widths = header.indices.map { column in
            all.map { $0[column].count }.max() ?? 0
        }
        return all.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let padding = column == row.count - 1 ? 0 : widths[column] - cell.count + 2
                line += cell + String(repeating: " ", count: max(padding, 0))
            }
            return line
        }
    }
}
