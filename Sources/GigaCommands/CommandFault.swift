import FleetModel
import HTTPServing
package import Manifests

/// A failure of a command in three lines, with the exit code that belongs to it.
package struct CommandFault: Explained, Hashable {
    package let exit: ExitCode
    package let code: String
    package let what: String
    package let why: String
    package let hint: String
    /// Further lines under the first, such as every error of a file.
    package var lines: [String]

    package init(
        _ exit: ExitCode,
        _ code: String,
        what: String,
        why: String,
        hint: String,
        lines: [String] = []
    ) {
        self.exit = exit
        self.code = code
        self.what = what
        self.why = why
        self.hint = hint
        self.lines = lines
    }

    static func usage(_ what: String, why: String, hint: String) -> CommandFault {
        CommandFault(.usage, "command.usage", what: what, why: why, hint: hint)
    }

    /// Every error of every file, each followed by its own hint; `hint` serves when none has one.
    package static func files(
        _ errors: [ManifestError],
        _ code: String,
        why: String,
        hint: String
    ) -> CommandFault {
        CommandFault(
            .usage,
            code,
            what: errors.first?.summary ?? "A file is not well formed",
            why: why,
            hint: errors.lazy.compactMap(\.hint).first ?? hint,
            lines: errors.flatMap { [$0.summary] + ($0.hint.map { ["hint: \($0)"] } ?? []) }
        )
    }

    private struct Form: Encodable {
        let code: String
        let exit: Int32
        let what: String
        let why: String
        let hint: String
        let lines: [String]?
    }

    /// The same for scripts, in one line; `code` is the one of docs/reference/errors.md.
    package var json: String {
        let form = Form(
            code: code,
            exit: exit.rawValue,
            what: what,
            why: why,
            hint: hint,
            lines: lines.isEmpty ? nil : lines
        )
        return String(decoding: JSONBody.bytes(form) ?? [], as: UTF8.self)
    }

    /// What is printed: what, why and hint, or the lines with their own hints.
    package var printed: [String] {
        guard !lines.isEmpty else { return ["error: \(what)", "  \(why)", "hint: \(hint)"] }
        return lines.contains { $0.hasPrefix("hint: ") } ? lines : lines + ["hint: \(hint)"]
    }
}
