import FleetModel

/// Reads engines whose output has no form: each line is shown as it came, and the exit code is all
/// that they say about their end.
struct PlainDecoder: EngineDecoder {
    private let engine: EngineName
    private let successCodes: Set<Int>
    private let callsModel: Bool
    private var lastWords = LastWords()
    package private(set) var sessionID: String?
    package private(set) var question: String?

    /// Lines by which a program of one's own names its session, or asks a person.
    static let sessionMark = "giga-session: "
    static let questionMark = "giga-question: "

    init(engine: EngineName, successCodes: Set<Int>, callsModel: Bool) {
        self.engine = engine
        self.successCodes = successCodes
        self.callsModel = callsModel
    }

    mutating func line(_ bytes: [UInt8], from stream: EngineStream) -> [EngineProgress] {
        let text = String(decoding: bytes, as: UTF8.self)
        lastWords.add(text)
        // Only of a program that calls a model: what a script prints is no word of its own.
        if callsModel, stream == .output { hear(text) }
        return [.output(text, stream)]
    }

    private mutating func hear(_ text: String) {
        if text.hasPrefix(Self.sessionMark) {
            sessionID = String(text.dropFirst(Self.sessionMark.count).prefix(200))
        } else if text.hasPrefix(Self.questionMark), question == nil {
            question = String(text.dropFirst(Self.questionMark.count).prefix(4000))
        }
    }

    mutating func finish(exit: EngineExit, progressFile: [UInt8]?) -> EngineResult {
        var result = EngineResult(
            endedWell: false,
            endLineSeen: false,
            exitStatus: exit.description,
            sessionID: sessionID,
            usage: callsModel ? Usage() : nil,
            question: question
        )
        switch exit {
        case .code(let code):
            result.endLineSeen = true
            result.endedWell = successCodes.contains(code)
            if !result.endedWell { result.cause = .engineFailed }
        case .signal, .lingered:
            result.cause = .engineCrashed
        }
        if !result.endedWell {
            result.diagnosis = lastWords.after("\(engine) ended with \(exit)")
        }
        return result
    }
}

/// The last lines of a run, for its diagnosis.
struct LastWords: Sendable {
    private static let count = 20
    private static let length = 400
    private var lines: [String] = []

    mutating func add(_ line: String) {
        guard !line.allSatisfy(\.isWhitespace) else { return }
        if lines.count == Self.count { lines.removeFirst() }
        lines.append(String(line.prefix(Self.length)))
    }

    func after(_ sentence: String) -> String {
        lines.isEmpty ? sentence : "\(sentence); its last lines:\n" + lines.joined(separator: "\n")
    }
}
