package import FleetModel

/// `GET /fleet/jobs/{id}/artifacts`: what the job's runs left beside their commits.
package struct ArtifactList: Hashable, Sendable, Codable {
    /// One artifact with the run that left it.
    package struct Row: Hashable, Sendable, Codable {
        package var run: String
        package var artifact: Artifact

        package init(run: String, artifact: Artifact) {
            self.run = run
            self.artifact = artifact
        }

        /// What the list is sorted by, and what its cursor names.
        package var place: String { "\(run)/\(artifact.name)" }
    }

    package var artifacts: [Row]
    package var total: Int
    /// Pass as `after` to read on; nil at the end.
    package var next: String?

    package init(artifacts: [Row], total: Int, next: String? = nil) {
        self.artifacts = artifacts
        self.total = total
        self.next = next
    }
}
