/// One ref to move at a remote; both values are stated, so that nothing moves by surprise.
package struct RefUpdate: Hashable, Sendable {
    package let ref: String
    /// The value it must have; nil: it must not exist.
    package let expected: ObjectID?
    /// The value it shall have; nil: it shall not exist.
    package let new: ObjectID?
    /// Whether `new` must descend from `expected`; a lease alone would let history be replaced.
    package let isFastForward: Bool

    package init(
        _ ref: String,
        from expected: ObjectID?,
        to new: ObjectID?,
        fastForward: Bool = false
    ) {
        self.ref = ref
        self.expected = expected
        self.new = new
        isFastForward = fastForward
    }
}

extension Mirror {
    private func origin(for command: String) throws(GitFault) -> String {
        guard let url else { throw .refused(command, "this mirror has no origin") }
        return url
    }

    /// The refs of the origin that match git's patterns, as they are now.
    package func remoteRefs(_ patterns: [String]) throws(GitFault) -> [String: ObjectID] {
        let url = try origin(for: "ls-remote")
        for pattern in patterns { try GitProgram.check(name: pattern, for: "ls-remote") }
        var call = GitProgram.Call(["ls-remote", "--quiet", "--", url] + patterns, in: path)
        call.access = access
        return RefLines.parse(try program.run(call).text, separator: "\t")
    }

    /// The value of one ref of the origin; nil when it does not exist.
    package func remoteRef(_ ref: String) throws(GitFault) -> ObjectID? {
        try GitProgram.check(ref: ref, for: "ls-remote")
        // Patterns match tails of names: what counts is the exact one.
        return try remoteRefs([ref])[ref]
    }

    /// The short name of the origin's default branch; nil when it has none.
    package func defaultBranch() throws(GitFault) -> String? {
        var call = GitProgram.Call(
            ["ls-remote", "--quiet", "--symref", "--", try origin(for: "ls-remote"), "HEAD"],
            in: path
        )
        call.access = access
        let prefix = "ref: refs/heads/"
        for line in try program.run(call).text.split(separator: "\n") where line.hasPrefix(prefix) {
            return line.dropFirst(prefix.count).split(separator: "\t").first.map(String.init)
        }
        return nil
    }

    /// Moves refs of the origin in ONE atomic push, each only from its expected value.
    ///
    /// Git skips a ref whose value would not change and then does not check its lease: an update
    /// that changes nothing is refused here.
    /// - Returns: The remote's own words, for the log.
    @discardableResult
    package func push(_ updates: [RefUpdate]) throws(GitFault) -> String {
        let url = try origin(for: "push")
        guard !updates.isEmpty, Set(updates.map(\.ref)).count == updates.count else {
            throw .refused("push", "no update, or two of one ref")
        }
        var call = GitProgram.Call(
            ["push", "--atomic", "--porcelain", "--no-verify", "--no-follow-tags", "--no-signed"],
            in: path
        )
        for update in updates {
            try check(update)
            call.arguments.append("--force-with-lease=\(update.ref):\(update.expected?.hex ?? "")")
        }
        call.arguments += ["--", url]
        call.arguments += updates.map { "\($0.new?.hex ?? ""):\($0.ref)" }
        call.access = access
        call.accepted = Set(0...255)
        let answer = try program.run(call)
        let words = answer.text + answer.errors
        guard answer.exitCode == 0 else { throw Self.pushFault(call.name, answer) }
        try confirm(updates, answer, words)
        return words
    }

    private func check(_ update: RefUpdate) throws(GitFault) {
        try GitProgram.check(ref: update.ref, for: "push")
        guard update.expected != update.new else {
            throw .refused("push", "\(update.ref) would not change, so its lease would not count")
        }
        guard update.isFastForward else { return }
        guard let new = update.new, let old = update.expected else {
            throw .refused("push", "\(update.ref): only an existing branch can be moved forward")
        }
        guard try contains(old, in: new) else {
            throw .refused("push", "\(update.ref): \(new) does not descend from \(old)")
        }
    }

    /// Exit code 0 alone is not believed: every ref must be reported as moved.
    private func confirm(
        _ updates: [RefUpdate],
        _ answer: GitProgram.Answer,
        _ words: String
    ) throws(GitFault) {
        let moved = PushLine.parse(answer.text).filter { " +-*".contains($0.flag) }
        let names = Set(moved.map(\.ref))
        for update in updates where !names.contains(update.ref) {
            throw GitFault(.stale(ref: update.ref), command: "push", exitCode: 0, words: words)
        }
    }

    private static func pushFault(_ command: String, _ answer: GitProgram.Answer) -> GitFault {
        let refused = PushLine.parse(answer.text).filter { $0.flag == "!" }
        let words = (answer.text + answer.errors).split(separator: "\n").suffix(20)
            .joined(separator: "\n")
        let make = { (kind: GitFault.Kind) in
            GitFault(kind, command: command, exitCode: answer.exitCode, words: words)
        }
        if let stale = refused.first(where: \.isStale) { return make(.stale(ref: stale.ref)) }
        if GitFault.isForbidden(answer.errors) { return make(.forbidden) }
        let others = refused.filter { !$0.summary.contains("atomic push failed") }
        if let first = others.first {
            return make(.rejected(ref: first.ref, reason: first.summary))
        }
        return .sorted(command: command, exitCode: answer.exitCode, errors: words)
    }
}

/// One line of `git push --porcelain`: flag, `from:to`, summary.
struct PushLine {
    let flag: Character
    let ref: String
    let summary: String

    static func parse(_ text: String) -> [PushLine] {
        text.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard parts.count >= 3, let flag = parts[0].first,
                let colon = parts[1].lastIndex(of: ":")
            else { return nil }
            let ref = parts[1][parts[1].index(after: colon)...]
            return PushLine(flag: flag, ref: String(ref), summary: String(parts[2]))
        }
    }

    /// Whether the ref had another value than expected, seen by us or by the server.
    var isStale: Bool {
        [
            "stale info", "atomic transaction failed", "failed to update ref", "failed to lock",
            "cannot lock ref", "reference already exists", "incorrect old value", "fetch first",
            "non-fast-forward", "remote ref updated since checkout",
        ].contains { summary.contains($0) }
    }
}
