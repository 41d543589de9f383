/// Who made a commit, and when.
package struct Signature: Hashable, Sendable {
    package let name: String
    package let email: String
    /// Seconds since 1970, in UTC.
    package let seconds: Int64

    package init(name: String, email: String, seconds: Int64) {
        self.name = name
        self.email = email
        self.seconds = seconds
    }
}

/// What came of merging two commits.
package enum MergeOutcome: Hashable, Sendable {
    case clean(tree: ObjectID)
    /// The paths that people or agents must settle, and git's own words.
    case conflict(paths: [String], words: String)
}

extension Mirror {
    /// Makes a commit; the same input gives the same id.
    package func commitTree(
        _ tree: ObjectID,
        parents: [ObjectID],
        message: String,
        author: Signature,
        committer: Signature
    ) throws(GitFault) -> ObjectID {
        for text in [author.name, author.email, committer.name, committer.email] {
            try GitProgram.check(name: text, for: "commit-tree")
        }
        var call = GitProgram.Call(["commit-tree", tree.hex], in: path)
        call.arguments += parents.flatMap { ["-p", $0.hex] } + ["-F", "-"]
        call.input = Array(message.utf8)
        call.environment = [
            "GIT_AUTHOR_NAME": author.name, "GIT_AUTHOR_EMAIL": author.email,
            "GIT_AUTHOR_DATE": "@\(author.seconds) +0000",
            "GIT_COMMITTER_NAME": committer.name, "GIT_COMMITTER_EMAIL": committer.email,
            "GIT_COMMITTER_DATE": "@\(committer.seconds) +0000",
        ]
        return try Self.parse(program.run(call).line, of: "commit-tree")
    }

    /// Merges two commits without a checkout.
    package func mergeTree(
        ours: ObjectID,
        theirs: ObjectID
    ) throws(GitFault) -> MergeOutcome {
        var call = GitProgram.Call(
            [
                "merge-tree", "--write-tree", "-z", "--name-only", "--messages", ours.hex,
                theirs.hex,
            ],
            in: path
        )
        call.accepted = [0, 1]
        let answer = try program.run(call)
        let fields = answer.output.split(separator: 0, omittingEmptySubsequences: false)
        let texts = fields.map { String(decoding: $0, as: UTF8.self) }
        let tree = try Self.parse(texts.first ?? "", of: "merge-tree")
        if answer.exitCode == 0 { return .clean(tree: tree) }
        let paths = texts.dropFirst().prefix { !$0.isEmpty }
        let words = texts.dropFirst(1 + paths.count).filter {
            $0.contains(": ") || $0.contains("CONFLICT")
        }
        return .conflict(
            paths: Array(paths),
            words: words.map { $0.hasSuffix("\n") ? String($0.dropLast()) : $0 }
                .joined(separator: "\n")
        )
    }
}
