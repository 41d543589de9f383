/// One kind of agent: how it is found, started and understood.
///
/// An adapter computes and touches nothing: whoever asks it starts processes, reads and writes
/// files. What it promises:
/// - Equal tasks give equal invocations.
/// - An invocation names every variable, file and byte that the engine gets; there are no others.
/// - A result says `endedWell` only for an engine that said itself that it finished. Its exit code
///   alone never means success.
/// - A number that the engine did not report is nil, never zero.
package protocol EngineAdapter: Sendable {
    var name: EngineName { get }
    /// The classes for which the router may pick it.
    var classes: [EngineClass] { get }
    /// What a model decided runs unseen, and the engine has no mode that only edits files: without
    /// a sandbox it is not started at all.
    var needsSandbox: Bool { get }
    /// Whether an interrupted conversation can be taken up again by its session id.
    var canResume: Bool { get }
    /// What to tell the model of how it can ask a person; nil for an engine that cannot.
    var askingRule: String? { get }
    var probe: EngineProbe { get }

    /// What to start for a task.
    func plan(_ task: EngineTask) throws(EngineFault) -> EngineInvocation

    /// A fresh reader for the output of one run.
    func decoder() -> any EngineDecoder
}

extension EngineAdapter {
    package var canResume: Bool { false }
    package var askingRule: String? { nil }
    package var callsModel: Bool { classes != [.script] }

    /// The refusals that hold for every engine.
    func checkConfinement(of task: EngineTask) throws(EngineFault) {
        guard !task.isSandboxed else { return }
        if task.yolo { throw .yoloWithoutSandbox(name) }
        if needsSandbox { throw .needsSandbox(name) }
    }
}

/// How to find out whether an engine is there, in which version, and signed in.
///
/// Run it with `HOME` set to a private temporary folder: some engines write to it when asked for
/// their version.
package struct EngineProbe: Hashable, Sendable {
    /// Prints the version on standard output or error; empty when there is nothing to run.
    package let arguments: [String]
    package let environment: [String: String]
    package let version: VersionPattern
    package let signIn: SignIn

    package init(
        arguments: [String],
        environment: [String: String] = [:],
        version: VersionPattern = .firstNumber,
        signIn: SignIn = SignIn()
    ) {
        self.arguments = arguments
        self.environment = environment
        self.version = version
        self.signIn = signIn
    }

    /// The version in what the probe printed; nil when it is not there.
    package func version(in output: String) -> String? { version.version(in: output) }
}

/// Where the version stands in a probe's output.
package enum VersionPattern: Hashable, Sendable {
    /// The first word that begins with a digit and has a dot.
    case firstNumber
    /// The first such word after this text.
    case after(String)

    package func version(in output: String) -> String? {
        var rest = Substring(output)
        if case .after(let text) = self {
            guard let range = firstRange(of: text, in: rest) else { return nil }
            rest = rest[range.upperBound...]
        }
        for word in rest.split(whereSeparator: { $0.isWhitespace || $0 == "," || $0 == "(" }) {
            let bare = word.first == "v" ? word.dropFirst() : word
            guard bare.first?.isNumber == true, bare.contains(".") else { continue }
            var version = bare.prefix {
                $0.isASCII && ($0.isLetter || $0.isNumber || ".-+_".contains($0))
            }
            while version.last == "." { version = version.dropLast() }
            if version.contains(".") { return String(version) }
        }
        return nil
    }

    private func firstRange(of text: String, in whole: Substring) -> Range<Substring.Index>? {
        var start = whole.startIndex
        while start < whole.endIndex {
            if whole[start...].hasPrefix(text) {
                return start..<whole.index(start, offsetBy: text.count)
            }
            start = whole.index(after: start)
        }
        return nil
    }
}

/// By what one can tell, without reading any secret, that an engine is signed in.
package struct SignIn: Hashable, Sendable {
    package enum State: String, Hashable, Sendable { case yes, no, unknown }

    /// How many of the variables a sign-in takes.
    package enum Need: Hashable, Sendable { case nothing, any, all }

    package let need: Need
    package let variables: [String]
    /// Files relative to the user's home that may hold a sign-in.
    package let files: [String]

    package init(need: Need = .nothing, variables: [String] = [], files: [String] = []) {
        self.need = need
        self.variables = variables
        self.files = files
    }

    /// Judges by presence only: the closures say whether a variable is set or a file is there.
    package func state(hasVariable: (String) -> Bool, hasFile: (String) -> Bool) -> State {
        let enough =
            switch need {
            case .nothing: true
            case .any: variables.contains(where: hasVariable)
            case .all: variables.allSatisfy(hasVariable)
            }
        if enough { return .yes }
        return files.contains(where: hasFile) ? .unknown : .no
    }
}
