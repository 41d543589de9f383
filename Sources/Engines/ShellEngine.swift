import FleetModel

/// Runs commands that a person wrote into the job; deterministic, calls no model.
///
/// What runs is `script:`, else the job's first fenced block marked `sh`, `shell` or `bash`, from a
/// file with `sh -e` (`bash -e` for a block marked `bash`): the first command that fails ends it.
/// Text that stands in no block is never run. Its end line is the end of its process: a script says
/// that it finished by finishing with 0.
package struct ShellEngine: EngineAdapter {
    package let name = EngineName.shell
    package let classes: [EngineClass] = [.script]
    package let needsSandbox = false
    /// Every system has a `sh`, and none of its versions says which it is.
    package let probe = EngineProbe(arguments: [])

    private static let languages = ["sh", "shell", "bash"]
    private static let file = "job.sh"

    package init() {}

    package func plan(_ task: EngineTask) throws(EngineFault) -> EngineInvocation {
        try checkConfinement(of: task)
        var notes: [String] = []
        let (interpreter, text) = try commands(of: task, notes: &notes)
        if !task.isSandboxed { notes.append("The script ran unconfined: no sandbox here") }
        return EngineInvocation(
            arguments: [interpreter, "-e", "\(task.scratchFolder)/\(Self.file)"],
            workingFolder: task.workingFolder,
            files: [EngineFile(.scratch, Self.file, text)],
            network: task.yolo ? .on : .off,
            notes: notes
        )
    }

    package func decoder() -> any EngineDecoder {
        PlainDecoder(engine: name, successCodes: [0], callsModel: false)
    }

    private func commands(
        of task: EngineTask,
        notes: inout [String]
    ) throws(EngineFault) -> (interpreter: String, text: String) {
        if let script = task.script {
            if script.allSatisfy(\.isWhitespace) { throw .emptyScript("`script:`") }
            return ("/bin/sh", script.hasSuffix("\n") ? script : script + "\n")
        }
        let blocks = FencedBlock.all(in: task.jobPrompt)
        let ours = blocks.filter { Self.languages.contains($0.language) }
        guard let block = ours.first else {
            // An open block of another kind has swallowed whatever comes after it.
            if let open = blocks.last, !open.isClosed { throw .unclosedBlock(line: open.line) }
            throw .noScript
        }
        guard block.isClosed else { throw .unclosedBlock(line: block.line) }
        if block.text.allSatisfy(\.isWhitespace) {
            throw .emptyScript("The fenced block in line \(block.line) of the prompt")
        }
        if ours.count > 1 {
            notes.append("The job has \(ours.count) blocks of commands; only the first ran")
        }
        return (block.language == "bash" ? "/bin/bash" : "/bin/sh", block.text)
    }
}
