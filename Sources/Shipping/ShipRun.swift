import FleetModel
package import Git

/// Brings one candidate to its target by the merge way, at most once.
///
/// The order of its acts is what keeps two runs of one job from both shipping: first it takes the
/// fence, then it looks whether the change is there already, and what it pushes moves target and
/// fence together or not at all.
package struct ShipRun: Sendable {
    private let order: ShipOrder
    private let mirror: Mirror
    private let gates: ShipGates
    private let intentFile: String
    private let committer: Signature

    package init(
        _ order: ShipOrder,
        mirror: Mirror,
        gates: ShipGates,
        intentFile: String,
        committer: Signature
    ) {
        self.order = order
        self.mirror = mirror
        self.gates = gates
        self.intentFile = intentFile
        self.committer = committer
    }

    /// Ships, or says why not.
    ///
    /// Throws only what `gates.mayGoOn` and `gates.verify` throw.
    package func run() throws -> ShipResult {
        do {
            return try ship()
        } catch let fault as GitFault {
            // Whatever was pushed before it, nobody has seen the target since.
            gates.say("\(fault)")
            return ShipTrouble.refusal(unseen: fault)
        }
    }

    private func ship() throws -> ShipResult {
        let fence: FenceReading
        do throws(GitFault) {
            fence = try mirror.takeFence(order.fenceRef, fence: order.fence)
        } catch {
            return try afterFailedTake(error)
        }
        gates.say("took the fence \(fence.value)")
        try gates.mayGoOn()
        try mirror.fetch()
        let target = try mirror.branch(order.target)
        if let landed = try landed(on: target) { return .merged(landed) }
        if order.onlyLooks { return .refused(.absent, detail: ["nothing of it is on the target"]) }
        if let refusal = refusalOfCheckedOutTarget() { return refusal }
        guard let commit = ObjectID(order.candidate.commit), try bring(commit) else {
            return .refused(
                .pushRefused,
                detail: ["\(order.candidate.branch) is neither in this mirror nor at the origin"]
            )
        }
        return try merge(commit, into: target, under: fence)
    }

    private func merge(
        _ commit: ObjectID,
        into target: ObjectID,
        under fence: FenceReading
    ) throws -> ShipResult {
        let tree: ObjectID
        switch try mirror.mergeTree(ours: target, theirs: commit) {
        case .clean(let merged): tree = merged
        case .conflict(let paths, let words):
            gates.say("conflict: \(words)")
            return .refused(.conflict, detail: paths.map { "conflict in \($0)" } + lines(words))
        }
        let offences = gates.offences(try mirror.diffTrees(target, tree))
        guard offences.isEmpty else { return .refused(.scopeViolation, detail: offences) }
        let merge = try mirror.commitTree(
            tree,
            parents: [target, commit],
            message: order.message,
            author: committer,
            committer: committer
        )
        if tree.hex != order.candidate.tree {
            gates.say("the target moved since \(order.candidate.base): verifying the merged tree")
            if let tail = try gates.verify(merge) { return .refused(.verifyFailed, detail: tail) }
        }
        try gates.mayGoOn()
        return try push(merge, tree: tree, from: target, under: fence)
    }

    private func push(
        _ merge: ObjectID,
        tree: ObjectID,
        from target: ObjectID,
        under fence: FenceReading
    ) throws -> ShipResult {
        let intent = ShipIntent(
            run: order.run,
            fence: order.fence,
            target: order.targetRef,
            expected: target.hex,
            commit: merge.hex
        )
        guard intent.write(to: intentFile) else {
            return .refused(.pushRefused, detail: ["\(intentFile) could not be written"])
        }
        defer { ShipIntent.remove(at: intentFile) }
        do throws(GitFault) {
            let words = try mirror.shipPush(
                target: order.targetRef,
                from: target,
                to: merge,
                under: fence
            )
            gates.say(words)
        } catch {
            gates.say("\(error)")
            return try afterFailedPush(error)
        }
        removeAttemptBranch()
        return .merged(
            ShipMerged(commit: merge.hex, tree: tree.hex, target: order.target, wasThere: false)
        )
    }
}

