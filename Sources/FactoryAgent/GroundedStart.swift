import FleetModel
import Git

/// A start from work that has not shipped: the base, and the very commits that are in testing.
enum GroundedStart {
    /// The commit to start from; the base itself when the grant names no such commits.
    static func commit(
        of grant: GrantedRun,
        on base: ObjectID,
        _ mirror: Mirror
    ) throws -> ObjectID {
        var start = base
        for ground in grant.groundwork ?? [] {
            // Its branch came with all others; where it could not be pushed, only its maker has it.
            guard let commit = ObjectID(ground.commit), try mirror.has(commit) else {
                throw RunFailure(
                    .engineFailed,
                    tail: [
                        "\(ground.commit) of \(ground.job), from which it starts, is neither in"
                            + " this factory's mirror nor at the origin"
                    ]
                )
            }
            start = try join(commit, of: ground.job, to: start, mirror)
        }
        return start
    }

    private static func join(
        _ commit: ObjectID,
        of job: JobID,
        to start: ObjectID,
        _ mirror: Mirror
    ) throws -> ObjectID {
        if try mirror.contains(commit, in: start) { return start }
        if try mirror.contains(start, in: commit) { return commit }
        switch try mirror.mergeTree(ours: start, theirs: commit) {
        case .conflict(let paths, _):
            throw RunFailure(
                .mergeConflict,
                tail: ["\(commit) of \(job) does not merge into the start \(start)"]
                    + paths.map { "conflict in \($0)" }
            )
        case .clean(let tree):
            let signature = Signature(
                name: "gigafactory",
                email: "start@giga.invalid",
                seconds: BootClock.wallSeconds()
            )
            return try mirror.commitTree(
                tree,
                parents: [start, commit],
                message: "Start from \(job), which is in testing",
                author: signature,
                committer: signature
            )
        }
    }
}
