import FleetModel
import Git
import Glibc
import Processes
import Shipping
import Testing

struct Failed: Error {
    let words: [String]
    let said: String
}

/// A bare origin and two mirrors of it, as two factories have them.
final class GitFixture: Sendable {
    let root: String
    let origin: String

    init() throws {
        var template = Array("/tmp/giga-ship-XXXXXX".utf8CString)
        root = String(cString: try #require(mkdtemp(&template)))
        origin = "\(root)/origin.git"
        try run("git", "init", "-q", "--bare", "-b", "main", origin)
        try run("git", "clone", "-q", origin, "\(root)/user")
        try commit(["README.md": "one\n", "src/a.txt": "1\n2\n3\n"], "first")
    }

    deinit { _ = try? ChildProcess.run(Invocation("rm", ["-rf", root]), deadline: .seconds(20)) }

    @discardableResult
    func run(_ words: String...) throws -> String {
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
        let done = try ChildProcess.run(invocation, deadline: .seconds(30))
        guard done.exit.isSuccess else { throw Failed(words: words, said: done.errorOutput.text) }
        return done.output.text.split(separator: "\n").joined(separator: "\n")
    }

    /// A person's commit on the target.
    @discardableResult
    func commit(_ files: [String: String], _ message: String) throws -> String {
        let user = "\(root)/user"
        try run("git", "-C", user, "checkout", "-q", "-B", "main")
        if (try? run("git", "-C", user, "fetch", "-q", "origin", "main")) != nil {
            try run("git", "-C", user, "reset", "-q", "--hard", "origin/main")
        }
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
        try run("git", "-C", user, "add", "-A")
        try run("git", "-C", user, "commit", "-q", "-m", message)
        try run("git", "-C", user, "push", "-q", "origin", "main")
        return try target()
    }

    func target() throws -> String { try run("git", "-C", origin, "rev-parse", "refs/heads/main") }
    func fence(_ job: JobID) throws -> String {
        try run("git", "-C", origin, "cat-file", "blob", "refs/giga/fence/fleetabcde/\(job)")
    }
    func merges() throws -> Int {
        let lines = try run("git", "-C", origin, "rev-list", "--merges", "refs/heads/main")
        return lines.split(separator: "\n").count
    }

    func mirror(_ name: String, path: String? = nil) throws -> Mirror {
        let mirror = try Mirror.open(
            at: "\(root)/\(name).git",
            of: origin,
            program: GitProgram(searchPath: path)
        )
        try mirror.fetch()
        return mirror
    }

    /// A host-made commit that writes one file, pushed as its attempt's branch.
    func candidate(
        _ mirror: Mirror,
        job: JobID,
        file: String,
        text: String
    ) throws -> Candidate {
        let base = try mirror.branch("main")
        let clone = "\(root)/clone-\(UInt32.random(in: .min ... .max))"
        try mirror.makeClone(of: base, branch: "work", at: clone)
        try run(
            "sh",
            "-c",
            "mkdir -p \"$(dirname \"$1\")\"; printf %s \"$2\" > \"$1\"",
            "sh",
            "\(clone)/\(file)",
            text
        )
        let bundle = "\(root)/\(job).bundle"
        let words = HandOver.command(clone: clone, base: base, bundle: bundle)
        let done = try ChildProcess.run(
            Invocation(
                words[0],
                Array(words.dropFirst()),
                environment: [
                    "PATH": Executable.searchPath, "HOME": root,
                ]
            ),
            deadline: .seconds(30)
        )
        try #require(done.exit.isSuccess, "\(done.errorOutput.text)")
        let imported = try mirror.importBundle(bundle, base: base, quarantine: "refs/giga/q/\(job)")
        let tree = try mirror.tree(of: imported)
        let author = Signature(name: "shell", email: "shell@giga.invalid", seconds: 1_800_000_000)
        let trailers = Trailers.text(job: "fleetabcde/\(job)", attempt: 1, engine: "shell")
        let commit = try mirror.commitTree(
            tree,
            parents: [base],
            message: "work\n\n\(trailers)",
            author: author,
            committer: author
        )
        let branch = "giga/fleetabcde/\(job)/1"
        try mirror.push([RefUpdate("refs/heads/\(branch)", from: nil, to: commit)])
        return Candidate(
            commit: commit.hex,
            tree: tree.hex,
            base: base.hex,
            branch: branch,
            patchID: try mirror.patchID(base, commit) ?? ""
        )
    }
}
