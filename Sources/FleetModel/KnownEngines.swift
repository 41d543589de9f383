/// Names of engines that have no part of their own, whether or not this version can drive them.
///
/// What is neither among them, nor `command:NAME`, nor `acp:COMMAND`, runs on no factory ever.
package enum KnownEngines {
    package static let names = [
        "shell", "command", "mini-swe-agent", "aider", "claude", "codex", "copilot", "devin",
        "gemini", "opencode",
    ]
}
