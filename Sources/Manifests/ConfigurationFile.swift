import FleetModel

package typealias ConfigurationFileResult = FileResult<ConfigurationFile>

/// `giga.yaml`, with the place of each value, so that `giga config list` can say where it is from.
package struct ConfigurationFile: Hashable, Sendable {
    /// One key as it stands in the file.
    package struct Entry: Hashable, Sendable {
        package let key: String
        /// The value in one line, as written.
        package let text: String
        package let line: Int
        package let column: Int
    }

    package let path: String
    package let configuration: Configuration
    /// In the order of the file.
    package let entries: [Entry]
    package let notes: [FileNote]

    package static func parse(_ bytes: [UInt8], path: String) -> ConfigurationFileResult {
        var findings = Findings(path: path)
        let file = read(bytes, path, &findings)
        if let errors = findings.refusal { return .refused(errors) }
        guard let file else { preconditionFailure("a file without errors has a configuration") }
        return .accepted(file)
    }

    private static func read(
        _ bytes: [UInt8],
        _ path: String,
        _ findings: inout Findings
    ) -> ConfigurationFile? {
        guard let source = SourceText(bytes, &findings, nothing: "lines such as profile: developer")
        else { return nil }
        let document = YAMLDocument(parsing: source.withoutControls(from: 1, &findings))
        findings.add(document.faults)
        var configuration = Configuration()
        var entries: [Entry] = []
        if let root = document.root, !root.isBlank {
            guard case .mapping(let written, _) = root.content else {
                if case .refused = root.content { return nil }
                findings.error(
                    root.mark,
                    "the file is \(root.noun); expected lines of the form key: value",
                    hint: root.text.flatMap {
                        LikelyFrontMatter.hint(for: $0, file: .configuration)
                    }
                )
                return nil
            }
            FieldTable.fill(
                &configuration,
                from: root,
                ConfigurationFields.all,
                file: .configuration,
                &findings
            )
            entries = written.map {
                Entry(
                    key: $0.key.flowText,
                    text: $0.value.flowText,
                    line: $0.value.mark.line,
                    column: $0.value.mark.column
                )
            }
        }
        return ConfigurationFile(
            path: path,
            configuration: configuration,
            entries: entries,
            notes: findings.notes
        )
    }
}

extension Configuration {
    /// The keys that a variable or a flag may set too, with the variable's name.
    package static let variables: [(key: String, variable: String)] =
        FieldTable.rows(of: .configuration)
        .filter { row in
            switch row.shape {
            case .map, .dictionary: false
            default: true
            }
        }
        .map { row in
            let name = row.name.uppercased().map { $0 == "-" ? "_" : $0 }
            return (row.name, "GIGA_\(String(name))")
        }

    /// Sets one key from a text that is no file's; `origin` is what the message calls the place.
    package mutating func set(
        _ key: String,
        to text: String,
        origin: String
    ) throws(ManifestError) {
        var findings = Findings(path: origin)
        let node = YAMLNode(
            .mapping(
                [
                    YAMLEntry(
                        key: YAMLNode(.scalar(key, .plain), at: .start),
                        value: YAMLNode(.scalar(text, .plain), at: .start)
                    )
                ],
                isFlow: false
            ),
            at: .start
        )
        var changed = self
        FieldTable.fill(
            &changed,
            from: node,
            ConfigurationFields.all,
            file: .configuration,
            &findings
        )
        if let error = findings.refusal?.first { throw error }
        self = changed
    }
}
