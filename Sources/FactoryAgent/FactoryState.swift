import FleetModel

/// What a factory's threads share, behind one lock.
struct FactoryState: Sendable {
    enum Phase: Int, Comparable, Sendable {
        case working
        /// Finishes what it has and claims nothing.
        case draining
        /// Stops what it has.
        case stopping
        /// Every thread ends.
        case over

        static func < (left: Phase, right: Phase) -> Bool { left.rawValue < right.rawValue }
    }

    /// What may be claimed at a moment.
    struct Offer: Hashable, Sendable {
        var free: [Station] = []
        var takesShip = false

        var isEmpty: Bool { free.isEmpty && !takesShip }
    }

    struct Run: Sendable {
        let control: RunControl
    }

    let stations: [Station]
    let maxWorkers: Int
    let ships: Bool
    var terms: LeaseTerms

    var phase = Phase.working
    /// By whom and why it was removed from the fleet; then it ends.
    var removal: String?
    /// `giga factory drain`, until it is resumed.
    var isDrainedByOrder = false
    /// What of the machine keeps it from claiming: a full disk, a high load.
    var shortage: String?
    var runs: [RunID: Run] = [:]
    /// Rises with every change of `runs`.
    var version = 0
    /// Ask for a heartbeat before its time.
    var beatsNow = false
    /// Repositories that the coordinator listed or a grant named.
    var repositories: [String: Repository] = [:]
    /// What is known of them: `push:` and `repo:`.
    var repositoryFacts: [Fact] = []
    var statedPaths: Set<String> = []
    /// The facts that the coordinator has from this start; nil when a reply was lost, so that
    /// nobody knows.
    var toldFacts: [Fact]?

    /// The newest claim, what it offered, and whether it was answered.
    var claim = 0
    var offered = Offer()
    var isAnswered = true
    var threads = 0

    /// Why the process ends as soon as nothing is at work; nil while it goes on.
    var drains: String? { phase > .working ? "it was told to stop" : nil }

    /// Why nothing may be claimed now; nil while something may.
    var claimsNothing: String? {
        if let drains { return "it drains: \(drains)" }
        if isDrainedByOrder { return "it drains by order" }
        return shortage
    }

    /// What is free now; nothing while nothing may be claimed.
    var offer: Offer {
        guard claimsNothing == nil else { return Offer() }
        var room = maxWorkers - runs.keys.count(where: \.isAttempt)
        var free: [Station] = []
        for station in stations {
            let left = min(station.count - busy(station.engine), room)
            guard left > 0 else { continue }
            free.append(Station(engine: station.engine, classes: station.classes, count: left))
        }
        room = max(room, 0)
        return Offer(free: free, takesShip: ships && !runs.keys.contains { !$0.isAttempt })
    }

    private func busy(_ engine: String) -> Int {
        runs.values.count { $0.control.lease.station == engine }
    }

    /// Whether a grant still finds its place: another claim's answer may have taken it.
    func hasRoom(for lease: Lease) -> Bool {
        guard let station = lease.station else { return offer.takesShip }
        return offer.free.contains { $0.engine == station }
    }
}

extension RunID {
    var isAttempt: Bool {
        if case .attempt = self { return true }
        return false
    }
}
