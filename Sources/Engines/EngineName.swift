import FleetModel

/// How people and records name an engine: `shell`, `command:lint`, `mini-swe-agent`, `acp:goose`.
///
/// A name says nothing about whether this version can run the engine; `EngineCatalogue` knows.
package enum EngineName: Hashable, Sendable {
    case shell
    /// A command by template; without a name it is the only template that there is.
    case command(String?)
    case miniSWEAgent
    case aider, claude, codex, copilot, devin, gemini, opencode
    /// Any engine that speaks the Agent Client Protocol, by its command.
    case acp(String)

    /// The names without a part of their own, by their text form.
    package static let plain: [(text: String, name: EngineName)] = [
        ("shell", .shell), ("command", .command(nil)), ("mini-swe-agent", .miniSWEAgent),
        ("aider", .aider), ("claude", .claude), ("codex", .codex), ("copilot", .copilot),
        ("devin", .devin), ("gemini", .gemini), ("opencode", .opencode),
    ]

    /// Nil when `text` is no engine's name.
    package init?(text: String) {
        if let found = Self.plain.first(where: { $0.text == text }) {
            self = found.name
        } else if text.hasPrefix("command:") {
            let name = String(text.dropFirst("command:".count))
            guard Naming.isName(name) else { return nil }
            self = .command(name)
        } else if text.hasPrefix("acp:") {
            let command = String(text.dropFirst("acp:".count))
            guard !command.isEmpty, command.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
                return nil
            }
            self = .acp(command)
        } else {
            return nil
        }
    }

    package var text: String {
        switch self {
        case .command(let name?): "command:\(name)"
        case .acp(let command): "acp:\(command)"
        default: Self.plain.first { $0.name == self }?.text ?? "command"
        }
    }
}

extension EngineName: CustomStringConvertible {
    package var description: String { text }
}

/// An abstract engine; the router picks a concrete one of the class.
package enum EngineClass: String, Hashable, Sendable, CaseIterable {
    /// Does what a person wrote down; calls no model.
    case script
    /// Calls a model that decides what to do.
    case agenticCoder = "agentic-coder"
    /// An agentic coder under the profile `reviewer`.
    case reviewer
}
