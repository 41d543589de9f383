/// What a field may hold: how it is read, what messages and documents call it, its JSON Schema.
package struct Kind<Value: Sendable>: Sendable {
    /// Ends the sentence `…; expected `.
    let expected: String
    let shape: ValueShape
    /// Gives nil after it put every fault of the node into the findings.
    let read: @Sendable (_ node: YAMLNode, _ place: String, _ findings: inout Findings) -> Value?

    /// Another value made of what this kind reads.
    func map<Other: Sendable>(_ change: @escaping @Sendable (Value) -> Other) -> Kind<Other> {
        let read = self.read
        return Kind<Other>(expected: expected, shape: shape) { node, place, findings in
            read(node, place, &findings).map(change)
        }
    }
}

/// The JSON Schema of a value, in the few forms that our files need.
package indirect enum ValueShape: Hashable, Sendable {
    case text
    /// One line of at most so many characters.
    case line(Int)
    /// Text of a form, as a regular expression of ECMA 262; `orNumber` where digits alone fit too.
    case pattern(String, orNumber: Bool)
    case boolean
    case whole(ClosedRange<Int64>)
    /// A number from 0 on, written with a point or without.
    case decimal(most: Int64)
    case choice([String])
    case list(ValueShape, least: Int, most: Int)
    case map([Member])
    case dictionary(ValueShape, keys: ValueShape)
    case either([ValueShape])
    case anything

    package struct Member: Hashable, Sendable {
        package let name: String
        package let shape: ValueShape
        /// What the map cannot be without.
        package var isRequired = false
    }
}

extension ValueShape {
    /// Whether any text may be meant by it.
    var isText: Bool {
        switch self {
        case .text, .line, .pattern: true
        default: false
        }
    }
}

/// Why a text is no value of a kind.
struct ValueFault: Error {
    var hint: String?
    /// Replaces the whole message, for kinds that explain themselves.
    var message: String?

    init(hint: String? = nil, message: String? = nil) {
        self.hint = hint
        self.message = message
    }
}

extension Kind {
    /// A kind that is written as one text.
    static func scalar(
        _ expected: String,
        shape: ValueShape = .text,
        read: @escaping @Sendable (String) throws(ValueFault) -> Value?
    ) -> Kind {
        Kind(expected: expected, shape: shape) { node, place, findings in
            guard let text = scalarText(node, place, expected, shape, &findings) else { return nil }
            do throws(ValueFault) {
                if let value = try read(text) { return value }
                findings.mismatch(node, place, expected)
            } catch {
                findings.mismatch(node, place, expected, error)
            }
            return nil
        }
    }

    private static var commands: String { "shell commands" }

    private static func isFlow(_ node: YAMLNode) -> Bool {
        if case .sequence(_, isFlow: true) = node.content { true } else { false }
    }

    private static func scalarText(
        _ node: YAMLNode,
        _ place: String,
        _ expected: String,
        _ shape: ValueShape,
        _ findings: inout Findings
    ) -> String? {
        if case .refused = node.content { return nil }
        guard let text = node.text else {
            let hint: String? =
                switch node.content {
                case .sequence(let items, _) where items.count > 1 && expected == commands:
                    "write them as one text: "
                        + items.map(\.flowText).joined(separator: isFlow(node) ? " " : " && ")
                case .sequence(let items, isFlow: true) where items.count == 1:
                    "write it without the brackets"
                case .sequence(_, isFlow: true) where shape.isText,
                    .mapping(_, isFlow: true) where shape.isText:
                    "put quotes around it if it is meant as text"
                default: nil
                }
            findings.error(node.mark, "\(place) is \(node.noun); expected \(expected)", hint: hint)
            return nil
        }
        if node.isBlank {
            findings.error(
                node.mark,
                "\(place) has no value; expected \(expected)",
                hint: "write a value, or remove the line to get the default"
            )
            return nil
        }
        return text
    }
}

extension Findings {
    /// `priority is "urgent"; expected critical, high, medium or low`.
    mutating func mismatch(
        _ node: YAMLNode,
        _ place: String,
        _ expected: String,
        _ fault: ValueFault = ValueFault()
    ) {
        let seen = node.text.map(QuotedText.excerpt) ?? node.noun
        let hasQuotes = node.text.map(LikelyMeaning.hasTypographicQuotes) ?? false
        error(
            node.mark,
            fault.message ?? "\(place) is \(seen); expected \(expected)",
            hint: hasQuotes
                ? "these quotes are typographic; write straight ones, or none" : fault.hint
        )
    }
}
