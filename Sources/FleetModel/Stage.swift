/// Where a job stands.
///
/// There are no other stages: anything else is a condition on one of these.
@usableFromInline
package enum Stage: String, Hashable, Sendable, Codable, CaseIterable {
    case queued, assigned, building, review, testing, shipped, failed
    case deadLetter = "dead_letter"

    /// An attempt's lease may exist only here.
    package var holdsAttempt: Bool {
        switch self {
        case .assigned, .building, .review: true
        default: false
        }
    }

    package var isEnded: Bool {
        switch self {
        case .shipped, .failed, .deadLetter: true
        default: false
        }
    }
}
