import FleetModel

extension Kind {
    /// A flow or block list, or its one item alone.
    static func list<Item: Sendable>(
        of item: Kind<Item>,
        expected: String,
        most: Int = 100
    ) -> Kind<[Item]> where Value == [Item] {
        Kind<[Item]>(
            expected: expected,
            shape: .either([item.shape, .list(item.shape, least: 0, most: most)])
        ) { node, place, findings in
            switch node.content {
            case .refused: return nil
            case .mapping:
                findings.mismatch(node, place, expected)
                return nil
            case .scalar:
                guard !node.isBlank else {
                    findings.mismatch(node, place, expected, .blankList)
                    return nil
                }
                return item.read(single(node, place, expected, &findings), place, &findings)
                    .map { [$0] }
            case .sequence(let nodes, let isFlow):
                guard nodes.count <= most else {
                    findings.error(
                        node.mark,
                        "\(place) has \(nodes.count) items; expected at most \(most)"
                    )
                    return nil
                }
                return items(nodes, isFlow, item, place, &findings)
            }
        }
    }

    /// `labels: a, b` is one text, and nobody means that.
    private static func single(
        _ node: YAMLNode,
        _ place: String,
        _ expected: String,
        _ findings: inout Findings
    ) -> YAMLNode {
        guard let text = node.text, !text.contains("\n"), !text.hasPrefix("reviewers:") else {
            return node
        }
        if text.hasPrefix("• ") || text.contains("; ") {
            let words = text.split { "•;".contains($0) }.map { part in
                String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            }
            let list = words.joined(separator: ", ")
            findings.mismatch(node, place, expected, ValueFault(hint: "write a list: [\(list)]"))
            return YAMLNode(.refused, at: node.mark)
        }
        guard text.contains(", ") else { return node }
        let isComparison = text.contains { "<>=".contains($0) }
        guard !isComparison else { return node }
        findings.mismatch(node, place, expected, ValueFault(hint: "write a list: [\(text)]"))
        return YAMLNode(.refused, at: node.mark)
    }

    private static func items<Item: Sendable>(
        _ nodes: [YAMLNode],
        _ isFlow: Bool,
        _ item: Kind<Item>,
        _ place: String,
        _ findings: inout Findings
    ) -> [Item]? {
        var values: [Item] = []
        for (index, node) in nodes.enumerated() {
            if isFlow, index > 0, let before = nodes[index - 1].text,
                case .scalar(let text, .plain) = node.content,
                text.hasPrefix("!=") || text.first.map({ "<>=".contains($0) }) == true
            {
                findings.error(
                    node.mark,
                    "a comma inside [ ] starts a new item: \(place) item \(index + 1) is "
                        + "\(QuotedText.excerpt(text)); expected a whole requirement",
                    hint: "put quotes around it, [\"\(before),\(text)\"], "
                        + "or write \(before) \(text)"
                )
                continue
            }
            if let value = item.read(node, "\(place) item \(index + 1)", &findings) {
                values.append(value)
            }
        }
        return values.count == nodes.count ? values : nil
    }
}

extension ValueFault {
    static let blankList = ValueFault(
        hint: "write [] for an empty list, or remove the line to get the default"
    )
}

extension Kind<Requirement> {
    static let requirement = scalar("a requirement such as os:linux or node>=20,<23") {
        text throws(ValueFault) in
        do throws(RequirementFault) { return try Requirement(parsing: text) } catch {
            throw ValueFault(hint: error.hint, message: error.what)
        }
    }
}

extension Kind<Preference> {
    static let preference = scalar("factory:NAME, engine:NAME or a capability") {
        text throws(ValueFault) in
        if text.hasPrefix("factory:") {
            let name = String(text.dropFirst(8))
            return Naming.isName(name) ? .factory(name) : nil
        }
        if text.hasPrefix("engine:"), Kind<String>.isEngine(text.dropFirst(7)) {
            return .engine(String(text.dropFirst(7)))
        }
        do throws(RequirementFault) { return .fact(try Requirement(parsing: text)) } catch {
            throw ValueFault(hint: error.hint, message: error.what)
        }
    }
}

extension Kind<Glob> {
    static let glob = scalar(
        "a glob relative to the repository, such as src/**/*.swift",
        shape: Shapes.glob
    ) {
        text throws(ValueFault) in
        do throws(GlobFault) { return try Glob(parsing: text) } catch {
            throw ValueFault(
                hint: error.hint,
                message: "\(QuotedText.excerpt(text)) is no glob: \(error.what)"
            )
        }
    }
}

extension Kind<Dependency> {
    static let dependency = scalar(
        "a job's id, key or file name, or job-N@testing",
        shape: .line(264)
    ) {
        text throws(ValueFault) in
        let suffix = "@testing"
        let fromTesting = text.hasSuffix(suffix)
        let name = fromTesting ? String(text.dropLast(suffix.count)) : text
        guard Kind<String>.isLine(name, 256) else { return nil }
        let words = name.split(separator: " ").map(String.init)
        if words.count > 1, words.allSatisfy({ JobID(text: $0) != nil }) {
            throw ValueFault(hint: "write a list: [\(words.joined(separator: ", "))]")
        }
        if let at = name.lastIndex(of: "@"), JobID(text: name[..<at]) != nil {
            throw ValueFault(hint: "write \(name[..<at])@testing or \(name[..<at])")
        }
        return Dependency(name: name, fromTesting: fromTesting)
    }
}

extension Kind<ProfileReference> {
    static let profile = scalar(
        "the name of a profile, or name@version",
        shape: .pattern("^\(Shapes.name)(?:@0*[1-9][0-9]*)?$", orNumber: true)
    ) { text throws(ValueFault) -> ProfileReference? in
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard Naming.isName(parts[0]), parts.count <= 2 else {
            throw ValueFault(hint: LikelyMeaning.profile(text))
        }
        if parts.count == 1 { return ProfileReference(name: text) }
        guard Quantities.isDigits(parts[1]), let version = Int(parts[1]), version > 0 else {
            throw ValueFault(hint: LikelyMeaning.profile(text))
        }
        return ProfileReference(name: String(parts[0]), version: version)
    }
}

extension Kind<String> {
    /// A name that profile or repository map to globs, or a glob.
    static let artifact = scalar("the name of an artifact or a glob", shape: Shapes.glob) {
        text throws(ValueFault) in
        do throws(GlobFault) { return try Glob(parsing: text).pattern } catch {
            throw ValueFault(
                hint: error.hint,
                message: "\(QuotedText.excerpt(text)) is no glob: \(error.what)"
            )
        }
    }
}
