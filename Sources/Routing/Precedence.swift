package import FleetModel

/// Why a job was placed before the others that could have been: kept with its explanation.
package struct Precedence: Hashable, Sendable, Codable {
    package var product: String
    package var weight: Int
    /// The product's virtual time before the grant: station time in milliseconds by its weight.
    package var virtualTime: Int64
    /// The product that would have been next; nil when no other had work for what was on offer.
    package var rival: String?
    package var rivalTime: Int64?
    /// What the job's place in its product rests on.
    package var priority: Priority
    package var submittedAt: Instant
    package var decidedAt: Instant
    package var ageing: Timespan
    /// By how many classes its age lifted it.
    package var lift: Int
    package var rule: Rule

    /// What decided between the products.
    package enum Rule: String, Hashable, Sendable, Codable {
        /// Nobody else had work for it.
        case only
        /// The furthest behind its share goes first.
        case share
        /// Of products that are level the one with the first job: by priority, age and number.
        case level
        /// Critical work goes first within its share of the stations.
        case critical
    }
}

extension Precedence {
    package init(_ choice: ReadyQueue.Choice, terms: SharingTerms, at now: Instant) {
        product = choice.product
        weight = terms.weight(of: choice.product)
        virtualTime = choice.time
        rival = choice.rival
        rivalTime = choice.rivalTime
        priority = choice.priority
        submittedAt = choice.submittedAt
        decidedAt = now
        ageing = terms.ageing
        lift = terms.lift(choice.priority, submittedAt: choice.submittedAt, at: now)
        rule = choice.isAhead ? .critical : Self.rule(choice.time, choice.rivalTime)
    }

    private static func rule(_ time: Int64, _ rivalTime: Int64?) -> Rule {
        guard let rivalTime else { return .only }
        return time == rivalTime ? .level : .share
    }

    /// The lift and the rule as they come out of what was recorded.
    var again: (lift: Int, rule: Rule) {
        let terms = SharingTerms(ageing: ageing)
        let lift = terms.lift(priority, submittedAt: submittedAt, at: decidedAt)
        return (lift, rule == .critical ? .critical : Self.rule(virtualTime, rivalTime))
    }

    /// Whether the product that was served was the one to serve.
    var isInOrder: Bool { rivalTime.map { virtualTime <= $0 } ?? true }

    /// One or two sentences for people.
    package var sentence: String {
        var text: String
        switch (rule, rival, rivalTime) {
        case (.critical, _, _): text = "critical work goes first within its share of the stations"
        case (.share, let rival?, let time?):
            text =
                "\(product) (weight \(weight), virtual time \(seconds(virtualTime))) is further "
                + "behind its share than \(rival) (\(seconds(time)))"
        case (.level, let rival?, _):
            text =
                "\(product) and \(rival) are level (virtual time \(seconds(virtualTime))): "
                + "the first by priority, age and number goes, which is \(priority.rawValue) "
                + "and \(seconds(waited)) old"
        default: text = "no other product had work for what was on offer"
        }
        if lift > 0 { text += "; waiting \(seconds(waited)) lifted it \(lift) in priority" }
        return text
    }

    private var waited: Int64 { decidedAt.since(submittedAt).milliseconds }

    private func seconds(_ milliseconds: Int64) -> String { "\(milliseconds / 1000)s" }
}
