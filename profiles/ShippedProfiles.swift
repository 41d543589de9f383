/// The profiles that come with the program, as files of its own repository.
package enum ShippedProfiles {
    /// Path as messages show it, and the bytes.
    package static var all: [(path: String, bytes: [UInt8])] {
        [
            ("profiles/developer.md", PackageResources.developer_md),
            ("profiles/reviewer.md", PackageResources.reviewer_md),
            ("profiles/qa.md", PackageResources.qa_md),
        ]
    }
}
