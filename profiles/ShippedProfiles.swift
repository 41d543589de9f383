/// The profiles that come with the program, as files of its own repository.
package enum ShippedProfiles {
    /// Path as messages show it, and the bytes.
    package static var all: [(path: String, bytes: [UInt8])] {
        [
            ("profiles/developer.md", PackageResources.developer_md),
            ("profiles/backend-engineer.md", PackageResources.backend_engineer_md),
            ("profiles/frontend-engineer.md", PackageResources.frontend_engineer_md),
            ("profiles/ux-designer.md", PackageResources.ux_designer_md),
            ("profiles/ui-designer.md", PackageResources.ui_designer_md),
            ("profiles/qa.md", PackageResources.qa_md),
            ("profiles/reviewer.md", PackageResources.reviewer_md),
            ("profiles/docs-writer.md", PackageResources.docs_writer_md),
        ]
    }
}
