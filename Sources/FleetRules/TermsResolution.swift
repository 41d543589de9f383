package import FleetModel

/// What a submission falls back on where its manifest says nothing.
package struct SubmissionDefaults: Hashable, Sendable, Codable {
    package var product: String?
    package var repo: String?
    package var profile: ProfileReference?

    package init(product: String? = nil, repo: String? = nil, profile: ProfileReference? = nil) {
        self.product = product
        self.repo = repo
        self.profile = profile
    }
}

extension JobTerms {
    /// Counts profile, repository and defaults in; the stricter scope, policy and way to ship win.
    package init(
        resolving manifest: Manifest,
        title: String,
        style: ManifestStyle,
        product: String,
        profile: Profile,
        repository: Repository
    ) throws(Refusal) {
        let (policy, way) = try Self.leaving(resolving: manifest, profile, repository)
        var capabilities = profile.capabilities + (manifest.capabilities ?? [])
        if manifest.yolo == true { capabilities.append(try Self.requirement("sandbox:bubblewrap")) }
        if let cwd = manifest.cwd { capabilities.append(try Self.requirement("path:\(cwd)")) }
        let retry = manifest.retry ?? .standard
        self.init(
            title: manifest.title ?? title,
            product: product,
            repo: repository.name,
            base: manifest.base,
            engine: manifest.engine ?? profile.prefersEngine,
            engineClass: manifest.engineClass ?? profile.engineClass ?? "agentic-coder",
            model: manifest.model ?? profile.model,
            yolo: manifest.yolo ?? false,
            lock: manifest.lock,
            timeout: manifest.timeout ?? profile.timeout ?? .minutes(60),
            verify: manifest.verify ?? profile.defaultVerify ?? repository.verify,
            profile: profile.reference,
            capabilities: capabilities,
            prefers: manifest.prefers ?? [],
            priority: manifest.priority ?? .medium,
            retry: style == .older ? RetryPolicy(max: 0, backoff: retry.backoff, on: []) : retry,
            reviewPolicy: policy,
            scopes: [profile.allowedScope, manifest.allowedScope ?? []].filter { !$0.isEmpty },
            ship: way,
            output: manifest.output ?? .change,
            target: repository.target,
            acceptsNoChange: style == .older || manifest.output == Manifest.Output.none,
            budget: manifest.budget ?? profile.budget
        )
        // A preferred engine of the profile is a wish; only the file's own word is hard.
        if manifest.engine == nil, let wish = profile.prefersEngine {
            engine = nil
            prefers.append(.engine(wish))
        }
    }

    /// Who reviews such a job, which is asked of many jobs at once: nothing else is resolved.
    package static func reviewPolicy(
        resolving manifest: Manifest,
        _ profile: Profile,
        _ repository: Repository
    ) throws(Refusal) -> ReviewPolicy {
        try leaving(resolving: manifest, profile, repository).policy
    }

    private static func leaving(
        resolving manifest: Manifest,
        _ profile: Profile,
        _ repository: Repository
    ) throws(Refusal) -> (policy: ReviewPolicy, way: ShipWay) {
        let policy = stricter(manifest.reviewPolicy, profile.reviewPolicy)
        try refusePromises(manifest, profile)
        let way = min(profile.ship ?? repository.ship, repository.ship)
        guard way == .merge || way == .none else {
            throw promise(
                "ship: \(way.rawValue)",
                of: "profile \(profile.name) and repository \(repository.name)",
                hint: "set ship to merge or none"
            )
        }
        return (policy, way)
    }

    private static func requirement(_ text: String) throws(Refusal) -> Requirement {
        do { return try Requirement(parsing: text) } catch {
            throw Refusal(
                .invalid,
                "manifest.requirement",
                what: error.what,
                why: "it reads \(text)",
                hint: error.hint
            )
        }
    }

    private static func stricter(_ first: ReviewPolicy?, _ second: ReviewPolicy?) -> ReviewPolicy {
        guard let first else { return second ?? .manual }
        guard let second else { return first }
        return .stricter(first, second)
    }

    /// A start from testing asks that nothing ends before what it began on has shipped, and only a
    /// ship run waits for that.
    package func refuseTestingUnlessItShips(_ manifest: Manifest) throws(Refusal) {
        guard ship != .merge || output != .change,
            let dependency = manifest.deps?.first(where: \.fromTesting)
        else { return }
        throw Self.promise(
            "deps: \(dependency)",
            of: "a job that never ships",
            hint: "write \(dependency.name), which waits until it has shipped"
        )
    }

    /// What would be a promise that this version does not keep is refused rather than recorded.
    private static func refusePromises(
        _ manifest: Manifest,
        _ profile: Profile
    ) throws(Refusal) {
        if manifest.obligations?.isEmpty == false {
            throw promise("obligations", of: "the manifest", hint: "state them in verify")
        }
        try profile.refusePromises()
    }

    fileprivate static func promise(_ field: String, of owner: String, hint: String) -> Refusal {
        Refusal(
            .invalid,
            "manifest.not-kept-yet",
            what: "\(field) cannot be promised yet",
            why: "\(owner) asks for it, and this version would not keep it",
            hint: hint
        )
    }
}

extension Profile {
    /// A profile's promises bind every job that names it, so they are refused like a job's own.
    package func refusePromises() throws(Refusal) {
        guard !obligations.isEmpty else { return }
        throw JobTerms.promise("obligations", of: "the profile \(name)", hint: "use default-verify")
    }
}
