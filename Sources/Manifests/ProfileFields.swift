import FleetModel

/// The fields of a profile file, in the order of the specification.
package enum ProfileFields {
    static let all: [Field<Profile>] = role + work + limits

    private static let role: [Field<Profile>] = [
        Field(
            "name",
            .name("the name of a profile"),
            \.name,
            default: "the file's name",
            meaning: "what jobs call it"
        ),
        Field(
            "version",
            .whole(1...1_000_000_000),
            \.version,
            default: "assigned on change",
            meaning: "1, 2, …"
        ),
        Field(
            "persona",
            .text,
            \.persona,
            default: "the file's body",
            meaning: "who the engine is, put before the prompt; the body is added to it"
        ),
    ]

    private static let work: [Field<Profile>] = [
        Field(
            "capabilities",
            Kind<[Requirement]>.requirements,
            \.capabilities,
            default: "empty",
            meaning: "what a factory must have"
        ),
        Field(
            "default-verify",
            .shellText,
            \.defaultVerify,
            default: "the repository's",
            meaning: "verify of jobs that name none"
        ),
        Field(
            "engine-class",
            .name("a class of engines"),
            \.engineClass,
            default: "agentic-coder",
            meaning: "the router picks an engine of the class"
        ),
        Field(
            "prefers-engine",
            .engine,
            \.prefersEngine,
            default: "none",
            meaning: "engine that the router had better pick"
        ),
        Field(
            "model",
            .model,
            \.model,
            default: "the engine's own",
            meaning: "passed to the engine"
        ),
        Field(
            "timeout",
            .duration,
            \.timeout,
            default: "60m",
            meaning: "time that one attempt may take"
        ),
        Field(
            "silent",
            .silence,
            \.silent,
            default: "5m, stops false",
            meaning: "time without output that is said in the log, and whether it ends the run"
        ),
        Field(
            "artifacts",
            Kind<ArtifactWords>.artifactWords,
            \.artifactWords,
            default: "none",
            meaning: "captured of each of its jobs beside the commit; a map says where it lies"
        ),
    ]

    private static let limits: [Field<Profile>] = [
        Field(
            "allowed-scope",
            Kind<[Glob]>.globs,
            \.allowedScope,
            default: "everything",
            meaning: "paths that its jobs may change"
        ),
        Field(
            "protected-paths",
            Kind<[Glob]>.globs,
            \.protectedPaths,
            default: "none",
            meaning: "paths that its jobs must leave to a person; the scope gate refuses a change"
        ),
        Field(
            "review-policy",
            .reviewPolicy,
            \.reviewPolicy,
            default: "manual",
            meaning: "who lets its work ship"
        ),
        Field(
            "budget",
            .budget,
            \.budget,
            default: "the configuration's",
            meaning: "hard ceilings over all attempts of a job"
        ),
        Field(
            "network",
            .choice(),
            \.network,
            default: "allow-list",
            meaning: "what the sandbox lets through",
            standing: .recorded("enforced")
        ),
        Field(
            "obligations",
            .obligations,
            \.obligations,
            default: "the repository's gate level",
            meaning: "what must be proven",
            standing: .refused(hint: "state it in default-verify, which is kept")
        ),
        Field(
            "mandate",
            .label("a mandate"),
            \.mandate,
            default: "none",
            meaning: "mandate that its jobs serve"
        ),
        Field(
            "ship",
            .ship,
            \.ship,
            default: "the repository's",
            meaning: "the widest way in which its work may ship"
        ),
    ]
}

extension Kind<Profile.Silence> {
    static let fields: [Field<Profile.Silence>] = [
        Field("minutes", .minutes, \.after, default: "5", meaning: "time without output"),
        Field("stops", .boolean, \.stops, default: "false", meaning: "whether the run ends"),
    ]
    private static let standard = Profile.Silence(after: .minutes(5), stops: false)

    /// A number of minutes alone, or a map.
    static let silence = Kind(
        expected: "minutes, or a map of minutes and stops",
        shape: .either([
            Kind<Timespan>.minutes.shape,
            .map(fields.map { .init(name: $0.row.name, shape: $0.row.shape) }),
        ])
    ) { node, place, findings in
        if node.text != nil {
            return Kind<Timespan>.minutes.read(node, place, &findings)
                .map { Profile.Silence(after: $0, stops: false) }
        }
        return map(fields, into: standard, expected: "minutes, or a map of minutes and stops")
            .read(node, place, &findings)
    }
}
