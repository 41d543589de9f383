/// A place in a file as editors count it: line and column from 1, columns in characters.
package struct Mark: Hashable, Comparable, Sendable {
    package let line: Int
    package let column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package static let start = Mark(line: 1, column: 1)

    package static func < (left: Mark, right: Mark) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// One value of a YAML document, with the place where it starts.
package struct YAMLNode: Hashable, Sendable {
    package enum Style: Hashable, Sendable {
        case plain, singleQuoted, doubleQuoted, literal, folded
    }

    package indirect enum Content: Hashable, Sendable {
        /// Always text; which type it has is for the field to say.
        case scalar(String, Style)
        case sequence([YAMLNode], isFlow: Bool)
        case mapping([YAMLEntry], isFlow: Bool)
        /// Something that was reported already, such as an alias.
        case refused
    }

    package let mark: Mark
    package let content: Content

    package init(_ content: Content, at mark: Mark) {
        self.mark = mark
        self.content = content
    }

    /// The text of a scalar; nil for everything else.
    package var text: String? {
        if case .scalar(let text, _) = content { text } else { nil }
    }

    /// `key:` with nothing behind it.
    package var isBlank: Bool {
        if case .scalar("", .plain) = content { true } else { false }
    }

    /// What it is, in the words of messages.
    package var noun: String {
        switch content {
        case .scalar: "text"
        case .sequence: "a list"
        case .mapping: "a map"
        case .refused: "refused"
        }
    }
}

/// A key and its value.
package struct YAMLEntry: Hashable, Sendable {
    package let key: YAMLNode
    package let value: YAMLNode

    package init(key: YAMLNode, value: YAMLNode) {
        self.key = key
        self.value = value
    }
}

extension YAMLNode {
    /// One line of text that is the same for the same values, however they were laid out.
    package var flowText: String {
        switch content {
        case .scalar(let text, _): text
        case .sequence, .mapping: nestedText
        case .refused: ""
        }
    }

    private var nestedText: String {
        switch content {
        case .scalar(let text, _): QuotedText.json(text)
        case .sequence(let items, _): "[\(items.map(\.nestedText).joined(separator: ", "))]"
        case .mapping(let entries, _):
            "{"
                + entries.map { "\($0.key.nestedText): \($0.value.nestedText)" }
                .joined(separator: ", ") + "}"
        case .refused: "null"
        }
    }
}
