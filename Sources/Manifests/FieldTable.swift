import FleetModel

/// Every field of every file kind: what drives reading, messages, suggestions, documents, schemas.
package enum FieldTable {
    package enum FileKind: String, Hashable, Sendable, CaseIterable {
        case job, profile, configuration

        /// `giga schema` calls it so.
        package var word: String { self == .configuration ? "config" : rawValue }

        /// What messages call such a file.
        var noun: String { self == .configuration ? "giga.yaml" : "a \(rawValue) file" }
    }

    /// The fields of a file kind, in the order in which documents list them.
    package static func rows(of kind: FileKind) -> [FieldRow] {
        switch kind {
        case .job: JobFields.all.map(\.row)
        case .profile: ProfileFields.all.map(\.row)
        case .configuration: ConfigurationFields.all.map(\.row)
        }
    }

    /// The fields inside a field that is a map, with that field's name.
    package static func parts(of kind: FileKind) -> [(field: String, rows: [FieldRow])] {
        let budget = ("budget", Kind<Budget>.fields.map(\.row))
        return switch kind {
        case .job: [budget, ("retry", Kind<RetryPolicy>.fields.map(\.row))]
        case .profile: [budget, ("silent", Kind<Profile.Silence>.fields.map(\.row))]
        case .configuration:
            [budget, ("engines", Kind<Configuration.EngineTemplate>.fields.map(\.row))]
        }
    }

    /// Reads a map by its fields; nil when something in it is wrong.
    static func read<Target>(
        _ node: YAMLNode,
        _ fields: [Field<Target>],
        into start: Target,
        place: String,
        _ findings: inout Findings
    ) -> Target? {
        let faultsBefore = findings.errors.count
        var target = start
        fill(&target, from: node, fields, place: place, &findings)
        return findings.errors.count == faultsBefore ? target : nil
    }

    /// Sets whatever is right in a map, and reports the rest.
    ///
    /// - Parameters:
    ///   - target: What is filled in.
    ///   - node: A map; nothing is read from anything else.
    ///   - fields: What it may hold.
    ///   - place: What messages call it, for a map inside a field.
    ///   - file: The file kind, for a map that is a whole file.
    ///   - findings: Where faults go.
    ///   - extra: Takes a key that is no field; false makes it an error.
    static func fill<Target>(
        _ target: inout Target,
        from node: YAMLNode,
        _ fields: [Field<Target>],
        place: String = "",
        file: FileKind? = nil,
        _ findings: inout Findings,
        extra: (_ key: String, _ value: YAMLNode, inout Target) -> Bool = { _, _, _ in false }
    ) {
        guard case .mapping(let entries, _) = node.content else { return }
        for entry in entries {
            guard let key = entry.key.text else {
                if case .refused = entry.key.content { continue }
                findings.error(entry.key.mark, "this key is \(entry.key.noun); expected a name")
                continue
            }
            let here = place.isEmpty ? key : "\(place).\(key)"
            if let field = fields.first(where: { $0.row.name == key }) {
                field.assign(entry.value, here, &target, &findings)
                report(field.row.standing, of: here, at: entry.key.mark, &findings)
            } else if !extra(key, entry.value, &target) {
                unknown(entry.key, key, fields.map(\.row.name), place, file, &findings)
            }
        }
    }

    private static func report(
        _ standing: FieldStanding,
        of place: String,
        at mark: Mark,
        _ findings: inout Findings
    ) {
        switch standing {
        case .kept: break
        case .recorded(let word): findings.note(mark, "\(place) is recorded, not \(word) yet")
        case .refused(let hint):
            findings.error(
                mark,
                "\(place) cannot be promised yet; expected a file without it",
                hint: hint
            )
        }
    }

    private static func unknown(
        _ node: YAMLNode,
        _ key: String,
        _ names: [String],
        _ place: String,
        _ file: FileKind?,
        _ findings: inout Findings
    ) {
        let owner = file.map(\.noun) ?? place
        let expected = names.count <= 8 ? Wording.either(names) : "one of its fields"
        findings.error(
            node.mark,
            "\(QuotedText.excerpt(key)) is no field of \(owner); expected \(expected)",
            hint: hint(key, names, place, file)
        )
    }

    private static func hint(
        _ key: String,
        _ names: [String],
        _ place: String,
        _ file: FileKind?
    ) -> String? {
        if let refusal = OtherWords.refusal(of: key) { return refusal }
        let owner = file == nil ? place.split(separator: ".").last.map(String.init) ?? "" : ""
        if let other = OtherWords.field(for: key, in: file, owner), names.contains(other) {
            return "did you mean \(other)?"
        }
        if let near = Spelling.nearest(to: key, among: names) { return "did you mean \(near)?" }
        guard let file else { return nil }
        let others = FileKind.allCases.filter { other in
            other != file && rows(of: other).contains { $0.name == key }
        }
        if let other = others.first { return "\(key) belongs in \(other.noun)" }
        let list = "giga schema \(file.word) lists the fields"
        return file == .job ? "\(list); keys that begin with x- are kept as they are" : list
    }
}
