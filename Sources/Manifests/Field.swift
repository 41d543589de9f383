/// What this version does with a field.
package enum FieldStanding: Hashable, Sendable {
    case kept
    /// Stored and shown; `giga add` says that it is not yet, with this word: `enforced`.
    case recorded(String)
    /// Storing it would promise something: refused until it is kept.
    ///
    /// The hint says what to write meanwhile.
    case refused(hint: String)
}

/// One field of a table, as documents and messages show it.
package struct FieldRow: Hashable, Sendable {
    package let name: String
    package let expected: String
    package let defaultText: String
    package let meaning: String
    package let standing: FieldStanding
    package let shape: ValueShape
}

/// A field and where its value goes.
package struct Field<Target>: Sendable {
    package let row: FieldRow
    let assign: @Sendable (_ node: YAMLNode, _ place: String, inout Target, inout Findings) -> Void

    init<Value>(
        _ name: String,
        _ kind: Kind<Value>,
        _ path: any WritableKeyPath<Target, Value?> & Sendable,
        default defaultText: String,
        meaning: String,
        standing: FieldStanding = .kept
    ) {
        row = Self.row(name, kind, defaultText, meaning, standing)
        assign = { node, place, target, findings in
            if let value = kind.read(node, place, &findings) { target[keyPath: path] = value }
        }
    }

    /// For targets that hold the default themselves.
    init<Value>(
        _ name: String,
        _ kind: Kind<Value>,
        _ path: any WritableKeyPath<Target, Value> & Sendable,
        default defaultText: String,
        meaning: String,
        standing: FieldStanding = .kept
    ) {
        row = Self.row(name, kind, defaultText, meaning, standing)
        assign = { node, place, target, findings in
            if let value = kind.read(node, place, &findings) { target[keyPath: path] = value }
        }
    }

    private static func row<Value>(
        _ name: String,
        _ kind: Kind<Value>,
        _ defaultText: String,
        _ meaning: String,
        _ standing: FieldStanding
    ) -> FieldRow {
        FieldRow(
            name: name,
            expected: kind.expected,
            defaultText: defaultText,
            meaning: meaning,
            standing: standing,
            shape: kind.shape
        )
    }
}

extension Kind {
    /// A map with fields of its own.
    static func map(_ fields: [Field<Value>], into start: Value, expected: String) -> Kind {
        let members = fields.map { ValueShape.Member(name: $0.row.name, shape: $0.row.shape) }
        return Kind(expected: expected, shape: .map(members)) { node, place, findings in
            guard case .mapping = node.content else {
                if case .refused = node.content { return nil }
                if node.isBlank {
                    findings.error(
                        node.mark,
                        "\(place) has no value; expected \(expected)",
                        hint: "indent the lines that belong to it by two spaces"
                    )
                    return nil
                }
                // The first field is what somebody means who writes one value alone.
                let text = node.text.map { $0 == "false" ? "0" : $0 } ?? ""
                var trial = Findings(path: "")
                var target = start
                fields.first?.assign(
                    YAMLNode(.scalar(text, .plain), at: node.mark),
                    "",
                    &target,
                    &trial
                )
                let isRight = trial.errors.isEmpty && !text.isEmpty
                let whole = "\(place): {\(fields.first?.row.name ?? ""): \(text)}"
                findings.mismatch(
                    node,
                    place,
                    expected,
                    ValueFault(hint: isRight ? "write \(whole)" : nil)
                )
                return nil
            }
            return FieldTable.read(node, fields, into: start, place: place, &findings)
        }
    }

    /// A map from names that the writer chooses.
    static func dictionary<Item: Sendable>(
        of item: Kind<Item>,
        keys: Kind<String>,
        expected: String
    ) -> Kind<[String: Item]> where Value == [String: Item] {
        Kind<[String: Item]>(expected: expected, shape: .dictionary(item.shape, keys: keys.shape)) {
            node,
            place,
            findings in
            guard case .mapping(let entries, _) = node.content else {
                if case .refused = node.content { return nil }
                findings.mismatch(node, place, expected)
                return nil
            }
            guard entries.count <= 100 else {
                findings.error(
                    node.mark,
                    "\(place) has \(entries.count) entries; expected at most 100"
                )
                return nil
            }
            var values: [String: Item] = [:]
            for entry in entries {
                let name = keys.read(entry.key, "a key of \(place)", &findings)
                let value = item.read(
                    entry.value,
                    "\(place).\(entry.key.text ?? "?")",
                    &findings
                )
                if let name, let value { values[name] = value }
            }
            return values.count == entries.count ? values : nil
        }
    }
}
