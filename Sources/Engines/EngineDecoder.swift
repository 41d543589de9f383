package import FleetModel

/// Reads the output of one run.
///
/// Feed it every line, feed it the progress file as often as it changed, finish it once.
package protocol EngineDecoder: Sendable {
    /// One line without its end. A line that the engine's adapter does not know is kept and
    /// returned as `output`, never dropped.
    mutating func line(_ bytes: [UInt8], from stream: EngineStream) -> [EngineProgress]

    /// The whole progress file as it is now; half-written content is no error and says nothing.
    mutating func progressFile(_ bytes: [UInt8]) -> [EngineProgress]

    /// Whether the engine has said that it is at its end: what its process does after that adds
    /// nothing.
    var hasEnded: Bool { get }

    /// The paid exchanges that are known so far.
    var turns: [EngineTurn] { get }

    /// The engine's own name for its conversation, as soon as it is known.
    var sessionID: String? { get }

    /// What it has asked and nobody answered: its process is stopped for that, or it hangs.
    var question: String? { get }

    /// How the run ended. `progressFile` is that file's last content; nil when there is none.
    mutating func finish(exit: EngineExit, progressFile: [UInt8]?) -> EngineResult
}

extension EngineDecoder {
    package mutating func progressFile(_ bytes: [UInt8]) -> [EngineProgress] { [] }
    /// For engines whose end line is the end of their process.
    package var hasEnded: Bool { false }
    package var turns: [EngineTurn] { [] }
    package var sessionID: String? { nil }
    package var question: String? { nil }
}

package enum EngineStream: String, Hashable, Sendable { case output, errors, progress }

/// How the engine's process ended.
package enum EngineExit: Hashable, Sendable, CustomStringConvertible {
    case code(Int)
    case signal(Int)
    /// It had written its end line, lived on, and was stopped for that alone.
    case lingered

    package var description: String {
        switch self {
        case .code(let code): "exit \(code)"
        case .signal(let signal): "signal \(signal)"
        case .lingered: "its end line, and was stopped since it lived on"
        }
    }
}

/// Something that an engine did or said while it ran.
package enum EngineProgress: Hashable, Sendable {
    case message(String)
    /// A tool that has ended, and how.
    case tool(String, status: String)
    case command(String)
    case file(String)
    case question(String)
    case cost(EngineTurn)
    /// A line as it came.
    case output(String, EngineStream)
}

/// One paid exchange with a model.
package struct EngineTurn: Hashable, Sendable {
    /// The provider's own id of the reply, else the turn's number.
    package var id: String
    /// As the provider named it in the reply, which may differ from what was asked for.
    package var model: String?
    package var endedAt: Instant?
    package var usage: Usage
    /// What the engine says it cost; nil when it has no price for the model.
    package var costMicroUSD: Int64?

    package init(
        id: String,
        model: String? = nil,
        endedAt: Instant? = nil,
        usage: Usage = Usage(),
        costMicroUSD: Int64? = nil
    ) {
        self.id = id
        self.model = model
        self.endedAt = endedAt
        self.usage = usage
        self.costMicroUSD = costMicroUSD
    }
}

/// How a run ended and what it used, in the engine's own words where it said so.
package struct EngineResult: Hashable, Sendable {
    /// The engine finished by its own account: exit code, end line and end status all say so.
    package var endedWell: Bool
    package var endLineSeen: Bool
    /// The engine's word for its ending, or the process's exit.
    package var exitStatus: String
    package var engineVersion: String?
    package var sessionID: String?
    package var model: String?
    /// Sums over all turns; nil for an engine that calls no model.
    package var usage: Usage?
    /// The engine did not end by itself, so that a turn may be missing from the sums.
    package var usageIsLowerBound: Bool
    package var turns: [EngineTurn]
    package var question: String?
    /// What the engine says it did.
    package var summary: String?
    /// For people, when it did not end well.
    package var diagnosis: String?
    /// Nil when it ended well.
    package var cause: FailureCause?
    /// With `limited`: when the provider takes requests again; nil when it did not say.
    package var limitedUntil: Instant?

    package init(
        endedWell: Bool,
        endLineSeen: Bool,
        exitStatus: String,
        engineVersion: String? = nil,
        sessionID: String? = nil,
        model: String? = nil,
        usage: Usage? = nil,
        usageIsLowerBound: Bool = false,
        turns: [EngineTurn] = [],
        question: String? = nil,
        summary: String? = nil,
        diagnosis: String? = nil,
        cause: FailureCause? = nil,
        limitedUntil: Instant? = nil
    ) {
        self.endedWell = endedWell
        self.endLineSeen = endLineSeen
        self.exitStatus = exitStatus
        self.engineVersion = engineVersion
        self.sessionID = sessionID
        self.model = model
        self.usage = usage
        self.usageIsLowerBound = usageIsLowerBound
        self.turns = turns
        self.question = question
        self.summary = summary
        self.diagnosis = diagnosis
        self.cause = cause
        self.limitedUntil = limitedUntil
    }
}
