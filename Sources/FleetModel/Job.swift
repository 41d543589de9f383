/// A unit of work with everything that its events made of it.
///
/// One reference, for jobs are large and handed around all the time: a copy costs as much as the copy
/// of a number, and a change makes a record of its own only while somebody else holds the old one.
@usableFromInline
package struct Job: Hashable, Sendable, Codable {
    @usableFromInline var boxed: Boxed<JobRecord>

    /// A job as it was submitted; nothing has happened to it.
    package init(_ id: JobID, _ submitted: JobSubmitted, by person: Principal, at now: Instant) {
        self.init(JobRecord(id, submitted, by: person, at: now))
    }

    init(_ record: JobRecord) { boxed = Boxed(wrappedValue: record) }

    /// Read and changed in place: a copy of it would count each of its references.
    @inlinable var record: JobRecord {
        _read { yield boxed.wrappedValue }
        _modify { yield &boxed.wrappedValue }
    }

    @usableFromInline
    package init(from decoder: any Decoder) throws { boxed = try Boxed(from: decoder) }

    @usableFromInline
    package func encode(to encoder: any Encoder) throws { try boxed.encode(to: encoder) }

    /// Somebody, or the policy `auto`, asked for this candidate to be shipped.
    @usableFromInline
    package struct ShipRequest: Hashable, Sendable, Codable {
        package var by: Principal
        package var commit: String
        package var at: Instant

        package init(by: Principal, commit: String, at: Instant) {
            self.by = by
            self.commit = commit
            self.at = at
        }
    }

    /// Why a requested ship stands still until a person acts.
    @usableFromInline
    package enum ShipBlock: String, Hashable, Sendable, Codable {
        case mergeConflict = "merge-conflict"
        case targetMovesTooFast = "target-moves-too-fast"
        case pushRefused = "push-refused"
        case targetUnreachable = "target-unreachable"
    }

    @usableFromInline
    package struct CancelRequest: Hashable, Sendable, Codable {
        package var by: Principal
        /// `cancelled` or `rejected`.
        package var cause: FailureCause
        package var reason: String
        package var at: Instant

        package init(by: Principal, cause: FailureCause, reason: String, at: Instant) {
            self.by = by
            self.cause = cause
            self.reason = reason
            self.at = at
        }
    }

    /// What arrived at the target; `commit` is nil for an accepted no-op.
    @usableFromInline
    package struct Shipped: Hashable, Sendable, Codable {
        package var commit: String?
        package var target: String
        package var reason: String?

        package init(commit: String?, target: String, reason: String? = nil) {
            self.commit = commit
            self.target = target
            self.reason = reason
        }
    }
}
