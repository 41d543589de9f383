import FleetModel

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
}
