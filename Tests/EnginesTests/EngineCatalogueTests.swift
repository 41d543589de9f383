import Engines
import FleetModel
import Testing

@Suite struct EngineCatalogueTests {
    @Test func `an unknown engine is answered with the nearest one`() throws {
        let catalogue = try EngineCatalogue(templates: [.init(name: "lint", run: ["lint"])])
        for (text, nearest) in [
            ("shel", "shell"), ("mini-swe-agnet", "mini-swe-agent"),
            ("comand:lint", "command:lint"),
        ] {
            let fault = #expect(throws: EngineFault.self) { try catalogue.adapter(named: text) }
            #expect(fault?.code == "engine.unknown")
            #expect(fault?.hint == "Did you mean \(nearest)?")
        }
        let fault = #expect(throws: EngineFault.self) { try catalogue.adapter(named: "qqqq") }
        #expect(fault?.hint == "Run `giga engine list`")
    }

    @Test(arguments: ["claude", "codex", "devin", "aider", "acp:goose"])
    func `an engine known by name only says so`(text: String) throws {
        let catalogue = try EngineCatalogue()
        let fault = #expect(throws: EngineFault.self) { try catalogue.adapter(named: text) }
        #expect(fault?.code == "engine.unavailable")
        #expect(fault?.what == "Engine \(text) is not available in this version")
    }

    @Test func `plain command needs exactly one template`() throws {
        let one = CommandTemplate(name: "one", run: ["one"])
        let two = CommandTemplate(name: "two", run: ["two"])
        #expect(
            try EngineCatalogue(templates: [one]).adapter(named: "command").name == .command("one")
        )
        for templates in [[], [one, two]] {
            let catalogue = try EngineCatalogue(templates: templates)
            let fault = #expect(throws: EngineFault.self) {
                try catalogue.adapter(named: "command")
            }
            #expect(fault?.code == "engine.no-template")
        }
        let both = try EngineCatalogue(templates: [one, two])
        let fault = #expect(throws: EngineFault.self) { try both.adapter(named: "command:twoo") }
        #expect(fault?.hint == "Did you mean command:two?")
    }

    @Test func `two templates of one name are refused`() {
        let one = CommandTemplate(name: "one", run: ["one"])
        #expect(throws: EngineFault.self) { try EngineCatalogue(templates: [one, one]) }
    }

    @Test func `each class finds its engines`() throws {
        let catalogue = try EngineCatalogue(templates: [
            .init(name: "lint", run: ["lint"]),
            .init(name: "coder", run: ["coder"], engineClass: .agenticCoder),
        ])
        func names(_ engineClass: EngineClass) -> [String] {
            catalogue.adapters(of: engineClass).map(\.name.text)
        }
        #expect(names(.script) == ["shell", "command:lint"])
        #expect(names(.agenticCoder) == ["mini-swe-agent", "command:coder"])
        #expect(names(.reviewer) == ["mini-swe-agent", "command:coder"])
        #expect(
            catalogue.unavailable.map(\.text)
                == ["aider", "claude", "codex", "copilot", "devin", "gemini", "opencode"]
        )
    }

    /// A yolo job on a machine without a sandbox could reach everything there.
    @Test func `no engine takes yolo without a sandbox`() throws {
        let catalogue = try EngineCatalogue(templates: [.init(name: "lint", run: ["lint"])])
        for adapter in catalogue.adapters {
            var task = task(jobPrompt: "```sh\ntrue\n```")
            (task.yolo, task.isSandboxed, task.model) = (true, false, "openai/x")
            let fault = #expect(throws: EngineFault.self) { try adapter.plan(task) }
            #expect(fault?.code == "engine.yolo-without-sandbox")
            task.isSandboxed = true
            #expect(try adapter.plan(task).network == .on)
        }
    }
}

/// A task in folders that no test ever touches.
func task(prompt: String = "The whole prompt.", jobPrompt: String = "") -> EngineTask {
    EngineTask(
        prompt: prompt,
        jobPrompt: jobPrompt,
        isSandboxed: true,
        cloneFolder: "/run/clone",
        homeFolder: "/run/home",
        scratchFolder: "/run/scratch"
    )
}
