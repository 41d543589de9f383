import Engines
import FleetModel
import Testing

@Suite struct MiniSWEAgentEngineTests {
    private let engine = MiniSWEAgentEngine()

    private func modelled(prompt: String = "Fix it.") -> EngineTask {
        var task = task(prompt: prompt)
        task.model = "openai/gpt-x"
        return task
    }

    @Test func `it is not started without a sandbox or without a model`() {
        var open = modelled()
        open.isSandboxed = false
        #expect(
            #expect(throws: EngineFault.self) { try engine.plan(open) }?.code
                == "engine.needs-sandbox"
        )
        var nameless = task()
        nameless.model = ""
        #expect(
            #expect(throws: EngineFault.self) { try engine.plan(nameless) }?.code
                == "engine.no-model"
        )
    }

    @Test func `the model comes from the job and else from the factory`() throws {
        var task = modelled()
        task.factoryEnvironment["MSWEA_MODEL_NAME"] = "anthropic/claude-y"
        #expect(try engine.plan(task).arguments.contains("openai/gpt-x"))
        task.model = nil
        #expect(try engine.plan(task).arguments.contains("anthropic/claude-y"))
    }

    /// It looks for `mini.yaml` in the folder it starts in, and the repository may have one.
    @Test func `it starts outside the clone and works in it`() throws {
        var task = modelled()
        task.workingFolder = "/run/clone/part"
        task.executable = "/opt/venv/bin/mini"
        let invocation = try engine.plan(task)
        #expect(invocation.workingFolder == "/run/scratch")
        #expect(
            invocation.arguments == [
                "/opt/venv/bin/mini", "-y", "--exit-immediately", "-c", "mini.yaml",
                "-c", "/run/scratch/task.yaml", "-m", "openai/gpt-x", "-l", "0",
                "-o", "/run/scratch/trajectory.json",
            ]
        )
        #expect(invocation.progressFile == "/run/scratch/trajectory.json")
        #expect(invocation.input == .empty)
        #expect(invocation.network == .on)
        #expect(
            invocation.files == [
                EngineFile(
                    .scratch,
                    "task.yaml",
                    """
                    run:
                      task: "Fix it."
                    environment:
                      cwd: "/run/clone/part"
                      timeout: 600

                    """
                )
            ]
        )
    }

    @Test func `a prompt of any characters is one quoted scalar of printable ASCII`() throws {
        let prompt = "\"a\\b\"\n\té\u{85}\u{2028}\u{0}🙂: #{x}\r\n"
        let file = try #require(try engine.plan(modelled(prompt: prompt)).files.first)
        let line = String(decoding: file.bytes, as: UTF8.self).split(separator: "\n")[1]
        #expect(
            line == #"  task: "\"a\\b\"\n\U00000009\U000000e9\U00000085\U00002028\U00000000"#
                + ##"\U0001f642: #{x}\U0000000d\n""##
        )
    }

    @Test func `it gets the keys of its model's provider and no other secret`() throws {
        var task = modelled()
        task.factoryEnvironment = [
            "OPENAI_API_KEY": "k", "OPENAI_API_BASE": "http://127.0.0.1:1/v1",
            "ANTHROPIC_API_KEY": "other", "GITHUB_TOKEN": "other", "PATH": "/bin",
            "MSWEA_MODEL_RETRY_STOP_AFTER_ATTEMPT": "2",
        ]
        let invocation = try engine.plan(task)
        #expect(
            invocation.environment == [
                "OPENAI_API_KEY": "k", "OPENAI_API_BASE": "http://127.0.0.1:1/v1",
                "MSWEA_MODEL_RETRY_STOP_AFTER_ATTEMPT": "2",
                "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MODE": "PRODUCTION",
                "MSWEA_CONFIGURED": "true", "MSWEA_COST_TRACKING": "ignore_errors",
                "MSWEA_GLOBAL_CONFIG_DIR": "/run/home/.config/mini-swe-agent",
                "MSWEA_SILENT_STARTUP": "1", "PYTHONDONTWRITEBYTECODE": "1",
                "TYPER_STANDARD_TRACEBACK": "1", "COLUMNS": "200",
            ]
        )
        #expect(invocation.secretVariables == ["OPENAI_API_KEY"])
        #expect(invocation.credentialFiles == [".config/mini-swe-agent/.env"])
    }

    @Test(arguments: [
        ("together-ai/x", "TOGETHER_AI_API_KEY"), ("claude-z", "ANTHROPIC_API_KEY"),
        ("gemini-z", "GEMINI_API_KEY"), ("gpt-z", "OPENAI_API_KEY"),
        ("openrouter/openai/z", "OPENROUTER_API_KEY"),
    ])
    func `a model's provider decides which key`(model: String, key: String) throws {
        var task = modelled()
        task.model = model
        #expect(try engine.plan(task).secretVariables == [key])
    }

    @Test(arguments: [
        (nil as Int64?, "0"), (0, "0"), (1, "0.000001"), (2_500_000, "2.500000"),
        (1_000_000_000_000, "1000000.000000"),
    ])
    func `what is left of the budget is its cost limit`(left: Int64?, limit: String) throws {
        var task = modelled()
        task.budget.microUSD = left
        let arguments = try engine.plan(task).arguments
        let flag = try #require(arguments.firstIndex(of: "-l"))
        #expect(arguments[flag + 1] == limit)
    }

    @Test func `a command of the agent never outlasts the attempt`() throws {
        var task = modelled()
        for (timeout, seconds) in [
            (Timespan.seconds(90), 90), (.minutes(60), 600), (.init(milliseconds: 5), 1),
        ] {
            task.timeout = timeout
            let file = try #require(try engine.plan(task).files.first)
            #expect(String(decoding: file.bytes, as: UTF8.self).hasSuffix("timeout: \(seconds)\n"))
        }
    }

    @Test func `a session that it cannot resume is noted`() throws {
        var task = modelled()
        task.resumeSession = "s-1"
        #expect(try engine.plan(task).notes.count == 1)
    }

    @Test(arguments: [
        ("This is mini-swe-agent version 2.4.6.\nCheck the v2 guide", "2.4.6" as String?),
        ("This is mini-swe-agent version 3.0.0rc1.\n", "3.0.0rc1"),
        ("Python 3.11.7: no module", nil), ("", nil),
    ])
    func `the probe reads the version and nothing else`(output: String, version: String?) {
        #expect(engine.probe.version(in: output) == version)
    }

    @Test(arguments: [
        ("tool v1.22.0, built 2026.1", "1.22.0" as String?), ("tool (0.9.1-beta)", "0.9.1-beta"),
        ("version 12", nil), ("no number", nil),
    ])
    func `the first number with a dot is a version`(output: String, version: String?) {
        #expect(VersionPattern.firstNumber.version(in: output) == version)
    }

    @Test func `a settings file alone leaves the sign-in unknown`() {
        let signIn = engine.probe.signIn
        #expect(signIn.state(hasVariable: { _ in false }, hasFile: { _ in false }) == .no)
        #expect(signIn.state(hasVariable: { _ in false }, hasFile: { _ in true }) == .unknown)
        let hasKey = { (name: String) in name == "OPENAI_API_KEY" }
        #expect(signIn.state(hasVariable: hasKey, hasFile: { _ in false }) == .yes)
    }
}
