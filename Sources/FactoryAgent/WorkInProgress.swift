import FleetModel
import Git

/// The files that an earlier attempt left, brought onto the base of this one.
enum WorkInProgress {
    /// The commit to go on from; nil when there is none, or it no longer fits the base.
    static func start(of grant: GrantedRun, on base: ObjectID, _ mirror: Mirror) -> ObjectID? {
        guard let kept = grant.checkpoint, let commit = kept.commit.flatMap(ObjectID.init),
            kept.branch.map({ isOurs($0, grant.fleet, grant.lease) }) ?? true
        else { return nil }
        do throws(GitFault) {
            guard try bring(commit, branch: kept.branch, mirror) else { return nil }
            if try mirror.parents(of: commit) == [base] { return commit }
            // The base moved on meanwhile: what still merges goes on, anything else begins afresh.
            guard case .clean(let tree) = try mirror.mergeTree(ours: base, theirs: commit) else {
                return nil
            }
            let author = Signature(
                name: "gigafactory",
                email: "checkpoint@giga.invalid",
                seconds: BootClock.wallSeconds()
            )
            return try mirror.commitTree(
                tree,
                parents: [base],
                message: "work in progress",
                author: author,
                committer: author
            )
        } catch {
            return nil
        }
    }

    /// Takes the earlier attempt's branch away once a later one is at the origin.
    static func forget(of grant: GrantedRun, _ mirror: Mirror) {
        guard let kept = grant.checkpoint, let branch = kept.branch,
            isOurs(branch, grant.fleet, grant.lease),
            let commit = kept.commit.flatMap(ObjectID.init)
        else { return }
        // Only tidiness: a branch that stays harms nobody.
        _ = try? mirror.push([RefUpdate("refs/heads/\(branch)", from: commit, to: nil)])
    }

    /// Whether it is the branch of an earlier attempt on this very job.
    ///
    /// Another factory reported the name, and that one may be stolen: a push in its stead touches
    /// nothing but what such a factory could have made by itself.
    static func isOurs(_ branch: String, _ fleet: String, _ lease: Lease) -> Bool {
        let beginning = "giga/\(fleet)/\(lease.job)/"
        guard branch.hasPrefix(beginning), let attempt = UInt64(branch.dropFirst(beginning.count))
        else { return false }
        return branch == beginning + String(attempt) && attempt < lease.attempt
    }

    /// Whether the commit is in the mirror, fetched from the attempt's branch where need be.
    private static func bring(
        _ commit: ObjectID,
        branch: String?,
        _ mirror: Mirror
    ) throws(GitFault) -> Bool {
        if try mirror.has(commit) { return true }
        guard let branch else { return false }
        let ref = "refs/heads/\(branch)"
        guard try mirror.remoteRef(ref) == commit else { return false }
        try mirror.fetch(ref: ref, to: "refs/giga/fetched/\(branch)")
        return try mirror.has(commit)
    }
}
