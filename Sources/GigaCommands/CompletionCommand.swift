import Manifests

/// `giga completion`: what a shell needs to finish words.
enum CompletionCommand {
    enum Shell: String, CaseIterable { case bash, zsh, fish }

    static let usage = Usage(
        "completion",
        .operate,
        "Print what bash, zsh or fish needs to finish words",
        positionals: "bash | zsh | fish",
        example: "giga completion bash > ~/.local/share/bash-completion/completions/giga",
        isLocal: true
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        let word = try arguments.only("shell: bash, zsh or fish")
        guard let shell = Shell(rawValue: word) else {
            let words = Shell.allCases.map(\.rawValue)
            let near = Spelling.nearest(to: word, among: words)
            throw .usage(
                "There is no completion for \"\(word)\"",
                why: near.map { "did you mean \($0)?" }
                    ?? "there is one for \(words.joined(separator: ", "))",
                hint: "giga completion \(near ?? "bash")"
            )
        }
        let text =
            switch shell {
            case .bash: ShellCompletion.bash
            case .zsh: ShellCompletion.zsh
            case .fish: FishCompletion.text
            }
        shop.console.printRaw(Array(text.utf8))
        return .done
    }
}
