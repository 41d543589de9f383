/// What becomes different from one version of a profile to the next.
extension Profile {
    /// Whether two versions are the same role; number and origin do not count.
    package func saysTheSame(as other: Profile) -> Bool {
        var (own, others) = (self, other)
        (own.version, own.origin) = (0, nil)
        (others.version, others.origin) = (0, nil)
        return own == others
    }

    /// The fields that are not as they were, by their names in a file.
    package func differences(from older: Profile) -> [String] {
        func differ<Value: Equatable>(
            _ field: KeyPath<Profile, Value>,
            _ name: String
        ) -> String? { self[keyPath: field] == older[keyPath: field] ? nil : name }
        return [
            differ(\.persona, "persona"), differ(\.capabilities, "capabilities"),
            differ(\.defaultVerify, "default-verify"), differ(\.engineClass, "engine-class"),
            differ(\.prefersEngine, "prefers-engine"), differ(\.model, "model"),
            differ(\.timeout, "timeout"), differ(\.silent, "silent"),
            artifacts == older.artifacts && artifactGlobs == older.artifactGlobs
                ? nil : "artifacts",
            differ(\.allowedScope, "allowed-scope"),
            differ(\.protectedPaths, "protected-paths"),
            differ(\.reviewPolicy, "review-policy"), differ(\.budget, "budget"),
            differ(\.network, "network"), differ(\.obligations, "obligations"),
            differ(\.mandate, "mandate"), differ(\.ship, "ship"),
        ].compactMap(\.self)
    }

    /// What this version would let its jobs do that `older` did not, a sentence part each.
    ///
    /// A glob that was not there before counts as wider even where an old one holds it: whoever
    /// reads one line too many is better off than whoever was not told.
    package func widenings(from older: Profile) -> [String] {
        var wider: [String] = []
        if !older.allowedScope.isEmpty {
            let added = allowedScope.filter { !older.allowedScope.contains($0) }
            if allowedScope.isEmpty {
                wider.append("its jobs may change every path")
            } else if !added.isEmpty {
                wider.append("its jobs may change \(Self.list(added))")
            }
        }
        let freed = older.protectedPaths.filter { !protectedPaths.contains($0) }
        if !freed.isEmpty { wider.append("\(Self.list(freed)) is protected no more") }
        if (ship ?? .direct) > (older.ship ?? .direct) {
            wider.append("its work ships by \(ship?.rawValue ?? "what the repository allows")")
        }
        if (network ?? .allowList).width > (older.network ?? .allowList).width {
            wider.append("its network is \((network ?? .allowList).rawValue)")
        }
        let policy = reviewPolicy ?? .manual
        if policy.strictness < (older.reviewPolicy ?? .manual).strictness {
            wider.append(
                policy == .auto ? "its work ships without a person" : "it needs no reviewers"
            )
        }
        if case .reviewers(let names, let quorum) = policy,
            case .reviewers(let olderNames, let olderQuorum)? = older.reviewPolicy
        {
            let added = names.filter { !olderNames.contains($0) }
            if !added.isEmpty { wider.append("\(added.joined(separator: ", ")) may approve it") }
            if quorum < olderQuorum { wider.append("\(quorum) of its reviewers are enough") }
        }
        return wider
    }

    /// Why one person's word is not enough for this version where there are two, a sentence part
    /// each.
    ///
    /// No rule can tell what another persona lets an agent do, so each one counts as wider, and so
    /// does each new name: `older` is nil then.
    package func needsSecondPerson(from older: Profile?) -> [String] {
        guard let older else {
            let nothing = Profile(name: name, persona: "")
            return ["its persona is new"] + widenings(from: nothing)
        }
        return (persona == older.persona ? [] : ["its persona is another"])
            + widenings(from: older)
    }

    /// The fields that the above looks at, by their names in a file.
    package static let fieldsOfTwo = [
        "persona", "allowed-scope", "protected-paths", "ship", "network", "review-policy",
    ]

    private static func list(_ globs: [Glob]) -> String {
        globs.map(\.pattern).joined(separator: ", ")
    }
}

extension Profile.Network {
    fileprivate var width: Int {
        switch self {
        case .off: 0
        case .allowList: 1
        case .on: 2
        }
    }
}
