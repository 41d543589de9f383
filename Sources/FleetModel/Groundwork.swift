/// A commit that a job's start was made of, although it had not shipped.
///
/// A job with `deps: [job-3@testing]` starts when job-3 is in testing. What it does is worth
/// something only if that very commit ships.
@usableFromInline
package struct Groundwork: Hashable, Sendable, Codable {
    package let job: JobID
    package let commit: String

    package init(job: JobID, commit: String) {
        self.job = job
        self.commit = commit
    }
}

extension Job {
    /// Whether testing is enough of the dependency at that place of `dependencies`.
    package func startsFromTesting(_ place: Int) -> Bool {
        // Each name of `deps` became the id at the same place.
        guard let names = manifest.deps, names.count == dependencies.count else { return false }
        return names[place].fromTesting
    }
}
