import FleetModel

/// Open jobs whose scopes are narrow, those among them that hold theirs, and who waits for whom.
///
/// Derived, and rebuilt at every start. It is kept by target, so that a start is held against those
/// of its own target that run, and never against the queue; a release looks at who waits for it,
/// as that of a lock does.
struct ScopeBook: Sendable {
    private var claims: [JobID: ScopeClaim] = [:]
    /// By target and scope: many jobs have the same scope, and it is compared once for all of them.
    private var open: [String: [PathScope: Set<JobID>]] = [:]
    private var holders: [String: Set<JobID>] = [:]
    private var waiters: [JobID: Set<JobID>] = [:]
    private var waitsFor: [JobID: JobID] = [:]

    /// Every job that waits for another's scope.
    var waiting: [JobID] { waitsFor.keys.sorted() }

    func open(at target: String) -> [PathScope: Set<JobID>] { open[target] ?? [:] }
    func holders(at target: String) -> Set<JobID> { holders[target] ?? [] }

    /// Takes up where a job stands now; without a claim it has ended, or its scope is wide.
    mutating func note(_ id: JobID, _ claim: ScopeClaim?, holds: Bool) {
        if let old = claims[id] { forget(id, old) }
        claims[id] = claim
        guard let claim else { return }
        open[claim.target, default: [:]][claim.scope, default: []].insert(id)
        if holds { holders[claim.target, default: []].insert(id) }
    }

    private mutating func forget(_ id: JobID, _ old: ScopeClaim) {
        open[old.target]?[old.scope]?.remove(id)
        if open[old.target]?[old.scope]?.isEmpty == true { open[old.target]?[old.scope] = nil }
        if open[old.target]?.isEmpty == true { open[old.target] = nil }
        holders[old.target]?.remove(id)
        if holders[old.target]?.isEmpty == true { holders[old.target] = nil }
    }

    /// The first of two waits until the second lets its scope go.
    mutating func wait(_ id: JobID, for holder: JobID) {
        waitsFor[id] = holder
        waiters[holder, default: []].insert(id)
    }

    mutating func forgetWait(of id: JobID) {
        guard let holder = waitsFor.removeValue(forKey: id) else { return }
        waiters[holder]?.remove(id)
        if waiters[holder]?.isEmpty == true { waiters[holder] = nil }
    }

    func waiters(for holder: JobID) -> [JobID] { waiters[holder]?.sorted() ?? [] }
}
