import FleetModel

/// Reads engines whose output has no form: each line is shown as it came, and the exit code is all
/// that they say about their end.
struct PlainDecoder: EngineDecoder {
    private let engine: EngineName
    private let successCodes: Set<Int>
    private let callsModel: Bool
    private var lastWords = LastWords()

    init(engine: EngineName, successCodes: Set<Int>, callsModel: Bool) {
        self.engine = engine
        self.successCodes = successCodes
        self.callsModel = callsModel
    }

    mutating func line(_ bytes: [UInt8], from stream: EngineStream) -> [EngineProgress] {
        let text = String(decoding: bytes, as: UTF8.self)
        lastWords.add(text)
        return [.output(text, stream)]
    }

    mutating func finish(exit: EngineExit, progressFile: [UInt8]?) -> EngineResult {
        var result = EngineResult(
            endedWell: false,
            endLineSeen: false,
            exitStatus: exit.description,
            usage: callsModel ? Usage() : nil
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
