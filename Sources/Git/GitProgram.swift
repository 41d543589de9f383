import Processes

/// The one way in which git is started here: fixed environment, fixed configuration, a deadline.
///
/// Configuration given with `-c` wins over every file, so that a repository's own settings cannot
/// name a program to run; the user's and the system's are not read at all.
package struct GitProgram: Hashable, Sendable {
    /// Where `git` is looked up, anew for each call; nil is this process's own path.
    package var searchPath: String?
    package var deadline: Duration

    package init(searchPath: String? = nil, deadline: Duration = .seconds(300)) {
        self.searchPath = searchPath
        self.deadline = deadline
    }

    /// What one call says, and what it may do.
    struct Call {
        var arguments: [String]
        var gitFolder: String?
        var workFolder: String?
        var input: [UInt8]?
        var environment: [String: String] = [:]
        var access: RemoteAccess?
        var accepted: Set<Int32> = [0]
        var outputLimit = 64 << 20

        init(_ arguments: [String], in gitFolder: String? = nil) {
            self.arguments = arguments
            self.gitFolder = gitFolder
        }

        var name: String { arguments.prefix(6).joined(separator: " ") }
    }

    struct Answer {
        let exitCode: Int32
        let output: [UInt8]
        let isCut: Bool
        let errors: String

        var text: String { String(decoding: output, as: UTF8.self) }
        /// The output without the newline at its end.
        var line: String {
            text.hasSuffix("\n") ? String(text.dropLast()) : text
        }
    }

    func run(_ call: Call) throws(GitFault) -> Answer {
        var invocation = Invocation("git", searchPath: searchPath)
        invocation.arguments = Self.options(call.access)
        if let folder = call.gitFolder { invocation.arguments.append("--git-dir=\(folder)") }
        if let folder = call.workFolder { invocation.arguments.append("--work-tree=\(folder)") }
        invocation.arguments += call.arguments
        invocation.environment = Self.environment(call.access, path: searchPath)
        invocation.environment.merge(call.environment) { _, given in given }
        invocation.folder = call.workFolder ?? "/"
        if let input = call.input { invocation.input = .bytes(input) }
        let done: CompletedProcess
        do {
            done = try ChildProcess.run(
                invocation,
                outputLimit: call.outputLimit,
                deadline: deadline
            )
        } catch {
            throw GitFault(.failed, command: call.name, words: error.description)
        }
        let errors = done.errorOutput.text
        if done.isTimedOut {
            throw GitFault(.timedOut, command: call.name, words: "still running at \(deadline)")
        }
        let code = done.exit.shellCode
        guard call.accepted.contains(code) else {
            throw .sorted(command: call.name, exitCode: code, errors: errors)
        }
        return Answer(
            exitCode: code,
            output: done.output.bytes,
            isCut: done.output.isCut,
            errors: errors
        )
    }

    static let safeSettings = [
        "core.hooksPath=/dev/null", "core.fsmonitor=false", "core.untrackedCache=false",
        "core.attributesFile=/dev/null", "core.excludesFile=/dev/null", "core.askPass=",
        "core.alternateRefsCommand=", "core.autocrlf=false", "core.quotePath=false",
        "core.protectHFS=true", "core.protectNTFS=true", "core.editor=false", "core.pager=cat",
        "protocol.ext.allow=never", "fetch.fsckObjects=true", "transfer.fsckObjects=true",
        "receive.fsckObjects=true", "gc.auto=0", "maintenance.auto=false",
        "fetch.writeCommitGraph=false", "submodule.recurse=false",
        "fetch.recurseSubmodules=false", "push.recurseSubmodules=no", "push.gpgSign=false",
        "commit.gpgSign=false", "tag.gpgSign=false", "gpg.program=false", "credential.helper=",
        "init.templateDir=", "init.defaultBranch=main", "advice.detachedHead=false",
        "protocol.version=2", "merge.renames=true", "uploadpack.allowAnySHA1InWant=true",
    ]

    private static func options(_ access: RemoteAccess?) -> [String] {
        let helpers = access?.credentialHelpers.map { "credential.helper=\($0)" } ?? []
        return ["--no-pager", "--literal-pathspecs"]
            + (safeSettings + helpers).flatMap { ["-c", $0] }
    }

    private static func environment(_ access: RemoteAccess?, path: String?) -> [String: String] {
        var variables = access?.environment ?? [:]
        let protocols = access?.protocols ?? ["file"]
        variables.merge([
            "PATH": path ?? Executable.searchPath, "LC_ALL": "C", "TZ": "UTC",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_SYSTEM": "/dev/null", "GIT_ATTR_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0", "GIT_NO_REPLACE_OBJECTS": "1", "GIT_OPTIONAL_LOCKS": "0",
            "GIT_ALLOW_PROTOCOL": protocols.sorted().joined(separator: ":"),
            "GIT_SSH_COMMAND": access?.sshCommand ?? "false", "GIT_EDITOR": "false",
        ]) { _, fixed in fixed }
        if variables["HOME"] == nil { variables["HOME"] = "/nonexistent" }
        return variables
    }
}

extension GitProgram {
    /// What git would take for an option, or could not pass on, is refused before git is asked.
    static func check(name: String, for command: String) throws(GitFault) {
        let isOdd = name.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
        guard !name.isEmpty, !name.hasPrefix("-"), !isOdd else {
            throw .refused(command, "not a usable name: \(name.debugDescription)")
        }
    }

    /// A full ref name by git's own rules, narrowed.
    static func check(ref: String, for command: String) throws(GitFault) {
        try check(name: ref, for: command)
        let parts = ref.split(separator: "/", omittingEmptySubsequences: false)
        let isBad =
            parts.contains { $0.isEmpty || $0.hasPrefix(".") || $0.hasSuffix(".lock") }
            || ref.contains("..") || ref.contains("@{") || ref.hasSuffix(".")
            || ref.contains { " ~^:?*[\\".contains($0) }
        guard parts.count >= 3, parts[0] == "refs", !isBad else {
            throw .refused(command, "not a full ref name: \(ref.debugDescription)")
        }
    }

    /// A remote's address: a URL of a plain protocol, `user@host:path`, or an absolute path.
    static func check(url: String, for command: String) throws(GitFault) {
        try check(name: url, for: command)
        guard !url.contains("::") else {
            throw .refused(command, "a transport program in \(url.debugDescription)")
        }
    }
}
