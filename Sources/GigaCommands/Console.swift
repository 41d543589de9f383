import Glibc
import Synchronization

/// Where a command's output goes: data to standard output, messages to standard error.
package final class Console: Sendable {
    private let output: Int32
    private let errors: Int32
    private let lock = Mutex(())
    private let chosen = Mutex(Color.auto)
    private let isColorful: Bool
    package let isTerminal: Bool

    /// When messages are coloured: `--color`.
    package enum Color: String, Sendable, CaseIterable { case auto, always, never }

    package var color: Color {
        get { chosen.withLock { $0 } }
        set { chosen.withLock { $0 = newValue } }
    }

    /// Whether messages are coloured.
    package var hasColor: Bool {
        switch color {
        case .auto: isColorful
        case .always: true
        case .never: false
        }
    }

    package init(output: Int32 = 1, errors: Int32 = 2, environment: [String: String]) {
        self.output = output
        self.errors = errors
        isTerminal = isatty(output) == 1
        isColorful =
            isatty(errors) == 1 && environment["NO_COLOR", default: ""].isEmpty
            && environment["TERM"] != "dumb"
    }

    package func print(_ line: String) { write(line + "\n", to: output) }
    package func printRaw(_ bytes: [UInt8]) { write(bytes, to: output) }
    package func say(_ line: String) { write(line + "\n", to: errors) }

    /// Prints a failure, `error:` in red and hints dim where colour is on.
    package func report(_ fault: CommandFault) {
        for line in fault.printed { say(painted(line)) }
    }

    /// Asks once before what is hard to undo; the default is no.
    ///
    /// Without a terminal, with `--yes` and with `--no-input` nothing is asked, and it is done.
    func confirms(_ deed: String, _ arguments: Arguments) -> Bool {
        guard !arguments.has("yes"), !arguments.has("no-input"), isatty(0) == 1, isatty(errors) == 1
        else { return true }
        write("\(deed)? [y/N] ", to: errors)
        let answer = readLine()?.lowercased() ?? ""
        if answer == "y" || answer == "yes" { return true }
        say("nothing was changed")
        return false
    }

    /// Whether a person agreed to what is more than was allowed so far.
    enum Consent: Hashable, Sendable { case given, refused, nobodyToAsk }

    /// Asks once, and takes the absence of a person for a no; only `--yes` stands for one.
    func consent(_ deed: String, _ arguments: Arguments) -> Consent {
        if arguments.has("yes") { return .given }
        guard !arguments.has("no-input"), isatty(0) == 1, isatty(errors) == 1 else {
            return .nobodyToAsk
        }
        write("\(deed)? [y/N] ", to: errors)
        let answer = readLine()?.lowercased() ?? ""
        return answer == "y" || answer == "yes" ? .given : .refused
    }

    private func painted(_ line: String) -> String {
        guard hasColor else { return line }
        if line.hasPrefix("error:") { return "\u{1B}[31merror:\u{1B}[0m\(line.dropFirst(6))" }
        return line.hasPrefix("hint:") ? "\u{1B}[2m\(line)\u{1B}[0m" : line
    }

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
