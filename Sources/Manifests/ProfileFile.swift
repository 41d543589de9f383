package import FleetModel

package typealias ProfileFileResult = FileResult<ProfileFile>

/// A profile as a person wrote it: front matter, and more persona as the body.
package struct ProfileFile: Hashable, Sendable {
    package let path: String
    package let profile: Profile
    /// The file says which version it is; otherwise the profile's is 1 until one is assigned.
    package let statesVersion: Bool
    package let notes: [FileNote]

    /// Reads `profiles/<name>.md`.
    package static func parse(_ bytes: [UInt8], path: String) -> ProfileFileResult {
        var findings = Findings(path: path)
        let file = read(bytes, path, &findings)
        if let errors = findings.refusal { return .refused(errors) }
        guard let file else { preconditionFailure("a file without errors has a profile") }
        return .accepted(file)
    }

    /// The name that a file's path gives: `profiles/qa.md` is `qa`.
    package static func name(of path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return name.hasSuffix(".md") ? String(name.dropLast(3)) : name
    }

    private static func read(
        _ bytes: [UInt8],
        _ path: String,
        _ findings: inout Findings
    ) -> ProfileFile? {
        guard let source = SourceText(bytes, &findings, nothing: "a profile"),
            let parts = FrontMatter(source, &findings)
        else { return nil }
        let stem = name(of: path)
        var profile: Profile? = Profile(name: stem, persona: "")
        var root: YAMLNode?
        if let yaml = parts.yaml {
            let document = YAMLDocument(parsing: yaml)
            findings.add(document.faults)
            root = document.root
            if let root { profile = self.profile(in: root, stem, &findings) }
        }
        guard var profile else { return nil }
        finish(&profile, parts.body, stem, root, &findings)
        return ProfileFile(
            path: path,
            profile: profile,
            statesVersion: root?.value(of: "version") != nil,
            notes: findings.notes
        )
    }

    private static func profile(
        in root: YAMLNode,
        _ stem: String,
        _ findings: inout Findings
    ) -> Profile? {
        guard case .mapping = root.content else {
            if case .refused = root.content { return nil }
            findings.error(
                root.mark,
                "the front matter is \(root.noun); expected lines of the form field: value",
                hint: root.text.flatMap { LikelyFrontMatter.hint(for: $0, file: .profile) }
            )
            return nil
        }
        var profile = Profile(name: stem, persona: "")
        FieldTable.fill(&profile, from: root, ProfileFields.all, file: .profile, &findings)
        return profile
    }

    private static func finish(
        _ profile: inout Profile,
        _ body: String,
        _ stem: String,
        _ root: YAMLNode?,
        _ findings: inout Findings
    ) {
        let texts = [profile.persona, body].map(trimmed).filter { !$0.isEmpty }
        profile.persona = texts.joined(separator: "\n\n")
        if texts.isEmpty {
            findings.error(
                .start,
                "the profile has no persona; expected text below the front matter",
                hint: "say in a few sentences who does the work, and how"
            )
        }
        if profile.name != stem {
            findings.error(
                root?.value(of: "name")?.mark ?? .start,
                "name is \(QuotedText.excerpt(profile.name)); expected \(stem), the file's name",
                hint: "rename the file to \(profile.name).md, or leave name out"
            )
        } else if !Naming.isName(stem) {
            findings.error(
                .start,
                "the file's name gives the profile's name \(QuotedText.excerpt(stem)); expected "
                    + Naming.rule,
                hint: "rename the file"
            )
        }
        refusePromises(profile, root, &findings)
    }

    private static func refusePromises(
        _ profile: Profile,
        _ root: YAMLNode?,
        _ findings: inout Findings
    ) {
        if let ship = profile.ship, ship == .pullRequest || ship == .direct {
            findings.error(
                root?.value(of: "ship")?.mark ?? .start,
                "ship: \(ship.rawValue) cannot be promised yet; expected merge or none",
                hint: "write ship: merge"
            )
        }
    }

    static func trimmed(_ text: String) -> String {
        var text = text[...]
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}

extension YAMLNode {
    /// The value of a key; nil when there is none, or when this is no map.
    func value(of key: String) -> YAMLNode? {
        guard case .mapping(let entries, _) = content else { return nil }
        return entries.first { $0.key.text == key }?.value
    }
}
