import Processes

/// Questions to a person's own checkout: read-only, without taking a lock or touching the index.
struct UserGit: Sendable {
    private let folder: String
    private let environment: [String: String]

    init(_ folder: String, _ shop: Shop) {
        self.folder = folder
        environment = shop.environment.merging(
            ["GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"]
        ) { $1 }
    }

    /// The first line that git prints; nil when it fails or prints nothing.
    func line(_ words: String...) -> String? {
        guard let done = try? run(words), done.exit.isSuccess else { return nil }
        let line = done.output.text.split(separator: "\n").first.map(String.init)
        return line?.isEmpty == false ? line : nil
    }

    /// Runs git for its effect on a folder of ours.
    func must(_ words: String..., for purpose: String) throws(CommandFault) {
        let done: CompletedProcess
        do { done = try run(words) } catch {
            throw CommandFault(
                .failed,
                "git.not-there",
                what: "git could not be started to \(purpose)",
                why: "\(error)",
                hint: "install git and put it on the path"
            )
        }
        guard done.exit.isSuccess else {
            let last = done.errorOutput.text.split(separator: "\n").last.map(String.init)
            throw CommandFault(
                .failed,
                "git.failed",
                what: "git could not \(purpose)",
                why: last ?? "it ended with \(done.exit)",
                hint: "git \(words.joined(separator: " "))"
            )
        }
    }

    private func run(_ words: [String]) throws(SpawnFault) -> CompletedProcess {
        let safe = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"]
        return try ChildProcess.run(
            Invocation("git", safe + words, environment: environment, folder: folder),
            deadline: .seconds(120)
        )
    }
}
