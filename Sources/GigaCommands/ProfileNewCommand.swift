import FleetModel

/// `giga profile new`: a file to begin with, every field explained and left out.
enum ProfileNewCommand {
    static let usage = Usage(
        "profile new",
        .fleet,
        "Write a commented file for a profile of your own",
        positionals: "NAME",
        options: [.value("to", "DIR", "Folder to write it to (profiles)"), Usage.dryRun],
        example: "giga profile new data-engineer",
        isLocal: true
    )

    static func run(_ arguments: Arguments, _ shop: Shop) throws(CommandFault) -> ExitCode {
        let name = try arguments.only("NAME")
        guard Naming.isName(name) else {
            let lower = name.lowercased()
            throw CommandFault(
                .usage,
                "profile.bad-name",
                what: "A profile cannot be named \(name)",
                why: "a name is \(Naming.rule)",
                hint: "giga profile new \(Naming.isName(lower) ? lower : "data-engineer")"
            )
        }
        let folder = arguments.value("to") ?? "profiles"
        let path = "\(folder)/\(name).md"
        let whole = Files.absolute(path, from: shop.workingFolder)
        guard !Files.exists(whole) else {
            throw .exists(path, hint: "giga profile lint \(path)    or choose another name")
        }
        if arguments.has("dry-run") {
            shop.console.print(template(name))
            shop.console.say("would write this to \(path)")
            return .done
        }
        try Files.makeFolder(Files.absolute(folder, from: shop.workingFolder))
        try Files.write(Array((template(name) + "\n").utf8), to: whole)
        shop.console.print(path)
        shop.console.say("next: say who it is, then giga profile lint \(path)")
        shop.console.say("      and giga profile import \(path)")
        return .done
    }

    static func template(_ name: String) -> String {
        """
        ---
        name: \(name)
        # Which engines may do it: agentic-coder, reviewer, or script for plain commands.
        engine-class: agentic-coder

        # All that follows is optional. Remove the # before a field to state it.

        # What the factory must have; a job may ask for more.
        # capabilities: [os:linux, "node>=20,<23"]

        # How its work is verified when the job says nothing: shell commands, exit 0 passes.
        # default-verify: make test

        # A wish for one engine of the class, and the model that it gets.
        # prefers-engine: claude
        # model: provider/name

        # How long one attempt may take.
        # timeout: 45m

        # After so many minutes without output the log says so; stops: true ends the run as well.
        # silent: {minutes: 10, stops: false}

        # What is kept beside the commits, by name or by glob; a map says where: {coverage: [cov/]}.
        # artifacts: [coverage, screenshots]

        # The only paths that its jobs may change, and paths that they must leave to a person.
        # allowed-scope: [src/, "tests/**/*.sh"]
        # protected-paths: [deploy/, .github/]

        # Who lets its work ship: auto, or manual for a person.
        # review-policy: manual

        # Ceilings over all attempts of a job.
        # budget: {usd: 5, tokens: 2M, wall: 4h}

        # What the sandbox lets through: off, allow-list or on.
        # network: allow-list

        # The mandate that its jobs serve.
        # mandate: maintenance

        # The widest way in which its work may ship: none or merge.
        # ship: merge
        ---

        You are a \(name.map { $0 == "-" ? " " : String($0) }.joined()). Say here in two or three sentences who that is: what they are good at,
        whom they work for, and what they would be ashamed to hand over.

        Before you write anything
        - What do they read and look at first? What do they try out?

        While you write
        - What do they always do, and what never? Be concrete: a rule that two people would apply in the
          same way is worth ten that sound good.

        Before you are done
        - How do they check their own work? What stands in the summary at the end?
        """
    }
}
