import FleetModel

/// What was found of the people that reviews ask, for many jobs at one moment.
///
/// Many jobs ask the same people: what was found of one holds for the others.
package final class Shortages {
    private let people: People
    private var known: [ReviewQuestion: Shortage?] = [:]

    package init(_ people: People) { self.people = people }

    /// Nil when enough people are there to answer.
    package func shortage(_ question: ReviewQuestion) -> Shortage? {
        guard question.policy.asksReviewers else { return nil }
        if let found = known[question] { return found }
        let found = people.shortage(question)
        known[question] = .some(found)
        return found
    }

    /// Different questions that were asked of the people.
    package var count: Int { known.count }
}
