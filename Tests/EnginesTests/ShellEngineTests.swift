import Engines
import FleetModel
import Testing

@Suite struct ShellEngineTests {
    private let shell = ShellEngine()

    private func script(_ jobPrompt: String) throws -> String {
        let invocation = try shell.plan(task(jobPrompt: jobPrompt))
        return String(decoding: try #require(invocation.files.first).bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("", "engine.no-script"),
        ("rm -rf build", "engine.no-script"),
        ("```python\nprint()\n```", "engine.no-script"),
        ("`` `sh\necho a\n```", "engine.unclosed-block"),
        ("    ```sh\n    echo a\n    ```", "engine.no-script"),
        ("> ```sh\n> echo a\n> ```", "engine.no-script"),
        ("```sh `x`\necho a", "engine.no-script"),
        ("```sh\necho a", "engine.unclosed-block"),
        ("````sh\necho a\n```", "engine.unclosed-block"),
        ("```sh\necho a\n~~~", "engine.unclosed-block"),
        ("```sh\necho a\n``` x", "engine.unclosed-block"),
        ("```text\nabc\n\n~~~sh\necho a\n~~~", "engine.unclosed-block"),
        ("```sh\n```", "engine.empty-script"),
        ("```sh\n  \n\n```", "engine.empty-script"),
    ])
    func `what is no closed block of commands is not run`(prompt: String, code: String) {
        let fault = #expect(throws: EngineFault.self) { try shell.plan(task(jobPrompt: prompt)) }
        #expect(fault?.code == code)
    }

    @Test func `an unclosed block is named by its line`() {
        let fault = #expect(throws: EngineFault.self) {
            try shell.plan(task(jobPrompt: "# Title\n\n```sh\necho a\n"))
        }
        #expect(
            fault?.why == "The fenced block that begins in line 3 of the prompt is never closed"
        )
    }

    @Test(arguments: [
        ("```sh\necho a\n```", "echo a\n"),
        ("Text.\n\n```shell\necho a\n\necho b\n```\nMore.", "echo a\n\necho b\n"),
        ("~~~ SH title=\"x\"\necho a\n~~~~", "echo a\n"),
        ("~~~sh `x`\necho a\n~~~", "echo a\n"),
        ("`````sh\n```\necho a\n```\n`````", "```\necho a\n```\n"),
        ("  ```sh\n  if a; then\n    b\n c\n  ```", "if a; then\n  b\nc\n"),
        ("```sh\r\necho a\r\n```\r\n", "echo a\n"),
        ("```python\n```sh\necho no\n```\n```sh\necho yes\n```", "echo yes\n"),
        ("```sh\nprintf '```'\n```  \t", "printf '```'\n"),
    ])
    func `the first closed block is run as it stands`(prompt: String, script: String) throws {
        #expect(try self.script(prompt) == script)
    }

    @Test func `a script of the manifest wins over the prompt's block`() throws {
        var task = task(jobPrompt: "```sh\necho prompt\n```")
        task.script = "echo manifest"
        let invocation = try shell.plan(task)
        #expect(invocation.arguments == ["/bin/sh", "-e", "/run/scratch/job.sh"])
        #expect(invocation.files == [EngineFile(.scratch, "job.sh", "echo manifest\n")])
        task.script = " \n"
        let fault = #expect(throws: EngineFault.self) { try shell.plan(task) }
        #expect(fault?.code == "engine.empty-script")
    }

    @Test func `bash runs only a block that asks for it`() throws {
        #expect(
            try shell.plan(task(jobPrompt: "```bash\n[[ a ]]\n```")).arguments.first == "/bin/bash"
        )
        #expect(try shell.plan(task(jobPrompt: "```sh\na\n```")).arguments.first == "/bin/sh")
    }

    @Test func `the script gets no variable, no input and no network`() throws {
        var task = task(jobPrompt: "```sh\necho a\n```\n```sh\necho b\n```")
        task.factoryEnvironment = ["OPENAI_API_KEY": "secret", "PATH": "/bin"]
        task.workingFolder = "/run/clone/part"
        let invocation = try shell.plan(task)
        #expect(invocation.environment == [:])
        #expect(invocation.input == .empty)
        #expect(invocation.network == .off)
        #expect(invocation.workingFolder == "/run/clone/part")
        #expect(invocation.notes == ["The job has 2 blocks of commands; only the first ran"])
        task.isSandboxed = false
        #expect(try shell.plan(task).notes.contains("The script ran unconfined: no sandbox here"))
    }

    @Test(arguments: [
        (EngineExit.code(1), false, FailureCause.engineFailed as FailureCause?),
        (.code(127), false, .engineFailed), (.signal(9), false, .engineCrashed),
        (.code(0), true, nil),
    ])
    func `only a script that ends with 0 ended well`(
        exit: EngineExit,
        endedWell: Bool,
        cause: FailureCause?
    ) {
        var decoder = shell.decoder()
        #expect(
            decoder.line(Array("half \u{FF}".utf8), from: .errors) == [.output("half ÿ", .errors)]
        )
        let result = decoder.finish(exit: exit, progressFile: nil)
        #expect(result.endedWell == endedWell)
        #expect(result.cause == cause)
        #expect(result.usage == nil)
        #expect((result.diagnosis == nil) == endedWell)
        #expect(result.diagnosis?.hasSuffix("half ÿ") != false)
    }
}
