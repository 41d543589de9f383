import FleetModel

/// The fields of a job file, in the order of the specification.
package enum JobFields {
    static let all: [Field<Manifest>] = place + work + needs + order + proof + attribution

    private static let place: [Field<Manifest>] = [
        Field(
            "title",
            .line("a title"),
            \.title,
            default: "first heading, else first line of the prompt, else file name",
            meaning: "shown everywhere"
        ),
        Field(
            "product",
            .product,
            \.product,
            default: "the configuration's, else main",
            meaning: "tenant"
        ),
        Field(
            "repo",
            .repository,
            \.repo,
            default: "from cwd, else the configuration's, else the one of the current folder",
            meaning: "where to work"
        ),
        Field(
            "base",
            .branch("a branch or a commit"),
            \.base,
            default: "the repository's default branch",
            meaning: "what the clone starts from"
        ),
        Field(
            "cwd",
            .folder,
            \.cwd,
            default: "none",
            meaning: "older way to name the repository that contains this folder"
        ),
    ]

    private static let work: [Field<Manifest>] = [
        Field(
            "engine",
            .engine,
            \.engine,
            default: "none",
            meaning: "this engine; wins over profile and class"
        ),
        Field(
            "engine-class",
            .name("a class of engines"),
            \.engineClass,
            default: "the profile's, else agentic-coder",
            meaning: "the router picks an engine of the class"
        ),
        Field(
            "model",
            .model,
            \.model,
            default: "the engine's own",
            meaning: "passed to the engine"
        ),
        Field(
            "yolo",
            .boolean,
            \.yolo,
            default: "false",
            meaning: "an open network inside the sandbox; refused without one"
        ),
        Field(
            "lock",
            .label("the name of a lock"),
            \.lock,
            default: "none",
            meaning: "jobs of one product with the same lock never run at the same time"
        ),
        Field(
            "timeout",
            .duration,
            \.timeout,
            default: "60m",
            meaning: "time that one attempt may take"
        ),
        Field(
            "verify",
            .shellText,
            \.verify,
            default: "the profile's, else the repository's",
            meaning: "runs in a clean checkout of the result; exit 0 passes"
        ),
        Field(
            "profile",
            .profile,
            \.profile,
            default: "the configuration's, else developer",
            meaning: "the role"
        ),
    ]

    private static let needs: [Field<Manifest>] = [
        Field(
            "capabilities",
            Kind<[Requirement]>.requirements,
            \.capabilities,
            default: "the profile's; both are joined",
            meaning: "what the factory must have"
        ),
        Field(
            "prefers",
            .list(of: .preference, expected: "a list of factory:NAME, engine:NAME, capabilities"),
            \.prefers,
            default: "empty",
            meaning: "what it had better have"
        ),
    ]

    private static let order: [Field<Manifest>] = [
        Field(
            "priority",
            .choice(),
            \.priority,
            default: "medium",
            meaning: "what is served first"
        ),
        Field(
            "deadline",
            .deadline,
            \.deadline,
            default: "by priority",
            meaning: "when it should be done, from submission if a duration",
            standing: .recorded("watched")
        ),
        Field(
            "budget",
            .budget,
            \.budget,
            default: "the profile's, else the configuration's",
            meaning: "hard ceilings over all attempts"
        ),
        Field(
            "value",
            .worth,
            \.valueMilli,
            default: "1",
            meaning: "worth of shipping it",
            standing: .recorded("weighed")
        ),
        Field(
            "deps",
            .list(of: .dependency, expected: "a list of ids, keys or file names", most: 1000),
            \.deps,
            default: "empty",
            meaning: "starts when each has shipped, or with `@testing` passed its gates"
        ),
        Field(
            "idempotency-key",
            .label("a key"),
            \.idempotencyKey,
            default: "none",
            meaning: "submitting the same again does nothing"
        ),
        Field("retry", .retry, \.retry, default: "max 1, backoff 1m", meaning: "extra attempts"),
    ]

    private static let proof: [Field<Manifest>] = [
        Field(
            "review-policy",
            .reviewPolicy,
            \.reviewPolicy,
            default: "the profile's, else manual",
            meaning: "who lets it ship"
        ),
        Field(
            "allowed-scope",
            Kind<[Glob]>.globs,
            \.allowedScope,
            default: "the profile's",
            meaning: "paths that it may change; never wider than the profile's"
        ),
        Field(
            "artifacts",
            Kind<[String]>.artifacts,
            \.artifacts,
            default: "none",
            meaning: "captured beside the commit, with what the profile asks for"
        ),
        Field(
            "tracker-item",
            .label("an id"),
            \.trackerItem,
            default: "none",
            meaning: "the planning item that this came from"
        ),
        Field(
            "output",
            .choice(),
            \.output,
            default: "change",
            meaning: "none: success needs no diff"
        ),
        Field(
            "script",
            .shellText,
            \.script,
            default: "the prompt's fenced sh block",
            meaning: "what the shell engine runs"
        ),
        Field(
            "obligations",
            .obligations,
            \.obligations,
            default: "the repository's gate level",
            meaning: "what must be proven",
            standing: .refused(hint: "state it in verify, which is kept")
        ),
    ]

    private static let attribution: [Field<Manifest>] = [
        Field(
            "value-stream",
            .label("a value stream"),
            \.valueStream,
            default: "none",
            meaning: "value stream that it counts for"
        ),
        Field(
            "mandate",
            .label("a mandate"),
            \.mandate,
            default: "none",
            meaning: "mandate that it serves"
        ),
        Field(
            "lane",
            .word(of: ["live", "background", "hosted", "remote", "shadow"]),
            \.lane,
            default: "live",
            meaning: "kind of funded capacity"
        ),
        Field(
            "issue",
            .label("an issue"),
            \.issue,
            default: "the tracker item",
            meaning: "issue that it counts for"
        ),
        Field(
            "labels",
            .list(of: .label("a label"), expected: "a list of labels"),
            \.labels,
            default: "empty",
            meaning: "words to find it by"
        ),
    ]
}
