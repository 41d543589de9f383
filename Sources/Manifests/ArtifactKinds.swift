import FleetModel

/// The field `artifacts` of a profile: what its jobs leave, and where it lies.
struct ArtifactWords: Hashable, Sendable {
    /// Names and globs that are captured.
    var asked: [String]
    /// What names stand for; nil leaves that to the repository.
    var globs: [String: [String]]?
}

extension Profile {
    var artifactWords: ArtifactWords {
        get { ArtifactWords(asked: artifacts, globs: artifactGlobs) }
        set { (artifacts, artifactGlobs) = (newValue.asked, newValue.globs) }
    }
}

extension Kind<[String: [String]]> {
    /// What names of artifacts stand for.
    static let artifactGlobs = dictionary(
        of: Kind<[String]>.list(of: .artifactGlob, expected: "a list of globs"),
        keys: .word(of: ArtifactNames.all),
        expected: "a map of names to globs, such as {coverage: [coverage/]}"
    )
}

extension Kind<String> {
    /// Kept as it was written, for it is another machine that matches it.
    fileprivate static let artifactGlob = Kind<Glob>.glob.map(\.pattern)
}

extension Kind<ArtifactWords> {
    static let artifactWords = Kind(
        expected: "a list of names or globs, or a map of names to globs",
        shape: .either([
            Kind<[String]>.artifacts.shape, Kind<[String: [String]]>.artifactGlobs.shape,
        ])
    ) { node, place, findings in
        guard case .mapping = node.content else {
            return Kind<[String]>.artifacts.read(node, place, &findings).map {
                ArtifactWords(asked: $0, globs: nil)
            }
        }
        return Kind<[String: [String]]>.artifactGlobs.read(node, place, &findings).map {
            ArtifactWords(asked: $0.keys.sorted(), globs: $0)
        }
    }
}