/// Looking for what is there already.
extension ShipRun {
    /// The commit that brought this change to the target; nil when it is not there.
    ///
    /// The trailer alone is not believed: another attempt's work may carry the same job's name.
    private func landed(on target: ObjectID) throws(GitFault) -> ShipMerged? {
        let base = ObjectID(order.candidate.base)
        let since = try base.flatMap { id throws(GitFault) in try mirror.has(id) ? id : nil }
        guard
            let found = try mirror.landedCommit(on: target, since: since, job: order.fullJob)
        else { return nil }
        if let commit = ObjectID(order.candidate.commit), try mirror.has(commit),
            try mirror.contains(commit, in: target)
        {
            return try merged(found)
        }
        guard let parent = try mirror.parents(of: found).first,
            try mirror.patchID(parent, found) == order.candidate.patchID
        else { return nil }
        return try merged(found)
    }

    private func merged(_ found: ObjectID) throws(GitFault) -> ShipMerged {
        gates.say("the change is there already: \(found)")
        removeAttemptBranch()
        return ShipMerged(
            commit: found.hex,
            tree: try mirror.tree(of: found).hex,
            target: order.target,
            wasThere: true
        )
    }

    /// Looks at the origin anew.
    private func lookAgain() throws(GitFault) -> ShipMerged? {
        try mirror.fetch()
        return try landed(on: try mirror.branch(order.target))
    }

    /// Whether the commit is in the mirror, fetched from the attempt's branch where need be.
    private func bring(_ commit: ObjectID) throws(GitFault) -> Bool {
        if try mirror.has(commit) { return true }
        let ref = "refs/heads/\(order.candidate.branch)"
        guard try mirror.remoteRef(ref) == commit else { return false }
        try mirror.fetch(ref: ref, to: "refs/giga/fetched/\(order.candidate.branch)")
        return try mirror.has(commit)
    }

    private func removeAttemptBranch() {
        let ref = "refs/heads/\(order.candidate.branch)"
        do throws(GitFault) {
            guard let present = try mirror.remoteRef(ref),
                present.hex == order.candidate.commit
            else { return }
            try mirror.push([RefUpdate(ref, from: present, to: nil)])
        } catch {
            // Only tidiness: the change is on the target, and the retention takes the rest.
            gates.say("\(ref) stays for now: \(error)")
        }
    }
}

/// What a failure means.
extension ShipRun {
    /// The fence was not to be had: overtaken, or taken and used by this very run before a crash.
    private func afterFailedTake(_ fault: GitFault) throws -> ShipResult {
        gates.say("\(fault)")
        guard case .overtaken(let seen) = fault.kind else { throw fault }
        if seen.fence == order.fence, let landed = try lookAgain() { return .merged(landed) }
        return .refused(
            .overtaken,
            detail: ["the fence is at \(seen), this run has \(order.fence)"]
        )
    }

    /// Nobody knows whether a push whose reply was lost took effect: the origin is asked.
    private func afterFailedPush(_ fault: GitFault) throws(GitFault) -> ShipResult {
        let seen = try mirror.readFence(order.fenceRef).value
        if seen.fence > order.fence {
            return .refused(
                .overtaken,
                detail: ["the fence is at \(seen), this run has \(order.fence)"]
                    + lines(fault.words)
            )
        }
        if let landed = try lookAgain() { return .merged(landed) }
        return ShipTrouble.refusal(afterLook: fault, target: order.targetRef)
    }

    /// Git would leave such a checkout looking as if everything had been reverted.
    private func refusalOfCheckedOutTarget() -> ShipResult? {
        guard let path = LocalOrigin.path(of: mirror.url),
            let repository = try? UserRepository(at: path, program: mirror.program),
            let branches = try? repository.checkedOutBranches(),
            branches.contains(order.targetRef)
        else { return nil }
        let text =
            "\(order.target) is checked out in \(path), and a checked-out branch is never"
            + " moved; check out another branch there, or let `giga up` make a bare origin"
        gates.say(text)
        return .refused(.pushRefused, detail: [text])
    }

    private func lines(_ words: String) -> [String] {
        words.split(separator: "\n").suffix(20).map { String($0.prefix(400)) }
    }
}

/// Origins that are folders of this machine.
package enum LocalOrigin {
    /// Nil for a remote address.
    package static func path(of url: String?) -> String? {
        guard let url else { return nil }
        if url.hasPrefix("/") { return url }
        return url.hasPrefix("file:///") ? String(url.dropFirst("file://".count)) : nil
    }
}
