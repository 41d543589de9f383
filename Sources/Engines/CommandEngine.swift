import FleetModel

/// Any command-line program, by a template of `giga.yaml`.
///
/// Its end line is the end of its process; what it prints is shown and not understood, so that its
/// usage is unknown when it calls a model.
package struct CommandEngine: EngineAdapter {
    package let template: CommandTemplate

    /// One argument of Linux holds 128 KiB with its ending NUL.
    private static let argumentLimit = 131_071
    private static let file = "prompt.md"

    package init(_ template: CommandTemplate) { self.template = template }

    package var name: EngineName { .command(template.name) }
    package var classes: [EngineClass] {
        template.engineClass == .script ? [.script] : [.agenticCoder, .reviewer]
    }
    package var needsSandbox: Bool { false }
    package var askingRule: String? {
        guard callsModel else { return nil }
        return "If only a person can decide something, print one line that begins with "
            + "`\(PlainDecoder.questionMark)` and holds your question. Your run ends with it; "
            + "a later one gets the answer and your work so far."
    }

    /// A template has no word for printing a version, and `--version` may mean anything to it.
    package var probe: EngineProbe {
        EngineProbe(
            arguments: [],
            signIn: template.environment.isEmpty
                ? SignIn() : SignIn(need: .all, variables: template.environment)
        )
    }

    package func plan(_ task: EngineTask) throws(EngineFault) -> EngineInvocation {
        if let fault = template.fault { throw fault }
        try checkConfinement(of: task)
        var invocation = EngineInvocation(
            arguments: try arguments(for: task),
            workingFolder: task.workingFolder,
            environment: task.factoryVariables(template.environment),
            secretVariables: template.environment.sorted(),
            network: task.yolo ? .on : template.network,
            successCodes: template.success
        )
        switch template.prompt {
        case .stdin: invocation.input = .bytes(Array(task.prompt.utf8))
        case .file: invocation.files = [EngineFile(.scratch, Self.file, task.prompt)]
        case .argument: break
        }
        if !task.isSandboxed {
            invocation.notes.append("The command ran unconfined: no sandbox here")
        }
        let missing = template.environment.filter { invocation.environment[$0] == nil }
        if !missing.isEmpty {
            invocation.notes.append("Not set on this factory: \(missing.joined(separator: ", "))")
        }
        return invocation
    }

    package func decoder() -> any EngineDecoder {
        PlainDecoder(engine: name, successCodes: template.success, callsModel: callsModel)
    }

    private func arguments(for task: EngineTask) throws(EngineFault) -> [String] {
        var values = [
            "{clone}": task.cloneFolder, "{home}": task.homeFolder,
            "{scratch}": task.scratchFolder,
        ]
        values["{model}"] = task.model
        var run = template.run
        let promptWord: String? =
            switch template.prompt {
            case .stdin: nil
            case .file: "{prompt-file}"
            case .argument: "{prompt}"
            }
        if let promptWord, !run.contains(where: { Placeholder.appears(promptWord, in: $0) }) {
            run.append(promptWord)
        }
        if task.model == nil, run.contains(where: { Placeholder.appears("{model}", in: $0) }) {
            throw .noModel(name, hint: "Set `model` in the job or its profile")
        }
        values["{prompt-file}"] = "\(task.scratchFolder)/\(Self.file)"
        if template.prompt == .argument {
            if task.prompt.utf8.contains(0) { throw .promptHasNUL(name) }
            values["{prompt}"] = task.prompt
        }
        let filled = run.map { Placeholder.fill($0, values) }
        if let longest = filled.map(\.utf8.count).max(), longest > Self.argumentLimit {
            throw .promptTooLong(name, bytes: longest, limit: Self.argumentLimit)
        }
        return filled
    }
}
