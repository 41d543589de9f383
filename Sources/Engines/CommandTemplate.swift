import FleetModel

/// An engine that a user described in `giga.yaml`.
///
/// ```yaml
/// engines:
///   lint:
///     run: [my-linter, --fix, --rules, "{prompt-file}"]
///     prompt: file
///     class: script
///     env: [LINT_TOKEN]
/// ```
///
/// Words in braces that `run` may hold, each replaced wherever it stands in an argument; other
/// braces stay as they are, and no shell reads any of it:
/// - `{prompt}`: the whole prompt, with `prompt: argument`; appended when it stands nowhere.
/// - `{prompt-file}`: path of a file with it, with `prompt: file`; appended when it stands nowhere.
/// - `{model}`: the job's or the profile's model, without which the run is refused.
/// - `{clone}`, `{home}`, `{scratch}`: the folders of the run.
package struct CommandTemplate: Hashable, Sendable {
    package enum Prompt: String, Hashable, Sendable, CaseIterable { case stdin, file, argument }

    package var name: String
    /// Program and arguments.
    package var run: [String]
    package var prompt: Prompt
    package var engineClass: EngineClass
    /// Variables that it gets from the factory's own environment.
    package var environment: [String]
    package var network: EngineNetwork
    /// Exit codes that mean that it did its work.
    package var success: Set<Int>

    package init(
        name: String,
        run: [String],
        prompt: Prompt = .stdin,
        engineClass: EngineClass = .script,
        environment: [String] = [],
        network: EngineNetwork = .off,
        success: Set<Int> = [0]
    ) {
        self.name = name
        self.run = run
        self.prompt = prompt
        self.engineClass = engineClass
        self.environment = environment
        self.network = network
        self.success = success
    }

    /// The first thing that makes it unusable; nil when there is none.
    package var fault: EngineFault? {
        guard Naming.isName(name) else {
            return .badTemplate(name, "A name has \(Naming.rule)", hint: "Rename it in giga.yaml")
        }
        guard let program = run.first, !program.isEmpty else {
            return .badTemplate(name, "`run` is empty", hint: "Write `run: [program, argument]`")
        }
        if run.contains(where: { $0.utf8.contains(0) }) {
            return .badTemplate(name, "`run` holds a NUL character", hint: "Remove it")
        }
        if success.isEmpty || !success.allSatisfy((0...255).contains) {
            return .badTemplate(
                name,
                "`success` needs exit codes from 0 to 255",
                hint: "Write `success: [0]`"
            )
        }
        if let name = environment.first(where: { !Self.isVariable($0) }) {
            return .badTemplate(
                self.name,
                "`env` has \"\(name)\", which is no variable's name",
                hint: "List names only; values come from the factory's environment"
            )
        }
        return promptFault
    }

    /// A word for one way of passing the prompt under another would stay unreplaced.
    private var promptFault: EngineFault? {
        for (word, way) in [("{prompt}", Prompt.argument), ("{prompt-file}", .file)]
        where way != prompt && run.contains(where: { Placeholder.appears(word, in: $0) }) {
            return .badTemplate(
                name,
                "`run` has \(word), but `prompt` is \(prompt.rawValue)",
                hint: "Write `prompt: \(way.rawValue)`"
            )
        }
        return nil
    }

    private static func isVariable(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
        else { return false }
        return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    }
}

/// Words in braces.
enum Placeholder {
    /// One pass from left to right, so that what a value holds is never replaced again.
    static func fill(_ argument: String, _ values: [String: String]) -> String {
        var filled = ""
        var rest = Substring(argument)
        while let brace = rest.firstIndex(of: "{") {
            filled += rest[..<brace]
            rest = rest[brace...]
            if let end = rest.firstIndex(of: "}"), let value = values[String(rest[...end])] {
                filled += value
                rest = rest[rest.index(after: end)...]
            } else {
                filled += "{"
                rest = rest.dropFirst()
            }
        }
        return filled + rest
    }

    static func appears(_ word: String, in argument: String) -> Bool {
        fill(argument, [word: ""]) != argument
    }
}
