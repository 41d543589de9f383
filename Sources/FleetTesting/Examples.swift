package import FleetCore
package import FleetModel

extension Submission {
    /// A small job in the repository `shop`; `edit` says what is special about it.
    package static func example(
        _ title: String = "Fix it",
        prompt: String = "Do it.",
        key: String? = nil,
        style: ManifestStyle = .current,
        edit: (inout Manifest) -> Void = { _ in }
    ) -> Submission {
        var manifest = Manifest()
        manifest.title = title
        manifest.repo = "shop"
        manifest.idempotencyKey = key
        edit(&manifest)
        return Submission(
            manifest: manifest,
            prompt: prompt,
            style: style,
            contentHash: Digest(sha256: "\(manifest) \(prompt)").hex,
            title: title,
            fileName: "\(title).md"
        )
    }
}

extension [Glob] {
    /// Globs that are well formed.
    package static func globs(_ patterns: String...) -> [Glob] {
        patterns.map { pattern in
            do { return try Glob(parsing: pattern) } catch {
                preconditionFailure("\(pattern) is a glob: \(error)")
            }
        }
    }
}

extension Candidate {
    /// A commit that is told apart from others by `name`; without changes when `isEmpty`.
    package static func example(_ name: String = "1", isEmpty: Bool = false) -> Candidate {
        Candidate(
            commit: "commit-\(name)",
            tree: isEmpty ? "tree-base" : "tree-\(name)",
            base: "base",
            branch: "giga/fleet/\(name)",
            patchID: isEmpty ? "" : "patch-\(name)"
        )
    }
}

extension Evidence {
    /// What a gate says of a commit when nothing is special about it.
    package static func example(
        _ gate: Gate,
        _ verdict: Verdict = .passed,
        commit: String = "commit-1",
        tail: [String] = []
    ) -> Evidence {
        Evidence(
            gate: gate,
            verdict: verdict,
            commit: commit,
            summary: "\(gate.rawValue) \(verdict.rawValue)",
            command: gate == .verify && verdict != .skipped ? "make test" : nil,
            exitCode: verdict == .failed ? 1 : 0,
            tail: tail
        )
    }

    /// All three gates; verify is skipped where none is known.
    package static func all(
        commit: String = "commit-1",
        verify: Verdict = .passed
    ) -> [Evidence] {
        [
            .example(.scope, commit: commit), .example(.secrets, commit: commit),
            .example(.verify, verify, commit: commit),
        ]
    }
}

extension FailureReport {
    package static func example(
        _ cause: FailureCause,
        tail: [String] = ["it broke"],
        tree: String? = nil
    ) -> FailureReport {
        FailureReport(cause: cause, command: "make test", tail: tail, tree: tree)
    }
}

extension Principal {
    package static let alice = Principal.person("user:alice")
}

extension Command {
    /// One person's yes to one job, at the commit that examples have.
    package static func approving(
        _ id: JobID,
        commit: String? = "commit-1",
        by person: Principal
    ) -> Command {
        .approve([ApprovalOrder(job: id, commit: commit)], comment: nil, by: person)
    }
}
