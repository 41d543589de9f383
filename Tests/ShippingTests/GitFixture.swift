import FleetModel
import Git
import GitTesting
import Processes
import Shipping
import Testing

/// A bare origin and two mirrors of it, as two factories have them.
final class GitFixture: Sendable {
    private let place: OriginFolder
    let root: String
    let origin: String

    init() throws {
        place = try OriginFolder(files: ["src/a.txt": "1\n2\n3\n"])
        (root, origin) = (place.root, place.origin)
    }

    @discardableResult
    func run(_ words: String...) throws -> String { try place.run(words) }

    /// A person's commit on the target.
    @discardableResult
    func commit(_ files: [String: String], _ message: String) throws -> String {
        try place.commit(files, message)
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
            deadline: OriginFolder.patience
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
