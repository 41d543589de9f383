import Glibc

extension Mirror {
    /// Makes a repository of its own at a commit: no remote, no hooks, no shared inode, no alternate.
    ///
    /// Only the commit's own history is in it: other branches and quarantined work are not. Objects
    /// travel as a pack, since a local clone would share files that the agent could destroy.
    package func makeClone(
        of commit: ObjectID,
        branch: String,
        at folder: String
    ) throws(GitFault) {
        let ref = "refs/heads/\(branch)"
        try GitProgram.check(ref: ref, for: "clone")
        try Folder.makeFresh(folder)
        let inner = "\(folder)/.git"
        _ = try program.run(.init(["init", "--quiet", "--template=", "--", folder]))
        let fetch = [
            "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--", path,
            "\(commit):\(ref)",
        ]
        var call = GitProgram.Call(fetch, in: inner)
        // The branch is checked out only after it is there.
        call.arguments.insert("--update-head-ok", at: 1)
        _ = try program.run(call)
        for arguments in [
            ["symbolic-ref", "HEAD", ref], ["config", "user.name", "agent"],
            ["config", "user.email", "agent@localhost"],
        ] { _ = try program.run(.init(arguments, in: inner)) }
        var checkout = GitProgram.Call(["reset", "--quiet", "--hard", commit.hex, "--"], in: inner)
        checkout.workFolder = folder
        _ = try program.run(checkout)
    }

    /// Writes a commit's files to a new folder, without any git directory.
    ///
    /// Filters and attributes of the tree name programs only through configuration, and there is
    /// none here: what is written is what was committed.
    package func exportTree(_ commit: ObjectID, to folder: String) throws(GitFault) {
        try Folder.makeFresh(folder)
        let index = "\(folder).index"
        defer {
            unlink(index)
            unlink("\(index).lock")
        }
        var call = GitProgram.Call(["read-tree", commit.hex], in: path)
        call.environment = ["GIT_INDEX_FILE": index]
        _ = try program.run(call)
        call.arguments = ["checkout-index", "--all", "--quiet"]
        call.workFolder = folder
        _ = try program.run(call)
    }
}

/// A person's own repository: read, never written, its index never refreshed.
package struct UserRepository: Hashable, Sendable {
    package let path: String
    private let program: GitProgram

    package init(at path: String, program: GitProgram = GitProgram()) throws(GitFault) {
        guard path.hasPrefix("/") else { throw .refused("rev-parse", "\(path) is not absolute") }
        self.path = path
        self.program = program
        _ = try run(["rev-parse", "--git-dir"])
    }

    private func run(_ arguments: [String], accepting: Set<Int32> = [0]) throws(GitFault) -> String
    {
        var call = GitProgram.Call(["-C", path] + arguments)
        call.accepted = accepting
        return try program.run(call).line
    }

    /// The full names of the branches that are checked out here or in a linked worktree.
    package func checkedOutBranches() throws(GitFault) -> Set<String> {
        let text = try run(["worktree", "list", "--porcelain", "-z"])
        var branches: Set<String> = []
        for entry in text.split(separator: "\0\0") {
            let fields = entry.split(separator: "\0")
            guard !fields.contains("bare") else { continue }
            for field in fields where field.hasPrefix("branch ") {
                branches.insert(String(field.dropFirst("branch ".count)))
            }
        }
        return branches
    }

    /// The branch that `HEAD` names, in full; nil when it is detached.
    package func currentBranch() throws(GitFault) -> String? {
        let name = try run(["symbolic-ref", "--quiet", "HEAD"], accepting: [0, 1])
        return name.isEmpty ? nil : name
    }

    /// The address of a remote; nil when there is none of that name.
    package func remoteURL(_ remote: String = "origin") throws(GitFault) -> String? {
        try GitProgram.check(name: remote, for: "config")
        let url = try run(["config", "--get", "remote.\(remote).url"], accepting: [0, 1])
        return url.isEmpty ? nil : url
    }

    /// Makes a bare origin with this repository's branches and tags; an existing one is kept as is.
    package func makeBareOrigin(at origin: String) throws(GitFault) {
        guard origin.hasPrefix("/") else { throw .refused("init", "\(origin) is not absolute") }
        if let cut = origin.lastIndex(of: "/") { try Folder.make(String(origin[..<cut])) }
        try FolderLock.hold(beside: origin) { () throws(GitFault) in
            guard !Folder.exists("\(origin)/HEAD") else { return }
            try fillBareOrigin(at: origin)
        }
    }

    private func fillBareOrigin(at origin: String) throws(GitFault) {
        let draft = "\(origin).draft-\(getpid())"
        _ = try program.run(.init(["init", "--quiet", "--bare", "--template=", "--", draft]))
        let fetch = [
            "fetch", "--quiet", "--no-write-fetch-head", "--update-head-ok", "--", path,
            "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*",
        ]
        _ = try program.run(.init(fetch, in: draft))
        if let branch = try currentBranch() {
            _ = try program.run(.init(["symbolic-ref", "HEAD", branch], in: draft))
        }
        // Seen whole or not at all: a crash before this line leaves no half an origin.
        guard rename(draft, origin) == 0 else {
            let words = "\(origin): \(String(cString: strerror(errno)))"
            throw GitFault(.failed, command: "init", words: words)
        }
    }
}
