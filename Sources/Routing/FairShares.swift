package import FleetModel
package import JSONWriting

/// How far each product has come with its share of the stations.
///
/// A virtual time is station time in milliseconds divided by the product's weight: of two products
/// the one with the lower one is behind its share. Whole numbers, and changed by stored events only.
package struct FairShares: Hashable, Sendable, Codable {
    fileprivate struct Standing: Hashable, Sendable, Codable {
        var time: Int64 = 0
        var isActive = false
    }

    private var standings: [String: Standing] = [:]
    /// How long an attempt with a profile takes a station, by the profile's name.
    private var usual: [String: Int64] = [:]

    /// What is expected of a profile that nothing is known of.
    package static let unknown = Timespan.minutes(5)

    package init() {}

    package func time(of product: String) -> Int64 { standings[product]?.time ?? 0 }

    /// Whether it asked for stations, or had one, at the last grant.
    package func isActive(_ product: String) -> Bool { standings[product]?.isActive ?? false }

    /// Every product that was active at the last grant.
    package var active: [String] { standings.filter { $0.value.isActive }.keys.sorted() }

    package func expected(of profile: String) -> Timespan {
        usual(of: profile) ?? Self.unknown
    }

    /// The same, where something is known of it.
    package func usual(of profile: String) -> Timespan? {
        usual[profile].map { Timespan(milliseconds: $0) }
    }

    /// Where products begin that come back from idle, when those of `leaving` go there.
    ///
    /// The least of the active ones, so that idleness is no credit. When nobody was active, the
    /// most of all: whoever worked while others had nothing to do owes them nothing.
    package func beginning(without leaving: Set<String> = []) -> Int64 {
        let staying = standings.filter { $0.value.isActive && !leaving.contains($0.key) }
        return staying.values.map(\.time).min() ?? standings.values.map(\.time).max() ?? 0
    }

    /// Charges the product for a station that it is granted.
    package mutating func take(_ charge: StationCharge, of product: String) {
        for turn in charge.turns ?? [] {
            standings[turn.product, default: Standing()].isActive = turn.begins != nil
            if let begins = turn.begins { standings[turn.product]?.time = begins }
        }
        standings[product, default: Standing()].time += charge.virtualTime(of: charge.expected)
    }

    /// Puts the real time in place of the expected one when the station is given back.
    package mutating func correct(
        _ charge: StationCharge,
        of product: String,
        real: Timespan
    ) {
        let difference = charge.virtualTime(of: real) - charge.virtualTime(of: charge.expected)
        standings[product, default: Standing()].time += difference
    }

    /// Learns how long an attempt took; each counts for an eighth, so that old ones fade.
    package mutating func learn(_ real: Timespan, of profile: String) {
        let known = usual[profile] ?? real.milliseconds
        usual[profile] = max(1, known + (real.milliseconds - known) / 8)
    }
}

/// How the fleet is shared among products and priorities.
package struct SharingTerms: Hashable, Sendable, Codable {
    /// By product; 1 for one that is not named.
    package var weights: [String: Int]
    /// After each such span a job's priority counts as one class higher.
    package var ageing: Timespan
    /// Up to how many hundredths of the capable stations critical work goes before all other.
    package var criticalPercent: Int
    /// How long a job that could start may wait for a much better factory (`Patience`).
    package var patience: Timespan

    package init(
        weights: [String: Int] = [:],
        ageing: Timespan = .hours(6),
        criticalPercent: Int = 30,
        patience: Timespan = .seconds(2)
    ) {
        self.weights = weights
        self.ageing = ageing
        self.criticalPercent = criticalPercent
        self.patience = patience
    }

    package static let standard = SharingTerms()

    package func weight(of product: String) -> Int { max(1, weights[product] ?? 1) }

    /// By how many classes age lifts a job: never to critical, and nothing that is critical.
    package func lift(_ priority: Priority, submittedAt: Instant, at now: Instant) -> Int {
        guard ageing > .zero, priority.rank > Priority.high.rank, now > submittedAt else {
            return 0
        }
        let intervals = now.since(submittedAt).milliseconds / ageing.milliseconds
        return Int(min(intervals, Int64(priority.rank - Priority.high.rank)))
    }

    /// How many of so many stations critical work may have before it waits its turn: at least one.
    package func criticalLimit(of stations: Int) -> Int { max(1, stations * criticalPercent / 100) }
}

extension FairShares: JSONWritable {
    package func write(to json: inout JSONBuffer) {
        json.open()
        json.member("standings", standings)
        json.member("usual", usual)
        json.close()
    }
}

extension FairShares.Standing: JSONWritable {
    func write(to json: inout JSONBuffer) {
        json.open()
        json.member("isActive", isActive)
        json.member("time", time)
        json.close()
    }
}
