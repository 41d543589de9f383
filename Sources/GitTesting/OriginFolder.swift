import Glibc
import Processes

/// What a command of a test said before it failed.
package struct Failed: Error {
    package let words: [String]
    package let said: String
}

/// A temporary folder with a bare origin and a person's checkout of it; gone at its end.
package final class OriginFolder: Sendable {
    package let root: String
    package let origin: String
    /// The person's checkout.
    package let user: String
    /// Generous, for machines that do other things: a test that waits so long has failed anyhow.
    package static let patience = Duration.seconds(120)

    /// With one commit on `main`: `README.md` and whatever else is given.
    package init(files: [String: String] = ["src/a.txt": "one\n"]) throws {
        var template = Array("/tmp/giga-origin-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            throw Failed(words: ["mkdtemp"], said: String(cString: strerror(errno)))
        }
        root = String(cString: made)
        origin = "\(root)/origin.git"
        user = "\(root)/user"
        try run("git", "init", "-q", "--bare", "-b", "main", origin)
        try run("git", "init", "-q", "-b", "main", user)
        try run("git", "-C", user, "remote", "add", "origin", origin)
        try write(files.merging(["README.md": "readme\n"]) { given, _ in given })
        try run("git", "-C", user, "add", "-A")
        try run("git", "-C", user, "commit", "-q", "-m", "first")
        try run("git", "-C", user, "push", "-q", "-u", "origin", "main")
    }

    deinit {
        let remove = Invocation("rm", ["-rf", "--", root])
        _ = try? ChildProcess.run(remove, deadline: Self.patience)
    }

    /// Runs a program as the person would; throws when it fails.
    /// - Returns: What it printed, without empty lines and the last newline.
    @discardableResult
    package func run(_ words: String...) throws -> String { try run(words) }

    @discardableResult
    package func run(_ words: [String]) throws -> String {
        let environment = [
            "HOME": root, "PATH": Executable.searchPath, "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_AUTHOR_NAME": "user", "GIT_AUTHOR_EMAIL": "user@localhost",
            "GIT_COMMITTER_NAME": "user", "GIT_COMMITTER_EMAIL": "user@localhost",
        ]
        let invocation = Invocation(
            words[0],
            Array(words.dropFirst()),
            environment: environment,
            folder: root
        )
        let done = try ChildProcess.run(invocation, deadline: Self.patience)
        guard done.exit.isSuccess else { throw Failed(words: words, said: done.errorOutput.text) }
        return done.output.text.split(separator: "\n").joined(separator: "\n")
    }

    /// Runs git at the origin; the words go through a shell.
    package func git(_ words: String) throws -> String {
        try run("sh", "-c", "git -C \"$1\" \(words)", "sh", origin)
    }

    /// A person's commit on the target, pushed.
    @discardableResult
    package func commit(_ files: [String: String], _ message: String) throws -> String {
        try run("git", "-C", user, "fetch", "-q", "origin", "main")
        try run("git", "-C", user, "reset", "-q", "--hard", "origin/main")
        try write(files)
        try run("git", "-C", user, "add", "-A")
        try run("git", "-C", user, "commit", "-q", "-m", message)
        try run("git", "-C", user, "push", "-q", "origin", "main")
        return try git("rev-parse refs/heads/main")
    }

    private func write(_ files: [String: String]) throws {
        for (name, text) in files {
            try run(
                "sh",
                "-c",
                "mkdir -p \"$(dirname \"$1\")\"; printf %s \"$2\" > \"$1\"",
                "sh",
                "\(user)/\(name)",
                text
            )
        }
    }
}
