import FoundationEssentials
import Git
import Glibc
import Processes
import Testing

/// A temporary folder with an origin, a mirror of it and room for clones; gone at the end.
final class Yard: Sendable {
    let root: String
    let origin: String
    let mirror: Mirror
    let base: ObjectID
    static let signature = Signature(name: "giga", email: "giga@localhost", seconds: 1_000_000)

    init() throws {
        root = "/var/tmp/giga-git-\(UUID().uuidString)"
        origin = "\(root)/origin.git"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        let script = """
            git init -q --bare origin.git && git init -q seed && cd seed
            printf 'one\\n' > a.txt; printf 'two\\n' > b.txt; mkdir dir; printf 'x\\n' > dir/c.txt
            printf 'ignored/\\n*.log\\n' > .gitignore
            git add -A && git commit -qm base && git push -q ../origin.git main
            """
        try Self.shell(script, in: root)
        mirror = try Mirror.open(at: "\(root)/mirror.git", of: origin)
        try mirror.fetch()
        base = try mirror.branch("main")
    }

    deinit {
        let rm = Invocation("rm", ["-rf", "--", root])
        _ = try? ChildProcess.run(rm, deadline: .seconds(60))
    }

    /// Runs ordinary git as a person or an agent would; fails when the script fails.
    @discardableResult
    static func shell(_ script: String, in folder: String) throws -> String {
        let done = try ChildProcess.run(
            Invocation(
                "sh",
                ["-ec", script],
                environment: [
                    "PATH": Executable.searchPath, "HOME": "/nonexistent",
                    "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_COUNT": "3",
                    "GIT_CONFIG_KEY_0": "init.defaultBranch", "GIT_CONFIG_VALUE_0": "main",
                    "GIT_CONFIG_KEY_1": "user.name", "GIT_CONFIG_VALUE_1": "someone",
                    "GIT_CONFIG_KEY_2": "user.email", "GIT_CONFIG_VALUE_2": "some@one",
                ],
                folder: folder
            ),
            deadline: .seconds(60)
        )
        try #require(done.exit.isSuccess, "\(script)\n\(done.errorOutput.text)")
        return done.output.text
    }

    func clone(_ name: String = "clone") throws -> String {
        let folder = "\(root)/\(name)"
        try mirror.makeClone(of: base, branch: "giga/f/job-1/1", at: folder)
        return folder
    }

    /// Hands a clone over without a sandbox, and takes the result in.
    func handOver(_ clone: String) throws -> ObjectID {
        let bundle = "\(root)/\(UUID().uuidString).bundle"
        let done = try runHandOver(clone, bundle: bundle)
        try #require(done.exit.isSuccess, "\(done.errorOutput.text)")
        return try mirror.importBundle(
            bundle,
            base: base,
            quarantine: "refs/giga/quarantine/job-1.1"
        )
    }

    func runHandOver(_ clone: String, bundle: String) throws -> CompletedProcess {
        let command = HandOver.command(clone: clone, base: base, bundle: bundle)
        return try ChildProcess.run(
            Invocation(
                command[0],
                Array(command.dropFirst()),
                environment: ["PATH": Executable.searchPath]
            ),
            deadline: .seconds(60)
        )
    }

    /// A commit on `parent` that a script makes out of its files.
    func commit(on parent: ObjectID, message: String = "change", _ script: String) throws
        -> ObjectID
    {
        let folder = "\(root)/work-\(UUID().uuidString)"
        try mirror.makeClone(of: parent, branch: "work", at: folder)
        try Self.shell(script, in: folder)
        let tree = try mirror.tree(of: handOver(folder))
        return try mirror.commitTree(
            tree,
            parents: [parent],
            message: message,
            author: Self.signature,
            committer: Self.signature
        )
    }
}
