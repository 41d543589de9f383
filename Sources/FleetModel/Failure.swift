/// Why an attempt or a ship run came to nothing.
package enum FailureCause: String, Hashable, Sendable, Codable, CaseIterable {
    case timeout
    case verifyFailed = "verify_failed"
    /// The repository's own `prepare` did not get its dependencies.
    case prepareFailed = "prepare_failed"
    case scopeViolation = "scope_violation"
    case secretFound = "secret_found"
    case engineFailed = "engine_failed"
    case engineCrashed = "engine_crashed"
    case leaseExpired = "lease_expired"
    case mergeConflict = "merge_conflict"
    case budget
    case rejected
    case cancelled
    case preempted
    case drained
    case limited

    /// Not the work's fault: the job always returns to the queue and uses up no retry.
    package var isLoss: Bool {
        switch self {
        case .leaseExpired, .preempted, .drained, .limited: true
        default: false
        }
    }
}

/// What is known of a failure: enough to show it, to fingerprint it and to tell the next attempt.
@usableFromInline
package struct FailureReport: Hashable, Sendable, Codable {
    package var cause: FailureCause
    /// The command that failed, as run; empty when none did.
    package var command: String
    /// Its last lines, already redacted.
    package var tail: [String]
    /// Tree of the attempt's result; nil when there was none.
    package var tree: String?

    package init(
        cause: FailureCause,
        command: String = "",
        tail: [String] = [],
        tree: String? = nil
    ) {
        self.cause = cause
        self.command = command
        self.tail = tail
        self.tree = tree
    }
}
