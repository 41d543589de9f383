/// What must hold in every history; the names are those of the list of faults and invariants.
package enum Invariant: String, Hashable, Sendable, CaseIterable {
    case nothingLost = "I1"
    case oneLease = "I2"
    case fenced = "I3"
    case oneShip = "I4"
    case judgedTree = "I5"
    case gapless = "I6"
    case durable = "I7"
    case legalStages = "I8"
    case usedUp = "I9"
    case halted = "I12"
    case eligible = "I13"
    case locked = "I14"
    case keyed = "I15"
    case ends = "I17"
    case replayed = "I20"
    case gaveWay = "I21"
    case scoped = "I22"

    /// What it says, in one line.
    package var words: String {
        switch self {
        case .nothingLost: "each submitted job is there, once and for ever"
        case .oneLease: "a job has one lease at a time, and no fence is given out twice"
        case .fenced: "nobody is heard under an old fence"
        case .oneShip: "a job ships once, and the remote has what the history says"
        case .judgedTree: "what ships is what passed the gates"
        case .gapless: "positions and numbers of products have no gaps"
        case .durable: "what was acknowledged outlives a crash"
        case .legalStages: "only legal stages follow one another"
        case .usedUp: "a job is given up when its retries are used up, and not before"
        case .halted: "a halt, a pause and a cancel hold"
        case .eligible: "a job goes only where and when it may"
        case .locked: "a lock and a target have one holder"
        case .keyed: "one key is one job with one content"
        case .ends: "after the faults everything ends or waits for a named reason"
        case .replayed: "the replayed history is the live state"
        case .scoped: "nothing begins beside work whose narrow scope overlaps"
        case .gaveWay: "only a low job that builds gives way, to critical work without a station"
        }
    }
}

/// One invariant that did not hold, and what was seen instead.
package struct Violation: Hashable, Sendable, CustomStringConvertible {
    package let invariant: Invariant
    package let what: String

    package var description: String { "\(invariant.rawValue) (\(invariant.words)): \(what)" }
}
