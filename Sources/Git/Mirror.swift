/// A trusted bare repository that no agent can write.
///
/// Everything that is judged, verified and shipped is taken from here, by object id.
package struct Mirror: Hashable, Sendable {
    /// The bare repository's folder.
    package let path: String
    /// The origin it mirrors; nil for one that only keeps objects.
    package let url: String?
    package let program: GitProgram
    package let access: RemoteAccess

    /// Makes the mirror if there is none; asks the origin nothing yet.
    package static func open(
        at path: String,
        of url: String?,
        access: RemoteAccess = RemoteAccess(),
        program: GitProgram = GitProgram()
    ) throws(GitFault) -> Mirror {
        if let url { try GitProgram.check(url: url, for: "mirror") }
        guard path.hasPrefix("/") else { throw .refused("mirror", "\(path) is not absolute") }
        if let cut = path.lastIndex(of: "/") { try Folder.make(String(path[..<cut])) }
        try FolderLock.hold(beside: path) { () throws(GitFault) in
            guard !Folder.exists("\(path)/HEAD") else { return }
            _ = try program.run(.init(["init", "--quiet", "--bare", "--template=", "--", path]))
        }
        return Mirror(path: path, url: url, program: program, access: access)
    }

    /// Brings every branch of the origin to `refs/remotes/origin/`, and forgets those that are gone.
    package func fetch() throws(GitFault) {
        try fetch(refspecs: ["+refs/heads/*:refs/remotes/origin/*"], prune: true)
    }

    /// Brings single refs of the origin under names of ours.
    package func fetch(ref: String, to local: String) throws(GitFault) {
        try GitProgram.check(ref: ref, for: "fetch")
        try GitProgram.check(ref: local, for: "fetch")
        try fetch(refspecs: ["+\(ref):\(local)"], prune: false)
    }

    private func fetch(refspecs: [String], prune: Bool) throws(GitFault) {
        guard let url else { throw .refused("fetch", "this mirror has no origin") }
        var call = GitProgram.Call(
            Self.tolerated + ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head"],
            in: path
        )
        if prune { call.arguments.append("--prune") }
        call.arguments += ["--", url] + refspecs
        call.access = access
        try FolderLock.hold(beside: path) { () throws(GitFault) in _ = try program.run(call) }
    }

    /// Old histories hold these harmless flaws; what agents make is checked without exception.
    private static let tolerated = [
        "zeroPaddedFilemode", "missingSpaceBeforeDate", "badTimezone", "missingSpaceBeforeEmail",
        "missingNameBeforeEmail", "badEmail", "missingEmail",
    ].flatMap { ["-c", "fetch.fsck.\($0)=ignore"] }

    func git(_ arguments: String...) throws(GitFault) -> GitProgram.Answer {
        try program.run(.init(arguments, in: path))
    }

    func objectID(_ arguments: String...) throws(GitFault) -> ObjectID {
        let answer = try program.run(.init(arguments, in: path))
        return try Self.parse(answer.line, of: arguments.first ?? "git")
    }

    static func parse(_ hex: some StringProtocol, of command: String) throws(GitFault) -> ObjectID {
        guard let id = ObjectID(hex) else {
            throw GitFault(.failed, command: command, words: "no object id: \(hex.prefix(80))")
        }
        return id
    }
}

extension Mirror {
    /// The commit that a revision names.
    package func resolve(_ revision: String) throws(GitFault) -> ObjectID {
        try GitProgram.check(name: revision, for: "rev-parse")
        return try objectID("rev-parse", "--verify", "--end-of-options", "\(revision)^{commit}")
    }

    /// The commit of a branch of the origin, as last fetched.
    package func branch(_ name: String) throws(GitFault) -> ObjectID {
        try resolve("refs/remotes/origin/\(name)")
    }

    package func tree(of commit: ObjectID) throws(GitFault) -> ObjectID {
        try objectID("rev-parse", "--verify", "--end-of-options", "\(commit)^{tree}")
    }

    package func parents(of commit: ObjectID) throws(GitFault) -> [ObjectID] {
        let answer = try git("rev-list", "--parents", "--max-count=1", commit.hex, "--")
        return answer.line.split(separator: " ").dropFirst().compactMap { ObjectID($0) }
    }

    /// Whether `commit` is `other` or in its history.
    package func contains(_ commit: ObjectID, in other: ObjectID) throws(GitFault) -> Bool {
        var call = GitProgram.Call(
            ["merge-base", "--is-ancestor", commit.hex, other.hex],
            in: path
        )
        call.accepted = [0, 1]
        return try program.run(call).exitCode == 0
    }

