/// A git command that did not do what it should.
package struct GitFault: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        case notARepository
        /// A ref did not have the expected value any more; nothing of the push took effect.
        case stale(ref: String)
        /// The remote refused for a reason of its own: a hook, a protected or checked-out branch.
        case rejected(ref: String, reason: String)
        case missingObject
        case unreachableRemote
        /// The remote was reached and does not know us, or does not let us do this.
        case forbidden
        /// Something that git would have read as an option, a program or another protocol.
        case refused
        /// Objects that do not pass git's own checks, or are larger than allowed.
        case unsound
        case timedOut
        /// The fence has this value: another run took it, or this one shipped already.
        case overtaken(by: FenceValue)
        case failed
    }

    package let kind: Kind
    /// The subcommand and its arguments, never its environment.
    package let command: String
    package let exitCode: Int32?
    /// Git's own last words, or ours where git was not asked.
    package let words: String

    package init(_ kind: Kind, command: String, exitCode: Int32? = nil, words: String) {
        self.kind = kind
        self.command = command
        self.exitCode = exitCode
        self.words = words
    }

    static func refused(_ command: String, _ words: String) -> GitFault {
        GitFault(.refused, command: command, words: words)
    }

    package var description: String {
        let code = exitCode.map { " (exit code \($0))" } ?? ""
        return "git \(command)\(code): \(words)"
    }

    /// What servers and ssh say to whom they do not know or do not trust with this.
    static func isForbidden(_ errors: String) -> Bool {
        let lower = errors.lowercased()
        return [
            "permission denied", "permission to ", "insufficient permission", "access denied",
            "authentication failed", "could not read username", "could not read password",
            "returned error: 401", "returned error: 403",
        ].contains { lower.contains($0) }
    }

    /// Sorts a failed command by what git said; the C locale keeps these words stable.
    static func sorted(command: String, exitCode: Int32, errors: String) -> GitFault {
        let lower = errors.lowercased()
        let has = { (words: [String]) in words.contains { lower.contains($0) } }
        let kind: Kind
        if has(["not a git repository", "dubious ownership"]) {
            kind = .notARepository
        } else if isForbidden(errors) {
            kind = .forbidden
        } else if has([
            "could not read from remote", "unable to access", "could not resolve host",
            "connection refused", "connection timed out", "connection reset",
            "network is unreachable", "no route to host", "operation timed out",
            "remote end hung up", "does not appear to be a git repository",
            "not allowed",
        ]) {
            kind = .unreachableRemote
        } else if has([
            "fsck error", "error in object", "inflate", "corrupt", "bad object header",
            "exceeds maximum allowed size", "sha1 mismatch", "broken object", "pack has bad",
            "pack signature mismatch",
        ]) {
            kind = .unsound
        } else if has([
            "bad object", "not a valid object", "unknown revision", "needed a single revision",
            "not our ref", "couldn't find remote ref", "bad revision", "missing",
            "could not get object info", "bad file", "unable to read tree", "not a tree object",
            "unresolved delta",
        ]) {
            kind = .missingObject
        } else {
            kind = .failed
        }
        let last = errors.split(separator: "\n").suffix(12).joined(separator: "\n")
        return GitFault(kind, command: command, exitCode: exitCode, words: last)
    }
}
