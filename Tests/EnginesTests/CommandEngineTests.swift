import Engines
import FleetModel
import Testing

@Suite struct CommandEngineTests {
    private func plan(_ template: CommandTemplate, _ task: EngineTask) throws -> EngineInvocation {
        try CommandEngine(template).plan(task)
    }

    @Test(arguments: [
        (CommandTemplate(name: "Bad Name", run: ["a"]), "A name has"),
        (CommandTemplate(name: "a", run: []), "`run` is empty"),
        (CommandTemplate(name: "a", run: [""]), "`run` is empty"),
        (CommandTemplate(name: "a", run: ["a\u{0}"]), "`run` holds a NUL"),
        (CommandTemplate(name: "a", run: ["a"], success: []), "`success` needs"),
        (CommandTemplate(name: "a", run: ["a"], success: [256]), "`success` needs"),
        (CommandTemplate(name: "a", run: ["a"], environment: ["A=b"]), "`env` has \"A=b\""),
        (CommandTemplate(name: "a", run: ["a"], environment: ["1A"]), "`env` has \"1A\""),
        (CommandTemplate(name: "a", run: ["a", "{prompt}"]), "`run` has {prompt}"),
        (CommandTemplate(name: "a", run: ["a", "-f{prompt-file}"]), "`run` has {prompt-file}"),
    ])
    func `a template that cannot work says why`(template: CommandTemplate, why: String) {
        let fault = #expect(throws: EngineFault.self) { try plan(template, task()) }
        #expect(fault?.code == "engine.bad-template")
        #expect(fault?.why.hasPrefix(why) == true, "\(fault?.why ?? "")")
        #expect(throws: EngineFault.self) { try EngineCatalogue(templates: [template]) }
    }

    @Test func `a prompt that does not fit into an argument is refused`() throws {
        let template = CommandTemplate(name: "a", run: ["a"], prompt: .argument)
        let longest = String(repeating: "x", count: 131_071)
        #expect(try plan(template, task(prompt: longest)).arguments == ["a", longest])
        let tooLong = #expect(throws: EngineFault.self) {
            try plan(template, task(prompt: longest + "x"))
        }
        #expect(tooLong?.code == "engine.prompt-too-long")
        let nul = #expect(throws: EngineFault.self) { try plan(template, task(prompt: "a\u{0}")) }
        #expect(nul?.code == "engine.prompt-has-nul")
    }

    @Test func `a template that wants a model is refused without one`() throws {
        let template = CommandTemplate(name: "a", run: ["a", "--model={model}"])
        var task = task()
        let fault = #expect(throws: EngineFault.self) { try plan(template, task) }
        #expect(fault?.code == "engine.no-model")
        task.model = "big"
        #expect(try plan(template, task).arguments == ["a", "--model=big"])
    }

    @Test func `the prompt goes where the template says`() throws {
        let prompt = "Do {model} and {clone}; $(reboot)"
        let task = task(prompt: prompt)
        let byInput = try plan(.init(name: "a", run: ["a", "-"]), task)
        #expect(byInput.input == .bytes(Array(prompt.utf8)))
        #expect(byInput.arguments == ["a", "-"])
        let byFile = try plan(
            .init(name: "a", run: ["a", "-f", "{prompt-file}"], prompt: .file),
            task
        )
        #expect(byFile.arguments == ["a", "-f", "/run/scratch/prompt.md"])
        #expect(byFile.files == [EngineFile(.scratch, "prompt.md", prompt)])
        #expect(byFile.input == .empty)
        let appended = try plan(.init(name: "a", run: ["a"], prompt: .file), task)
        #expect(appended.arguments == ["a", "/run/scratch/prompt.md"])
        let byArgument = try plan(
            .init(
                name: "a",
                run: ["a", "<{prompt}>", "{clone}:{home}", "{x}{"],
                prompt: .argument
            ),
            task
        )
        #expect(byArgument.arguments == ["a", "<\(prompt)>", "/run/clone:/run/home", "{x}{"])
    }

    @Test func `it gets the variables that its template lists and no others`() throws {
        var task = task()
        task.factoryEnvironment = ["TOKEN": "t", "OTHER": "o", "PATH": "/bin"]
        let template = CommandTemplate(
            name: "a",
            run: ["a"],
            environment: ["TOKEN", "ABSENT"],
            network: .on,
            success: [0, 3]
        )
        let invocation = try plan(template, task)
        #expect(invocation.environment == ["TOKEN": "t"])
        #expect(invocation.secretVariables == ["ABSENT", "TOKEN"])
        #expect(invocation.notes == ["Not set on this factory: ABSENT"])
        #expect(invocation.network == .on)
        #expect(invocation.successCodes == [0, 3])
        task.isSandboxed = false
        #expect(
            try plan(template, task).notes.first == "The command ran unconfined: no sandbox here"
        )
        let signIn = CommandEngine(template).probe.signIn
        #expect(signIn.state(hasVariable: { $0 == "TOKEN" }, hasFile: { _ in false }) == .no)
        #expect(signIn.state(hasVariable: { _ in true }, hasFile: { _ in false }) == .yes)
    }

    @Test func `its success is by its own exit codes and its usage is unknown`() {
        let template = CommandTemplate(
            name: "a",
            run: ["a"],
            engineClass: .agenticCoder,
            success: [3]
        )
        for (exit, cause) in [
            (EngineExit.code(3), nil as FailureCause?), (.code(0), .engineFailed),
            (.signal(3), .engineCrashed),
        ] {
            var decoder = CommandEngine(template).decoder()
            let result = decoder.finish(exit: exit, progressFile: nil)
            #expect(result.cause == cause)
            #expect(result.endedWell == (cause == nil))
            #expect(result.usage == Usage())
        }
    }

    @Test(arguments: [EngineClass.agenticCoder, .script])
    func `a program that calls a model may name its session and ask, and a script may not`(
        engineClass: EngineClass
    ) {
        let engine = CommandEngine(
            CommandTemplate(name: "mind", run: ["mind"], engineClass: engineClass)
        )
        var decoder = engine.decoder()
        _ = decoder.line(Array("giga-question: on errors?".utf8), from: .errors)
        #expect(decoder.question == nil)
        for text in ["giga-session: s-1", " giga-question: no", "giga-question: Why?"] {
            #expect(decoder.line(Array(text.utf8), from: .output) == [.output(text, .output)])
        }
        let mayAsk = engineClass == .agenticCoder
        #expect(decoder.question == (mayAsk ? "Why?" : nil))
        #expect(decoder.sessionID == (mayAsk ? "s-1" : nil))
        #expect(decoder.finish(exit: .signal(15), progressFile: nil).question == decoder.question)
        #expect((engine.askingRule != nil) == mayAsk)
    }
}
