import FleetModel

/// An engine that cannot be chosen or started as asked.
package struct EngineFault: Explained, Hashable {
    package let code: String
    package let what: String
    package let why: String
    package let hint: String

    init(_ code: String, what: String, why: String, hint: String) {
        self.code = "engine.\(code)"
        self.what = what
        self.why = why
        self.hint = hint
    }
}

extension EngineFault {
    static func unknown(_ text: String, nearest: String?) -> EngineFault {
        EngineFault(
            "unknown",
            what: "There is no engine \"\(text)\"",
            why: "No engine and no template in giga.yaml has that name",
            hint: nearest.map { "Did you mean \($0)?" } ?? "Run `giga engine list`"
        )
    }

    static func unavailable(_ name: EngineName) -> EngineFault {
        EngineFault(
            "unavailable",
            what: "Engine \(name) is not available in this version",
            why: "It is known by name, but nothing here can drive it yet",
            hint: "Describe its command line in giga.yaml under `engines:` and use `command:NAME`"
        )
    }

    static func noTemplate(_ name: String?, known: [String], nearest: String?) -> EngineFault {
        let list = known.isEmpty ? "none" : known.joined(separator: ", ")
        guard let name else {
            return EngineFault(
                "no-template",
                what: "Engine command names no template",
                why: "giga.yaml has \(known.count) templates under `engines:`: \(list)",
                hint: known.first.map { "Name one: `engine: command:\($0)`" }
                    ?? "Add one to giga.yaml: `engines: {NAME: {run: [program]}}`"
            )
        }
        return EngineFault(
            "no-template",
            what: "There is no command template \"\(name)\"",
            why: "giga.yaml has \(known.count) templates under `engines:`: \(list)",
            hint: nearest.map { "Did you mean command:\($0)?" }
                ?? "Add it to giga.yaml: `engines: {\(name): {run: [program]}}`"
        )
    }

    static func badTemplate(_ name: String, _ why: String, hint: String) -> EngineFault {
        EngineFault(
            "bad-template",
            what: "The command template \"\(name)\" cannot be used",
            why: why,
            hint: hint
        )
    }

    static func yoloWithoutSandbox(_ name: EngineName) -> EngineFault {
        EngineFault(
            "yolo-without-sandbox",
            what: "`yolo: true` is refused for engine \(name) here",
            why: "This factory has no sandbox, and yolo would let the engine do anything on it",
            hint: "Install bubblewrap on the factory, or remove `yolo`"
        )
    }

    static func needsSandbox(_ name: EngineName) -> EngineFault {
        EngineFault(
            "needs-sandbox",
            what: "Engine \(name) is not started without a sandbox",
            why: "It runs whatever commands its model asks for and has no mode that only edits",
            hint: "Install bubblewrap on the factory: `apt-get install bubblewrap`"
        )
    }

    static let noScript = EngineFault(
        "no-script",
        what: "Engine shell finds nothing to run in the job",
        why: "The job has no `script:` and no fenced block marked sh, shell or bash",
        hint: "Put the commands between a line ```sh and a line ```"
    )

    static func unclosedBlock(line: Int) -> EngineFault {
        EngineFault(
            "unclosed-block",
            what: "Engine shell cannot tell where the job's commands end",
            why: "The fenced block that begins in line \(line) of the prompt is never closed",
            hint: "Add a line with the same fence after its last command"
        )
    }

    static func emptyScript(_ source: String) -> EngineFault {
        EngineFault(
            "empty-script",
            what: "Engine shell finds nothing to run in the job",
            why: "\(source) is empty",
            hint: "Write the commands there; `true` does nothing on purpose"
        )
    }

    static func noModel(_ name: EngineName, hint: String) -> EngineFault {
        EngineFault(
            "no-model",
            what: "Engine \(name) does not know which model to ask",
            why: "Neither job, profile nor the factory's environment names one",
            hint: hint
        )
    }

    static func promptTooLong(_ name: EngineName, bytes: Int, limit: Int) -> EngineFault {
        EngineFault(
            "prompt-too-long",
            what: "The prompt does not fit into an argument of engine \(name)",
            why: "It has \(bytes) bytes, and the system takes at most \(limit) in one argument",
            hint: "Set `prompt: stdin` or `prompt: file` in the template"
        )
    }

    static func promptHasNUL(_ name: EngineName) -> EngineFault {
        EngineFault(
            "prompt-has-nul",
            what: "The prompt cannot be passed to engine \(name)",
            why: "It holds a NUL character, which ends an argument",
            hint: "Set `prompt: stdin` or `prompt: file` in the template"
        )
    }
}
