/// A file that a run left beside its commits, as it was when it was collected.
package struct Artifact: Hashable, Sendable, Codable {
    /// Who made the file that was collected.
    package enum Source: String, Hashable, Sendable, Codable, CaseIterable {
        /// It lay in the clean checkout after verify: the factory saw it come about.
        case verify
        /// It lay in the engine's work tree: the agent's own word, and evidence of nothing.
        case engine
    }

    /// What it is fetched by; unique in its run.
    package var name: String
    /// Where it lay, relative to the repository's root.
    package var path: String
    package var bytes: Int64
    /// SHA-256 of what was stored, in hexadecimal digits.
    package var sha256: String
    package var source: Source
    /// The word of the job or profile that asked for it: a name or a glob.
    package var asked: String
    /// How many secrets were replaced in it before it was hashed; nil for none.
    package var redactions: Int?

    package init(
        name: String,
        path: String,
        bytes: Int64,
        sha256: String,
        source: Source,
        asked: String,
        redactions: Int? = nil
    ) {
        self.name = name
        self.path = path
        self.bytes = bytes
        self.sha256 = sha256
        self.source = source
        self.asked = asked
        self.redactions = redactions
    }

    /// Names that a run's own files have: its log, and the difference that it uploads.
    package static let reservedNames: Set<String> = ["log", "diff"]
    /// The largest file that is kept.
    package static let mostBytes: Int64 = 64 << 20
    /// What all of one run may hold together.
    package static let mostBytesOfRun: Int64 = 256 << 20
    package static let mostOfRun = 100
}

/// The names that stand for globs, and what they stand for.
package enum ArtifactNames {
    /// Where neither profile nor repository say what a name means.
    ///
    /// Names of files that tools write by themselves; nothing that a repository commonly tracks.
    package static let standard: [String: [String]] = [
        "coverage": [
            "coverage/", "htmlcov/", "**/coverage.xml", "**/coverage.json", "**/lcov.info",
            "**/cobertura.xml",
        ],
        "screenshots": ["screenshots/", "test-results/**/*.png"],
        "test-report": [
            "test-report/", "test-report.*", "test-results/", "**/junit.xml", "**/TEST-*.xml",
        ],
        "build-log": ["build.log", "build-log.txt", "logs/build*.log"],
        "sbom": ["sbom.*", "**/*.spdx.json", "**/*.cdx.json", "bom.json", "bom.xml"],
        "profile": ["profile/", "**/*.pprof", "**/*.prof", "**/*.cpuprofile"],
    ]

    package static let all = [
        "coverage", "screenshots", "test-report", "build-log", "sbom", "profile",
    ]
}
