import Engines
import FleetModel
import Git
import Processes
import Shipping

/// From the agent's files to one commit that the host made.
extension AttemptRun {
    /// Makes the bundle inside the sandbox, where whatever git would run harms nobody.
    ///
    /// New files that match `leavingOut` are no part of it.
    func handOver(
        _ ready: Preparation,
        under control: RunControl,
        leavingOut: [String] = []
    ) throws -> String {
        let file = "\(folder.outside(.result))/result.bundle"
        let command = HandOver.command(
            clone: folder.seen(.clone),
            base: ready.base,
            bundle: "\(folder.seen(.result))/result.bundle",
            leavingOut: leavingOut
        )
        let frame = Confinement.Frame(
            folder: folder,
            writable: [.clone, .result],
            network: .off,
            environment: [:],
            workingFolder: folder.seen(.result),
            executable: nil,
            marker: context.marker(lease)
        )
        let supervision = Supervision(control: control, timeout: .minutes(5), say: log.say)
        let outcome = try supervision.run(try context.confinement.invocation(command, frame)) {
            log.say("hand-over: \($0.text)")
            _ = $1
        }
        guard outcome.exit.isSuccess else {
            throw RunFailure(
                .engineFailed,
                command: "hand-over",
                tail: [Self.words(for: outcome.exit)]
            )
        }
        return file
    }

    private static func words(for exit: ProcessExit) -> String {
        guard case .code(let code) = exit, let failure = HandOver.Failure(rawValue: code) else {
            return "taking over the result ended with \(exit)"
        }
        switch failure {
        case .noRepository: return "the agent destroyed its clone: no git folder is left"
        case .damagedObjects: return "the agent destroyed its clone: the base cannot be read"
        case .cannotStage:
            return "a file cannot be read, or a repository lies within the repository"
        case .cannotBundle: return "the result could not be packed"
        }
    }

    /// The host's own commit: only the final tree counts, the agent's history stays in quarantine.
    func makeCandidate(
        _ ready: Preparation,
        _ bundle: String
    ) throws(GitFault) -> Candidate {
        let mirror = ready.mirror
        let quarantine = "refs/giga/quarantine/\(grant.fleet)/\(lease.job)/\(lease.fence)"
        let imported = try mirror.importBundle(bundle, base: ready.base, quarantine: quarantine)
        return try candidate(of: try mirror.tree(of: imported), ready)
    }

    /// The tree as one commit on the base, under the names of this attempt and of the engine that made it.
    func candidate(of tree: ObjectID, _ ready: Preparation) throws(GitFault) -> Candidate {
        let mirror = ready.mirror
        guard try mirror.tree(of: ready.base) != tree else {
            return Candidate(
                commit: ready.base.hex,
                tree: tree.hex,
                base: ready.base.hex,
                branch: branchName,
                patchID: ""
            )
        }
        let engine = maker(ready)
        let author = Signature(
            name: Self.plain("\(engine) (\(grant.terms.profile))"),
            email: "\(Self.mailbox(engine))@giga.invalid",
            seconds: BootClock.wallSeconds()
        )
        let commit = try mirror.commitTree(
            tree,
            parents: [ready.base],
            message: message(engine),
            author: author,
            committer: author
        )
        let ref = "refs/giga/candidates/\(grant.fleet)/\(lease.job)/\(lease.attempt)-\(lease.fence)"
        try mirror.moveRef(ref, from: nil, to: commit)
        // Mode changes alone have no patch text, but they are a change all the same.
        let patch = try mirror.patchID(ready.base, commit) ?? "tree-\(tree)"
        return Candidate(
            commit: commit.hex,
            tree: tree.hex,
            base: ready.base.hex,
            branch: branchName,
            patchID: patch
        )
    }

    private func message(_ engine: String) -> String {
        Trailers.line(grant.terms.title) + "\n\n"
            + Trailers.text(
                job: "\(grant.fleet)/\(lease.job)",
                attempt: lease.attempt,
                engine: engine
            )
    }

    /// Git reads angle brackets as the borders of an address.
    private static func plain(_ text: String) -> String {
        Trailers.line(text).filter { $0 != "<" && $0 != ">" }
    }

    private static func mailbox(_ engine: String) -> String {
        String(
            engine.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "-" }
        )
    }
}
