/// What `giga` ends with; `giga help exit-codes` prints this table.
package enum ExitCode: Int32, Hashable, Sendable, CaseIterable {
    case done = 0
    case failed = 1
    case usage = 2
    case nothingChanged = 3
    case notAuthorised = 4
    case refusedByGate = 5
    case held = 6
    case unreachable = 7
    case waitedTooLong = 8
    case interrupted = 130

    package var meaning: String {
        switch self {
        case .done: "done"
        case .failed: "failed"
        case .usage: "the command or a file is not well formed"
        case .nothingChanged: "nothing changed, and that was asked for"
        case .notAuthorised: "not authorised"
        case .refusedByGate: "refused by a gate or a policy"
        case .held: "the fleet is halted or out of budget"
        case .unreachable: "the coordinator cannot be reached"
        case .waitedTooLong: "waited too long"
        case .interrupted: "interrupted"
        }
    }
}
