package import FleetModel

/// All that an adapter may know of an attempt; paths are those that the engine itself will see.
package struct EngineTask: Sendable {
    /// Everything that a model is told: role, the job's prompt, earlier failures, house rules.
    package var prompt: String
    /// The job's own text alone, as Markdown.
    package var jobPrompt: String
    /// The manifest's `script:`.
    package var script: String?
    package var model: String?
    package var yolo: Bool
    package var isSandboxed: Bool
    /// The agent's own clone.
    package var cloneFolder: String
    /// The clone or the folder inside it where the work starts.
    package var workingFolder: String
    package var homeFolder: String
    /// Empty at the start, outside the clone, kept until the run has been read.
    package var scratchFolder: String
    /// Where the probe found the engine; nil to have its name looked up on the path.
    package var executable: String?
    /// The factory's own environment; an adapter takes from it by name what its engine needs.
    package var factoryEnvironment: [String: String]
    package var resumeSession: String?
    /// What is left of the job's budget; a hint for engines with a limit of their own.
    package var budget: Budget
    package var timeout: Timespan

    package init(
        prompt: String,
        jobPrompt: String,
        script: String? = nil,
        model: String? = nil,
        yolo: Bool = false,
        isSandboxed: Bool,
        cloneFolder: String,
        workingFolder: String? = nil,
        homeFolder: String,
        scratchFolder: String,
        executable: String? = nil,
        factoryEnvironment: [String: String] = [:],
        resumeSession: String? = nil,
        budget: Budget = Budget(),
        timeout: Timespan = .minutes(60)
    ) {
        self.prompt = prompt
        self.jobPrompt = jobPrompt
        self.script = script
        self.model = model
        self.yolo = yolo
        self.isSandboxed = isSandboxed
        self.cloneFolder = cloneFolder
        self.workingFolder = workingFolder ?? cloneFolder
        self.homeFolder = homeFolder
        self.scratchFolder = scratchFolder
        self.executable = executable
        self.factoryEnvironment = factoryEnvironment
        self.resumeSession = resumeSession
        self.budget = budget
        self.timeout = timeout
    }

    /// Those of `names` that the factory has, with their values.
    func factoryVariables(_ names: [String]) -> [String: String] {
        factoryEnvironment.filter { names.contains($0.key) }
    }
}
