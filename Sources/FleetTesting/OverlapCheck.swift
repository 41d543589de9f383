import FleetModel

/// What must hold of narrow scopes at the moment of a grant.
///
/// It compares no globs: of the few that simulated jobs have it knows which are narrow, and it
/// asks for each of a few files whether both jobs may change it.
extension HistoryCheck {
    static let narrowGlobs = ["src/pay/**", "src/pay/api/*.swift", "src/web/page.swift"]
    static let wideGlobs = ["src/", "**/*.swift"]
    private static let files = ["src/pay/a.swift", "src/pay/api/b.swift", "src/web/page.swift"]

    mutating func checkScopes(_ lease: Lease, _ job: Known) {
        guard lease.kind == .attempt, Self.isNarrow(job) else { return }
        for (id, other) in jobs.sorted(by: { $0.key < $1.key })
        where id != lease.job && Self.mayMeet(job, other) {
            if other.stage == .queued, !other.isPaused { note("a wait for an overlapping scope") }
            guard !job.dependencies.contains(id) else { continue }
            if other.held != nil {
                fail(.scoped, "\(lease.job) is granted beside \(id), whose scope overlaps")
            } else if isBound(other) {
                fail(.scoped, "\(lease.job) is granted before \(id) has shipped what it may change")
            }
        }
    }

    /// Machines alone are to ship it.
    private func isBound(_ job: Known) -> Bool {
        job.stage == .testing && job.isToShip && !job.isPaused && !job.isCancelled
            && job.dependencies.allSatisfy { jobs[$0]?.stage == .shipped }
    }

    private static func isNarrow(_ job: Known) -> Bool {
        job.terms.output == .change
            && job.terms.scopes.contains { $0.allSatisfy { narrowGlobs.contains($0.pattern) } }
    }

    private static func mayMeet(_ one: Known, _ two: Known) -> Bool {
        guard isNarrow(two), one.terms.repo == two.terms.repo else { return false }
        let scopes = [PathScope(one.terms.scopes), PathScope(two.terms.scopes)]
        return files.contains { file in scopes.allSatisfy { $0.allows(file) } }
    }
}
