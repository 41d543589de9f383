package import FleetModel

/// An origin of git as ships see it: one target, and a fence for each job.
///
/// Both move by compare-and-swap alone, in one step or not at all.
package struct SimulatedRemote {
    /// The text of a fence ref: whose turn it is, and how far that run is.
    struct Fence: Hashable {
        var fence: UInt64 = 0
        var step: UInt64 = 0
    }

    /// A commit on the target that carries a job's trailer.
    package struct Merge: Hashable {
        package let job: JobID
        package let candidate: String
        package let fence: UInt64
        package var commit: String { "merge-\(job)-\(fence)" }
    }

    /// Target and fence together: what a ship run pushes.
    struct Push: Hashable {
        let merge: Merge
        let expectedHead: Int
        let expectedFence: Fence
    }

    enum Taking { case taken(Fence), overtaken(Fence) }

    private(set) var fences: [JobID: Fence] = [:]
    /// How often the target moved.
    private(set) var head = 0
    package private(set) var merges: [Merge] = []

    /// Moves the job's fence to the start of this lease, unless a later one had it.
    mutating func takeFence(of job: JobID, for fence: UInt64) -> Taking {
        let wanted = Fence(fence: fence)
        let seen = fences[job] ?? Fence()
        if seen == wanted { return .taken(wanted) }
        guard seen.fence < fence else { return .overtaken(seen) }
        fences[job] = wanted
        return .taken(wanted)
    }

    func fence(of job: JobID) -> Fence { fences[job] ?? Fence() }

    /// The merge that brought this very work to the target.
    func landed(_ job: JobID, _ candidate: String) -> Merge? {
        merges.first { $0.job == job && $0.candidate == candidate }
    }

    /// False when target or fence is not where the push expects it: then neither moves.
    mutating func accept(_ push: Push) -> Bool {
        let job = push.merge.job
        guard head == push.expectedHead, fence(of: job) == push.expectedFence else { return false }
        head += 1
        fences[job] = Fence(fence: push.expectedFence.fence, step: push.expectedFence.step + 1)
        merges.append(push.merge)
        return true
    }

    /// Somebody else pushes to the target.
    mutating func moveTarget() { head += 1 }
}
