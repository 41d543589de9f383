import Detection
import FleetModel
import Git

/// What of a run is uploaded: the difference, and what its job asked for beside the commit.
extension AttemptRun {
    /// What verify said, with what was collected in its checkout and in the engine's work tree.
    func verifyAndCollect(_ gates: Gates, _ verifier: Verifier) throws -> Evidence {
        let artifacts = ArtifactCollection(
            ArtifactWish.all(of: grant),
            folder: "\(folder.root)/artifacts",
            secrets: context.secrets,
            control: control
        )
        let evidence = try gates.verify(verifier) { try artifacts.look(in: $0, as: .verify) }
        // An attempt that goes on from finished work starts no engine, and has no tree of one.
        let clone = folder.outside(.clone)
        if FileTree.isRealFolder(clone) { try artifacts.look(in: clone, as: .engine) }
        let uploader = ArtifactUploader(control: control, link: context.link, say: log.say)
        let whole = try artifacts.store(evidence, uploader)
        for missing in whole.missingArtifacts ?? [] { log.say("artifact missing: \(missing)") }
        return whole
    }

    /// New files that are artifacts and no part of the change.
    ///
    /// Where no change is asked for, a report is the result itself: it must not become one.
    var filesBesideTheChange: [String] {
        guard grant.terms.output == .none else { return [] }
        return ArtifactWish.all(of: grant).flatMap(\.globs).map(\.pattern)
    }

    /// The difference, for people; what looks like a secret never leaves the machine.
    func upload(_ candidate: Candidate, _ mirror: Mirror) throws {
        guard let base = ObjectID(candidate.base), let commit = ObjectID(candidate.commit) else {
            return
        }
        let patch = try mirror.patch(base, commit, maxBytes: 4 << 20)
        let bytes = Redactor.redact(patch.bytes, secrets: context.secrets)
        do throws(LinkFault) {
            try context.link.upload(
                bytes,
                as: "diff",
                run: lease.run.description,
                fence: lease.fence
            )
        } catch {
            if case .stale(let why) = error { control.end(.leaseLost(why)) }
            log.say("the diff could not be uploaded: \(error)")
        }
    }
}
