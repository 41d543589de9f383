import FleetModel

/// What one word of a job or profile asks for: a name that stands for globs, or a glob itself.
struct ArtifactWish: Hashable, Sendable {
    let asked: String
    let globs: [Glob]

    /// All that a granted run is asked for: the job's words, then its profile's.
    ///
    /// A name means what the profile says, else what the repository says, else the usual places.
    static func all(of grant: GrantedRun) -> [ArtifactWish] {
        var seen: Set<String> = []
        return ((grant.manifest.artifacts ?? []) + grant.profile.artifacts).compactMap { word in
            guard seen.insert(word).inserted else { return nil }
            let mapped =
                grant.profile.artifactGlobs?[word] ?? grant.repository.artifacts?[word]
                ?? ArtifactNames.standard[word]
            // Whatever is no glob was refused when its file was read.
            let globs = (mapped ?? [word]).compactMap { try? Glob(parsing: $0) }
            return ArtifactWish(asked: word, globs: globs)
        }
    }

    func matches(_ path: String) -> Bool { globs.contains { $0.matches(path) } }

    /// For people: `coverage (coverage/, htmlcov/)`.
    var words: String {
        let patterns = globs.map(\.pattern)
        return patterns == [asked] ? asked : "\(asked) (\(patterns.joined(separator: ", ")))"
    }
}

/// Which folders a glob may have files in: the others need not be looked at.
struct GlobReach: Hashable, Sendable {
    private var folders: [Glob] = []
    private var isDeep = false

    init(_ glob: Glob) {
        var parts = glob.pattern.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count > 1, parts.last == "" {
            isDeep = true
        }
        parts.removeLast()
        for part in parts {
            // An escape may take the meaning of what follows it: then everything is looked at.
            guard !part.contains("**"), !part.contains("\\"), !part.isEmpty,
                let folder = try? Glob(parsing: String(part))
            else {
                isDeep = true
                return
            }
            folders.append(folder)
        }
    }

    /// Whether something beneath this folder may match.
    func mayHold(_ path: [String]) -> Bool {
        if path.count > folders.count, !isDeep { return false }
        return zip(path, folders).allSatisfy { $1.matches($0) }
    }
}
