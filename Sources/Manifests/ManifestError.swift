/// One thing that is wrong in a job, profile or configuration file.
///
/// Printed as one line and one hint:
/// `inbox/a.md:7:12: priority is "urgent"; expected critical, high, medium or low`.
package struct ManifestError: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: String
    package let line: Int
    package let column: Int
    package let message: String
    package let hint: String?

    package init(path: String, line: Int, column: Int, message: String, hint: String? = nil) {
        self.path = path
        self.line = line
        self.column = column
        self.message = message
        self.hint = hint
    }

    /// The first line alone.
    package var summary: String { "\(path):\(line):\(column): \(message)" }

    package var description: String { hint.map { "\(summary)\nhint: \($0)" } ?? summary }
}

/// Something that a reader of an accepted file should know.
package struct FileNote: Hashable, Sendable, CustomStringConvertible {
    package let path: String
    package let line: Int
    package let column: Int
    package let message: String

    package var description: String { "\(path):\(line):\(column): \(message)" }
}

/// A file that was understood, or everything that is wrong with it.
package enum FileResult<File: Sendable>: Sendable {
    case accepted(File)
    /// In the order of their places; never empty.
    case refused([ManifestError])

    package var file: File? {
        if case .accepted(let file) = self { file } else { nil }
    }

    package var errors: [ManifestError] {
        if case .refused(let errors) = self { errors } else { [] }
    }
}

/// What is found in one file while it is read.
struct Findings {
    struct Finding: Hashable {
        let mark: Mark
        let message: String
        let hint: String?
    }

    let path: String
    private(set) var errors: [Finding] = []
    private(set) var notes: [FileNote] = []

    init(path: String) { self.path = path }

    mutating func error(_ mark: Mark, _ message: String, hint: String? = nil) {
        errors.append(Finding(mark: mark, message: message, hint: hint))
    }

    mutating func add(_ faults: [YAMLFault]) {
        for fault in faults { error(fault.mark, fault.message, hint: fault.hint) }
    }

    mutating func note(_ mark: Mark, _ message: String) {
        notes.append(
            FileNote(path: path, line: mark.line, column: mark.column, message: message)
        )
    }

    /// Nil when nothing is wrong.
    var refusal: [ManifestError]? {
        guard !errors.isEmpty else { return nil }
        // A stable sort: two errors of one place keep the order in which they were found.
        return errors.enumerated()
            .sorted { ($0.element.mark, $0.offset) < ($1.element.mark, $1.offset) }
            .map { _, found in
                ManifestError(
                    path: path,
                    line: found.mark.line,
                    column: found.mark.column,
                    message: found.message,
                    hint: found.hint
                )
            }
    }
}
