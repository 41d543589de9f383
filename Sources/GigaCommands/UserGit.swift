import Processes

/// Questions to a person's own checkout: read-only, without taking a lock or touching the index.
struct UserGit: Sendable {
    private let folder: String
    private let environment: [String: String]

    init(_ folder: String, _ shop: Shop) {
        self.folder = folder
        // Variables of a git that called us would point at another repository than `folder`.
        environment = shop.environment.filter { !Self.elsewhere.contains($0.key) }.merging(
            ["GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"]
        ) { $1 }
    }

    private static let elsewhere: Set = [
        "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE", "GIT_CEILING_DIRECTORIES",
    ]

    /// Why `folder` is not itself the top of a repository; nil when it is one.
    func faultAsRepository() throws(CommandFault) -> String? {
        var own = environment
        // Else git would find a repository around the folder.
        own["GIT_CEILING_DIRECTORIES"] = String(
            folder[..<(folder.lastIndex(of: "/") ?? folder.endIndex)]
        )
        let done: CompletedProcess
        do { done = try run(["rev-parse", "--git-dir"], own) } catch {
            throw Self.notThere("look at \(folder)", error)
        }
        if done.exit.isSuccess { return nil }
        let last = done.errorOutput.text.split(separator: "\n").first.map(String.init)
        return last ?? "git ended with \(done.exit)"
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
            throw Self.notThere(purpose, error)
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

    private static func notThere(_ purpose: String, _ fault: SpawnFault) -> CommandFault {
        CommandFault(
            .failed,
            "git.not-there",
            what: "git could not be started to \(purpose)",
            why: "\(fault)",
            hint: "install git and put it on the path"
        )
    }

    private func run(
        _ words: [String],
        _ variables: [String: String]? = nil
    ) throws(SpawnFault) -> CompletedProcess {
        let safe = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"]
        return try ChildProcess.run(
            Invocation("git", safe + words, environment: variables ?? environment, folder: folder),
            deadline: .seconds(120)
        )
    }
}
