package import FleetModel

package typealias JobFileResult = FileResult<JobFile>

/// A job as a person wrote it: a prompt in Markdown, with front matter or without.
package struct JobFile: Hashable, Sendable {
    package let path: String
    package let manifest: Manifest
    package let prompt: String
    package let style: ManifestStyle
    package let hasFrontMatter: Bool
    /// Where the value of each field stands.
    package let places: [String: Mark]
    /// What was repaired, and which fields are recorded only.
    package let notes: [FileNote]

    /// What the job is called everywhere.
    package var title: String { manifest.title ?? JobTitle.derived(from: prompt, path: path) }

    /// Reads a job file; `path` is what messages call it, and gives the title when nothing else does.
    package static func parse(
        _ bytes: [UInt8],
        path: String
    ) -> JobFileResult {
        var findings = Findings(path: path)
        let file = read(bytes, path, &findings)
        if let errors = findings.refusal { return .refused(errors) }
        guard let file else { preconditionFailure("a file without errors has a manifest") }
        return .accepted(file)
    }

    private static func read(
        _ bytes: [UInt8],
        _ path: String,
        _ findings: inout Findings
    ) -> JobFile? {
        guard let source = SourceText(bytes, &findings, nothing: "a prompt"),
            let parts = FrontMatter(source, &findings)
        else { return nil }
        var manifest: Manifest? = Manifest()
        var style = ManifestStyle.current
        var places: [String: Mark] = [:]
        if let yaml = parts.yaml, let root = root(of: yaml, &findings) {
            style = isOlder(root) ? .older : .current
            if case .mapping(let entries, _) = root.content {
                for entry in entries { places[entry.key.text ?? ""] = entry.value.mark }
            }
            manifest = self.manifest(in: root, &findings)
            LikelyFrontMatter.noteCutTitle(root.value(of: "title"), in: yaml, &findings)
        }
        return manifest.map {
            JobFile(
                path: path,
                manifest: $0,
                prompt: parts.body,
                style: style,
                hasFrontMatter: parts.yaml != nil,
                places: places,
                notes: findings.notes
            )
        }
    }

    /// Reads the YAML, a second time with one older value put into quotes if that is what it needs.
    private static func root(of yaml: [UInt8], _ findings: inout Findings) -> YAMLNode? {
        let document = YAMLDocument(parsing: yaml)
        guard let fault = document.faults.last(where: \.isSyntax),
            let repair = OlderKeyRepair(yaml, after: fault)
        else {
            findings.add(document.faults)
            return document.root
        }
        let repaired = YAMLDocument(parsing: repair.yaml)
        // Where the quotes made it no better, what was written is what the message is about.
        if let second = repaired.faults.first(where: \.isSyntax), !repair.helped(with: second) {
            findings.add(document.faults)
            return nil
        }
        findings.note(
            repair.mark,
            "\(repair.key) was read as \(QuotedText.excerpt(repair.value)); put quotes around it"
        )
        for fault in repaired.faults {
            findings.error(repair.original(fault.mark), fault.message, hint: fault.hint)
        }
        return repaired.root
    }

    private static func isOlder(_ root: YAMLNode) -> Bool {
        guard case .mapping(let entries, _) = root.content, !entries.isEmpty else { return false }
        return entries.allSatisfy { entry in
            entry.key.text.map(OlderKeyRepair.olderKeys.contains) ?? false
        }
    }

    private static func manifest(
        in root: YAMLNode,
        _ findings: inout Findings
    ) -> Manifest? {
        guard case .mapping(let entries, _) = root.content else {
            if case .refused = root.content { return nil }
            if root.isBlank { return Manifest() }
            findings.error(
                root.mark,
                "the front matter is \(root.noun); expected lines of the form field: value",
                hint: root.text.flatMap { LikelyFrontMatter.hint(for: $0, file: .job) }
                    ?? "begin the file with an empty line if --- is a rule and no front matter"
            )
            return nil
        }
        var manifest = Manifest()
        FieldTable.fill(&manifest, from: root, JobFields.all, file: .job, &findings) {
            key,
            value,
            manifest in
            guard key.hasPrefix("x-") else { return false }
            manifest.extensions = manifest.extensions ?? [:]
            manifest.extensions?[key] = value.flowText
            return true
        }
        if manifest.output == Manifest.Output.none,
            let dependency = manifest.deps?.first(where: \.fromTesting)
        {
            findings.error(
                entries.first { $0.key.text == "deps" }?.value.mark ?? .start,
                "deps: \(dependency) cannot be promised yet with output: none",
                hint: "write \(dependency.name), which waits until it has shipped"
            )
        }
        return manifest
    }
}
