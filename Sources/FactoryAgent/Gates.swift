import Detection
import FleetModel
import Gatekeeping
import Git

/// Judges a commit that the host made; every gate reads git objects of the mirror, nothing else.
struct Gates: Sendable {
    let grant: GrantedRun
    let mirror: Mirror
    let candidate: Candidate
    let commit: ObjectID
    let base: ObjectID
    let secrets: [KnownSecret]

    private static let patchLimit = 64 << 20

    func scope() throws -> Evidence {
        let changes = try mirror.diffTrees(base, commit)
        let offences = Self.offences(in: changes, of: grant)
        let report = changes.map(\.pathText).joined(separator: "\n")
        let count = changes.count == 1 ? "1 path" : "\(changes.count) paths"
        return Evidence(
            gate: .scope,
            verdict: offences.isEmpty ? .passed : .failed,
            commit: candidate.commit,
            summary: offences.isEmpty
                ? "\(count) changed, all within the scope"
                : "\(offences.count) of \(count) must not be changed: \(offences[0])",
            tail: Array(offences.prefix(100)),
            reportHash: Digest(sha256: report).hex,
            needsReview: Self.review(of: Lockfiles.changed(in: changes))
        )
    }

    /// New dependencies are code that nobody here wrote: no policy lets them in unseen.
    private static func review(of lockfiles: [String]) -> String? {
        guard let first = lockfiles.first else { return nil }
        let others = lockfiles.count > 1 ? " and \(lockfiles.count - 1) more" : ""
        return "the lockfile \(first)\(others) changed"
    }

    /// The offences of a change, each with its path and its reason.
    static func offences(in changes: [TreeChange], of grant: GrantedRun) -> [String] {
        ScopeCheck(scopes: grant.terms.scopes, protected: grant.profile.protectedPaths)
            .offences(in: changes.map(ChangedPath.init)).map(\.description)
    }

    func scanForSecrets() throws -> Evidence {
        let patch = try mirror.patch(base, commit, maxBytes: Self.patchLimit)
        var findings = SecretScan.findings(inPatch: patch.bytes, secrets: secrets)
            .map(\.description)
        let hasBinaries = String(decoding: patch.bytes, as: UTF8.self).contains("\nBinary files ")
        for change in hasBinaries ? try mirror.diffTrees(base, commit) : [] {
            guard let blob = change.newObject, change.newMode & 0o170000 == 0o100000 else {
                continue
            }
            let bytes = try mirror.readBlob(blob, limit: Self.patchLimit)
            // Git shows no lines of it, so nothing of it was in the patch.
            guard bytes.prefix(8000).contains(0) else { continue }
            findings += SecretScan.findings(
                inFile: bytes,
                path: change.pathText,
                secrets: secrets
            ).map(\.description)
        }
        if patch.isCut { findings.append("the change is too large to be scanned") }
        return Evidence(
            gate: .secrets,
            verdict: findings.isEmpty ? .passed : .failed,
            commit: candidate.commit,
            summary: findings.isEmpty
                ? "nothing that looks like a secret"
                : "\(findings.count) places look like a secret: \(findings[0])",
            tail: Array(findings.prefix(100)),
            reportHash: Digest(sha256: patch.bytes).hex
        )
    }

    /// `look` gets the clean checkout once verify has ended in it.
    func verify(
        _ verifier: Verifier,
        then look: (String) throws -> Void
    ) throws -> Evidence {
        guard let command = grant.terms.verify else {
            return Evidence(
                gate: .verify,
                verdict: .skipped,
                commit: candidate.commit,
                summary: "no verify is known for this job"
            )
        }
        let outcome: Verifier.Outcome
        do {
            outcome = try verifier.run(command, on: commit, then: look)
        } catch let failure as RunFailure where failure.report.cause == .prepareFailed {
            return Evidence(
                gate: .verify,
                verdict: .failed,
                commit: candidate.commit,
                summary: "prepare failed with the change's own lockfile, so verify did not run",
                command: failure.report.command,
                tail: failure.report.tail.map { Redactor.redact($0, secrets: secrets) }
            )
        }
        let tail = outcome.tail.map { Redactor.redact($0, secrets: secrets) }
        return Evidence(
            gate: .verify,
            verdict: outcome.passed ? .passed : .failed,
            commit: candidate.commit,
            summary: outcome.passed
                ? "verify passed in \(outcome.milliseconds) ms"
                : outcome.isTimedOut
                    ? "verify was stopped after \(grant.terms.timeout)"
                    : "verify failed with exit code \(outcome.exitCode)",
            command: command,
            exitCode: outcome.exitCode,
            tail: tail,
            reportHash: outcome.reportHash,
            milliseconds: outcome.milliseconds
        )
    }
}

extension ChangedPath {
    fileprivate init(_ change: TreeChange) {
        let dangers = change.hazards.map { hazard -> PathDanger in
            switch hazard {
            case .gitFolder: .gitFolder
            case .gitModules: .gitModules
            case .gitAttributes: .gitAttributes
            case .escape: .escape
            case .controlCharacter: .controlCharacter
            case .notUTF8: .notUTF8
            }
        }
        self.init(
            path: change.path,
            oldMode: change.oldMode,
            newMode: change.newMode,
            dangers: Set(dangers)
        )
    }
}
