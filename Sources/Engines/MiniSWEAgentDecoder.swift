import FleetModel

/// Reads a run of mini-swe-agent: its trajectory for what it did, its lines for what it printed.
struct MiniSWEAgentDecoder: EngineDecoder {
    private var lastWords = LastWords()
    /// How many messages of the trajectory have been told already.
    private var told = 0
    package private(set) var hasEnded = false
    package private(set) var turns: [EngineTurn] = []

    mutating func line(_ bytes: [UInt8], from stream: EngineStream) -> [EngineProgress] {
        let text = String(decoding: bytes, as: UTF8.self)
        lastWords.add(text)
        return [.output(text, stream)]
    }

    mutating func progressFile(_ bytes: [UInt8]) -> [EngineProgress] {
        guard let trajectory = MiniSWEAgentTrajectory(bytes) else { return [] }
        hasEnded = trajectory.exitStatus != nil
        turns = trajectory.turns
        let fresh = trajectory.messages.dropFirst(told)
        told = max(told, trajectory.messages.count)
        return fresh.flatMap(\.progress)
    }

    mutating func finish(exit: EngineExit, progressFile: [UInt8]?) -> EngineResult {
        guard let trajectory = progressFile.flatMap(MiniSWEAgentTrajectory.init) else {
            return EngineResult(
                endedWell: false,
                endLineSeen: false,
                exitStatus: exit.description,
                usage: Usage(),
                usageIsLowerBound: true,
                diagnosis: lastWords.after(
                    "mini-swe-agent ended with \(exit) and left no readable trajectory"
                ),
                cause: .engineCrashed
            )
        }
        return result(of: trajectory, exit: exit)
    }

    private func result(of trajectory: MiniSWEAgentTrajectory, exit: EngineExit) -> EngineResult {
        let turns = trajectory.turns
        let ending = Ending(trajectory.exitStatus, exit)
        let requests = trajectory.requests
        var result = EngineResult(
            endedWell: ending == .submitted,
            endLineSeen: trajectory.exitStatus != nil,
            exitStatus: trajectory.exitStatus ?? exit.description,
            engineVersion: trajectory.version,
            model: turns.last { $0.model != nil }?.model,
            usage: Usage(summing: turns),
            usageIsLowerBound: trajectory.exitStatus == nil
                || requests.map { $0 > turns.count } ?? true,
            turns: turns,
            summary: trajectory.submission,
            cause: ending.cause
        )
        if !result.endedWell {
            result.diagnosis = diagnosis(of: trajectory, exit: exit)
        }
        return result
    }

    private func diagnosis(of trajectory: MiniSWEAgentTrajectory, exit: EngineExit) -> String {
        let replies = "after \(trajectory.turns.count) replies of the model"
        guard let status = trajectory.exitStatus else {
            return lastWords.after("mini-swe-agent ended with \(exit) in mid-work, \(replies)")
        }
        let sentence = "mini-swe-agent ended as \(status) with \(exit), \(replies)"
        guard let said = trajectory.exceptionText, !said.isEmpty else { return sentence }
        return "\(sentence): \(said.prefix(1000))"
    }
}

/// What the two words of an ending, its own status and the process's exit, mean together.
private enum Ending: Hashable {
    case submitted, failed, crashed, limited

    /// Exceptions that the same request would meet again.
    private static let lasting: Set<String> = [
        "AuthenticationError", "PermissionDeniedError", "NotFoundError", "BadRequestError",
        "UnsupportedParamsError", "ContextWindowExceededError", "ContentPolicyViolationError",
        "LimitsExceeded", "TimeExceeded", "RepeatedFormatError",
    ]
    private static let limits: Set<String> = ["RateLimitError", "BudgetExceededError"]

    init(_ status: String?, _ exit: EngineExit) {
        switch (status, exit) {
        case ("Submitted", .code(0)), ("Submitted", .lingered): self = .submitted
        case (let status?, _) where Self.limits.contains(status): self = .limited
        case (let status?, _) where Self.lasting.contains(status): self = .failed
        // It says nothing of an end and yet counts itself as successful.
        case (nil, .code(0)): self = .failed
        default: self = .crashed
        }
    }

    var cause: FailureCause? {
        switch self {
        case .submitted: nil
        case .failed: .engineFailed
        case .crashed: .engineCrashed
        case .limited: .limited
        }
    }
}
