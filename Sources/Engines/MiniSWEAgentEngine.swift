import FleetModel

/// mini-swe-agent 2.x, a coding agent from PyPI that talks to any provider litellm knows.
///
/// - The task is handed over in a file: an argument is too small for a large job and shows in
///   everybody's list of processes.
/// - It is started in the scratch folder and told to work in the clone: it looks for its settings
///   in the folder it starts in, and a `mini.yaml` of the repository would take it over.
/// - Its trajectory, rewritten after every step, is progress, usage and end line at once.
/// - It runs each command in a session of its own, so killing its process group is not enough.
package struct MiniSWEAgentEngine: EngineAdapter {
    package let name = EngineName.miniSWEAgent
    package let classes: [EngineClass] = [.agenticCoder, .reviewer]
    package let needsSandbox = true
    package let probe = EngineProbe(
        arguments: ["mini", "--help"],
        environment: ["LITELLM_LOCAL_MODEL_COST_MAP": "True"],
        version: .after("mini-swe-agent version"),
        signIn: SignIn(
            need: .any,
            variables: [
                "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY",
                "MISTRAL_API_KEY", "DEEPSEEK_API_KEY", "GROQ_API_KEY", "XAI_API_KEY",
            ],
            files: [credentials]
        )
    )

    private static let settingsFolder = ".config/mini-swe-agent"
    private static let credentials = "\(settingsFolder)/.env"
    private static let taskFile = "task.yaml"
    /// A command of the agent may take this long; its own default of 30 s ends most test runs.
    private static let commandSeconds: Int64 = 600
    /// Settings of the factory's user that a run keeps.
    private static let settings = [
        "MSWEA_MODEL_RETRY_STOP_AFTER_ATTEMPT", "MSWEA_GLOBAL_CALL_LIMIT",
    ]

    package init() {}

    package func plan(_ task: EngineTask) throws(EngineFault) -> EngineInvocation {
        try checkConfinement(of: task)
        let model = try model(for: task)
        let trajectory = "\(task.scratchFolder)/trajectory.json"
        let keys = Self.variables(forModel: model)
        var notes: [String] = []
        if task.resumeSession != nil {
            notes.append("mini-swe-agent cannot resume a session; it began afresh")
        }
        return EngineInvocation(
            arguments: [
                task.executable ?? "mini", "-y", "--exit-immediately",
                "-c", "mini.yaml", "-c", "\(task.scratchFolder)/\(Self.taskFile)",
                "-m", model, "-l", Self.costLimit(task.budget.microUSD), "-o", trajectory,
            ],
            workingFolder: task.scratchFolder,
            environment: Self.environment(for: task, keys: keys),
            secretVariables: keys.filter { $0.hasSuffix("_KEY") },
            files: [EngineFile(.scratch, Self.taskFile, Self.settings(for: task))],
            credentialFiles: [Self.credentials],
            network: .on,
            progressFile: trajectory,
            notes: notes
        )
    }

    package func decoder() -> any EngineDecoder { MiniSWEAgentDecoder() }

    private func model(for task: EngineTask) throws(EngineFault) -> String {
        let candidates = [task.model, task.factoryEnvironment["MSWEA_MODEL_NAME"]]
        if let model = candidates.compactMap(\.self).first(where: { !$0.isEmpty }) { return model }
        throw .noModel(
            name,
            hint: "Set `model: provider/name` in the job or its profile, or start the factory with "
                + "MSWEA_MODEL_NAME=provider/name"
        )
    }

    /// The variables that litellm reads for the provider of `model`, and no other provider's.
    static func variables(forModel model: String) -> [String] {
        let provider: String
        if let slash = model.firstIndex(of: "/") {
            let letters = model[..<slash].map { character in
                character.isASCII && (character.isLetter || character.isNumber) ? character : "_"
            }
            provider = String(letters).uppercased()
        } else if model.hasPrefix("claude") {
            provider = "ANTHROPIC"
        } else if model.hasPrefix("gemini") {
            provider = "GEMINI"
        } else {
            provider = "OPENAI"
        }
        var names = ["\(provider)_API_KEY", "\(provider)_API_BASE", "\(provider)_BASE_URL"]
        if provider == "AZURE" { names.append("AZURE_API_VERSION") }
        return names
    }

    private static func environment(for task: EngineTask, keys: [String]) -> [String: String] {
        var variables = task.factoryVariables(keys + settings)
        // Else it downloads a list of prices at the start.
        variables["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
        // Else it looks for a `.env` in folders that are not ours.
        variables["LITELLM_MODE"] = "PRODUCTION"
        // Else its first run asks questions.
        variables["MSWEA_CONFIGURED"] = "true"
        // Else a model without a price ends the run after its first reply.
        variables["MSWEA_COST_TRACKING"] = "ignore_errors"
        variables["MSWEA_GLOBAL_CONFIG_DIR"] = "\(task.homeFolder)/\(settingsFolder)"
        variables["MSWEA_SILENT_STARTUP"] = "1"
        // Else its commands leave `__pycache__` in the change.
        variables["PYTHONDONTWRITEBYTECODE"] = "1"
        // Else an exception is printed with pages of the code around it.
        variables["TYPER_STANDARD_TRACEBACK"] = "1"
        // Else its lines are broken after 80 columns.
        variables["COLUMNS"] = "200"
        return variables
    }

    /// US dollars with six decimals; 0 means that it sets no limit of its own.
    static func costLimit(_ microUSD: Int64?) -> String {
        guard let microUSD, microUSD > 0 else { return "0" }
        let decimals = String(microUSD % 1_000_000)
        let zeros = String(repeating: "0", count: 6 - decimals.count)
        return "\(microUSD / 1_000_000).\(zeros)\(decimals)"
    }

    private static func settings(for task: EngineTask) -> String {
        let seconds = min(max(task.timeout.milliseconds / 1000, 1), commandSeconds)
        return """
            run:
              task: \(quoted(task.prompt))
            environment:
              cwd: \(quoted(task.workingFolder))
              timeout: \(seconds)

            """
    }

    /// A double-quoted YAML scalar in which only printable ASCII stands for itself, so that no
    /// character of a prompt can be refused or read in another way.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case " "..."~": result.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16)
                result += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
            }
        }
        return result + "\""
    }
}