    package func has(_ object: ObjectID) throws(GitFault) -> Bool {
        var call = GitProgram.Call(["cat-file", "-e", object.hex], in: path)
        call.accepted = [0, 1, 128]
        return try program.run(call).exitCode == 0
    }

    /// Checks every object; throws with git's own words when one is not what its name says.
    package func fsck() throws(GitFault) {
        _ = try git("fsck", "--full", "--no-progress", "--no-dangling")
    }

    /// Moves a ref of the mirror itself from the value that the caller knows; nil is absent.
    package func moveRef(
        _ ref: String,
        from old: ObjectID?,
        to new: ObjectID?
    ) throws(GitFault) {
        try GitProgram.check(ref: ref, for: "update-ref")
        let none = String(repeating: "0", count: 40)
        let change = "update \(ref)\0\(new?.hex ?? none)\0\(old?.hex ?? none)\0"
        var call = GitProgram.Call(["update-ref", "--stdin", "-z"], in: path)
        call.input = Array(change.utf8)
        call.accepted = [0, 128]
        let answer = try program.run(call)
        guard answer.exitCode == 0 else {
            throw GitFault(
                .stale(ref: ref),
                command: call.name,
                exitCode: 128,
                words: answer.errors
            )
        }
    }

    /// The mirror's own refs below a prefix.
    package func refs(below prefix: String) throws(GitFault) -> [String: ObjectID] {
        try GitProgram.check(name: prefix, for: "for-each-ref")
        let answer = try git("for-each-ref", "--format=%(objectname) %(refname)", "--", prefix)
        return RefLines.parse(answer.text, separator: " ")
    }

    /// Packs what is there, and drops what nothing leads to any more once it is two weeks old.
    package func collectGarbage() throws(GitFault) {
        try FolderLock.hold(beside: path) { () throws(GitFault) in _ = try git("gc", "--quiet") }
    }

    package func writeBlob(_ bytes: [UInt8]) throws(GitFault) -> ObjectID {
        var call = GitProgram.Call(["hash-object", "-w", "--stdin"], in: path)
        call.input = bytes
        return try Self.parse(program.run(call).line, of: call.name)
    }

    /// A blob's bytes; more than the limit is unsound.
    package func readBlob(_ blob: ObjectID, limit: Int = 16 << 20) throws(GitFault) -> [UInt8] {
        var call = GitProgram.Call(["cat-file", "blob", blob.hex], in: path)
        call.outputLimit = limit
        let answer = try program.run(call)
        guard !answer.isCut else {
            throw GitFault(.unsound, command: call.name, words: "larger than \(limit) bytes")
        }
        return answer.output
    }

    /// A file's bytes at a commit; nil when there is none of that name.
    package func file(_ path: String, at commit: ObjectID) throws(GitFault) -> [UInt8]? {
        let answer = try git("ls-tree", "-z", "--full-tree", commit.hex, "--", path)
        let fields = answer.text.split(separator: "\t").first?.split(separator: " ") ?? []
        guard fields.count == 3, fields[1] == "blob", let id = ObjectID(fields[2]) else {
            return nil
        }
        return try readBlob(id)
    }

    /// The files of a commit, each with its blob, and its folders; links and submodules are neither.
    package func listing(
        of commit: ObjectID
    ) throws(GitFault) -> (files: [String: ObjectID], folders: Set<String>) {
        let answer = try git("ls-tree", "-r", "-t", "-z", "--full-tree", commit.hex)
        guard !answer.isCut else {
            throw GitFault(.unsound, command: "ls-tree", words: "more files than can be listed")
        }
        var files: [String: ObjectID] = [:]
        var folders: Set<String> = []
        for entry in answer.text.split(separator: "\0") {
            let parts = entry.split(separator: "\t", maxSplits: 1)
            let fields = parts.first?.split(separator: " ") ?? []
            guard parts.count == 2, fields.count == 3 else { continue }
            if fields[1] == "tree" { folders.insert(String(parts[1])) }
            if fields[0].hasPrefix("100"), let blob = ObjectID(fields[2]) {
                files[String(parts[1])] = blob
            }
        }
        return (files, folders)
    }

    /// Every object that a push of `commit` would add to a repository that has `base`.
    package func objects(from base: ObjectID, to commit: ObjectID) throws(GitFault) -> [ObjectID] {
        let answer = try git("rev-list", "--objects", "--no-object-names", commit.hex, "^\(base)")
        return answer.text.split(separator: "\n").compactMap { ObjectID($0) }
    }
}

/// Lines of an object id and a ref name.
enum RefLines {
    static func parse(_ text: String, separator: Character) -> [String: ObjectID] {
        var refs: [String: ObjectID] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: separator, maxSplits: 1)
            if parts.count == 2, let id = ObjectID(parts[0]) { refs[String(parts[1])] = id }
        }
        return refs
    }
}
