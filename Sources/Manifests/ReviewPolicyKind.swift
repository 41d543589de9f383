import FleetModel

extension Kind<ReviewPolicy> {
    private static let forms =
        "auto, manual, reviewers:[@alice, @bob] or {reviewers: [alice, bob], quorum: 1}"

    static let reviewPolicy = Kind(
        expected: forms,
        shape: .either([
            .pattern(#"^(?:auto|manual|reviewers: *\[.+\].*)$"#, orNumber: false),
            .map([
                .init(
                    name: "reviewers",
                    shape: .either([Shapes.person, .list(Shapes.person, least: 1, most: 100)]),
                    isRequired: true
                ),
                .init(name: "quorum", shape: .whole(1...100)),
            ]),
        ])
    ) { node, place, findings in
        switch node.content {
        case .refused: nil
        case .sequence:
            mismatch(node, place, &findings)
        case .scalar(let text, _):
            policy(written: text, node, place, &findings)
        case .mapping:
            policy(mapped: node, place, &findings)
        }
    }

    private struct Draft {
        var reviewers: [String] = []
        var quorum: Int?
        static let fields: [Field<Draft>] = [
            Field(
                "reviewers",
                .list(of: .reviewer, expected: "a list of people's names"),
                \.reviewers,
                default: "none",
                meaning: "who may approve"
            ),
            Field(
                "quorum",
                .whole(1...100),
                \.quorum,
                default: "all of them",
                meaning: "how many must"
            ),
        ]
    }

    private static func mismatch(
        _ node: YAMLNode,
        _ place: String,
        _ findings: inout Findings
    ) -> ReviewPolicy? {
        findings.mismatch(node, place, forms)
        return nil
    }

    private static func policy(
        mapped node: YAMLNode,
        _ place: String,
        _ findings: inout Findings
    ) -> ReviewPolicy? {
        guard
            let draft = FieldTable.read(
                node,
                Draft.fields,
                into: Draft(),
                place: place,
                &findings
            )
        else { return nil }
        return finish(draft, node, place, &findings)
    }

    private static func hint(for text: String) -> String? {
        if ["none", "no", "off", "never"].contains(text.lowercased()) {
            return "write auto, and it ships without a person"
        }
        let name = text.hasPrefix("@") ? String(text.dropFirst()) : ""
        if Naming.isName(name.lowercased()) { return "write {reviewers: [\(name)]}" }
        return Spelling.nearest(to: text, among: ["auto", "manual"]).map { "write \($0)" }
    }

    /// `reviewers:[@alice, @bob]`, which YAML takes as text for want of a space.
    private static func policy(
        written text: String,
        _ node: YAMLNode,
        _ place: String,
        _ findings: inout Findings
    ) -> ReviewPolicy? {
        if text == "auto" { return .auto }
        if text == "manual" { return .manual }
        guard text.hasPrefix("reviewers:"), let open = text.firstIndex(of: "["),
            let close = text.firstIndex(of: "]"), open < close,
            text[..<open].dropFirst(10).allSatisfy({ $0 == " " })
        else {
            findings.mismatch(
                node,
                place,
                forms,
                ValueFault(hint: hint(for: text))
            )
            return nil
        }
        var draft = Draft()
        let names = text[text.index(after: open)..<close]
        for name in names.split(separator: ",", omittingEmptySubsequences: false) {
            let item = YAMLNode(.scalar(trimmed(name), .singleQuoted), at: node.mark)
            guard let reviewer = Kind<String>.reviewer.read(item, "\(place) reviewer", &findings)
            else { return nil }
            draft.reviewers.append(reviewer)
        }
        let rest = trimmed(text[text.index(after: close)...].drop { ", ".contains($0) })
        if !rest.isEmpty {
            let number = rest.hasPrefix("quorum:") ? trimmed(rest.dropFirst(7)) : ""
            guard Quantities.isDigits(number), let quorum = Int(number), quorum > 0 else {
                return mismatch(node, place, &findings)
            }
            draft.quorum = quorum
        }
        return finish(draft, node, place, &findings)
    }

    private static func finish(
        _ draft: Draft,
        _ node: YAMLNode,
        _ place: String,
        _ findings: inout Findings
    ) -> ReviewPolicy? {
        guard !draft.reviewers.isEmpty else {
            findings.error(node.mark, "\(place) names no reviewer; expected \(forms)")
            return nil
        }
        guard Set(draft.reviewers).count == draft.reviewers.count else {
            findings.error(node.mark, "\(place) names a reviewer twice; expected each once")
            return nil
        }
        let quorum = draft.quorum ?? draft.reviewers.count
        guard quorum <= draft.reviewers.count else {
            findings.error(
                node.mark,
                "\(place) has quorum \(quorum) of \(draft.reviewers.count) reviewers; "
                    + "expected at most \(draft.reviewers.count)"
            )
            return nil
        }
        return .reviewers(draft.reviewers, quorum: quorum)
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        var text = Substring(text)
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}

extension Kind<String> {
    /// The @ before a name is optional.
    static let reviewer = scalar("a person's name, such as alice", shape: Shapes.person) { text in
        let name = text.hasPrefix("@") ? text.dropFirst() : text[...]
        return Naming.isName(name.lowercased()) ? String(name) : nil
    }
}
