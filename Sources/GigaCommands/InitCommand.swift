import Manifests

/// `giga init`: the settings of a project and a first job, asked once, never over a file.
enum InitCommand {
    static let usage = Usage(
        "init",
        .start,
        "Write giga.yaml and a first job into the repository you stand in",
        options: [Usage.dryRun],
        example: "cd my-repo && giga init",
        isLocal: true
    )

    private static let job = "jobs/first-job.md"

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        try arguments.none()
        guard let top = OwnRepository.top(of: shop.workingFolder, shop) else {
            throw CommandFault(
                .usage,
                "repo.not-git",
                what: "giga init needs a git repository to stand in",
                why: "\(shop.workingFolder) is not inside one",
                hint: "git init, or cd to one"
            )
        }
        let tests = ProjectTests.find(in: top)
        let git = UserGit(top, shop)
        let branch = git.line("symbolic-ref", "--short", "-q", "HEAD") ?? "main"
        let all = [("giga.yaml", settings(tests, branch)), (job, firstJob)]
        let missing = all.filter { !Files.exists("\(top)/\($0.0)") }
        for (name, _) in all where !missing.contains(where: { $0.0 == name }) {
            shop.console.say("\(name) is there already: left as it is")
        }
        guard !missing.isEmpty else { return .done }
        if let tests {
            shop.console.say("tests: \(tests.command), by \(tests.source)")
        } else {
            shop.console.say("tests: none found; work waits for a person until verify: is set")
        }
        if arguments.has("dry-run") {
            for (name, text) in missing {
                shop.console.say("would write \(top)/\(name):")
                shop.console.print(text)
            }
            return .done
        }
        let names = missing.map(\.0).joined(separator: " and ")
        guard shop.console.confirms("write \(names) to \(top)", arguments) else {
            return .nothingChanged
        }
        try Files.makeFolder("\(top)/jobs")
        for (name, text) in missing {
            try Files.write(Array(text.utf8), to: "\(top)/\(name)")
            shop.console.print("\(top)/\(name)")
        }
        shop.console.say("next: giga up    then, in another terminal: giga add \(job)")
        return .done
    }

    private static func settings(_ tests: ProjectTests?, _ branch: String) -> String {
        let verify =
            tests.map { "# Found in \($0.source).\nverify: \(scalar($0.command))" }
            ?? "# None was found; a person promotes each change until one stands here.\n# verify: make test"
        return """
            # Settings of this project for Gigafactory; giga config list prints all that apply.

            # How work is verified: run in a clean checkout of it, exit 0 passes.
            \(verify)

            # The branch that shipped work goes to.
            target: \(scalar(branch))

            # The role of jobs that name none; giga profile list shows them all.
            profile: developer

            """
    }

    /// Quoted only where YAML would read something else.
    private static func scalar(_ text: String) -> String {
        let isPlain = text.allSatisfy { $0.isLetter || $0.isNumber || " ./-_".contains($0) }
        return isPlain && text.first?.isLetter == true ? text : QuotedText.json(text)
    }

    private static let firstJob = """
        ---
        profile: docs-writer
        allowed-scope: ["*.md", docs/]
        timeout: 30m
        ---

        # Say in the README how to run the tests

        Find out how this project is built and tested: read its files, and run what you find. If the
        README does not say it yet, add a short section with the commands in the order in which a
        newcomer needs them. Change nothing else.

        """
}
