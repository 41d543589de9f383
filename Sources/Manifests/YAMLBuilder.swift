/// Puts the events of a YAML text together to one tree.
struct YAMLBuilder {
    enum Collection { case sequence, mapping }

    private struct Frame {
        let kind: Collection
        let isFlow: Bool
        let mark: Mark
        var items: [YAMLNode] = []
        var entries: [YAMLEntry] = []
        var key: YAMLNode?
        var seen: [String: Int] = [:]
    }

    private(set) var root: YAMLNode?
    private(set) var faults: [YAMLFault] = []
    private(set) var isDone = false
    private var frames: [Frame] = []
    private var documents = 0

    mutating func stop(_ fault: YAMLFault) {
        faults.append(fault)
        if fault.isSyntax { root = nil }
        isDone = true
    }

    mutating func endStream() { isDone = true }

    mutating func startDocument(at mark: Mark) {
        documents += 1
        guard documents > 1 else { return }
        stop(
            YAMLFault(
                mark,
                "a second YAML document starts here; expected one",
                hint: "remove the line --- between them"
            )
        )
    }

    mutating func alias(named name: String, at mark: Mark) {
        faults.append(
            YAMLFault(
                mark,
                "\"*\(name)\" is a YAML alias; expected the value itself",
                hint: "repeat the value, or put quotes around text that starts with *"
            )
        )
        add(YAMLNode(.refused, at: mark))
    }

    /// Reports an anchor or a tag; the value behind it is still read, to find its errors too.
    mutating func refuse(anchor: Bool, tag: String?, at mark: Mark) {
        if anchor {
            faults.append(
                YAMLFault(
                    mark,
                    "this value has a YAML anchor; expected the value alone",
                    hint: "remove the anchor, or put quotes around text that starts with &"
                )
            )
        }
        if let tag {
            faults.append(
                YAMLFault(
                    mark,
                    "\(QuotedText.excerpt(tag)) is a YAML tag; expected the value alone",
                    hint: "remove the tag, or put quotes around text that starts with !"
                )
            )
        }
    }

    mutating func scalar(_ text: String, _ style: YAMLNode.Style, at mark: Mark) {
        if text.utf8.count > YAMLDocument.longestValue {
            faults.append(
                YAMLFault(
                    mark,
                    "this value has \(text.utf8.count) bytes; expected at most 64 KiB",
                    hint: "put long text into the body of the file"
                )
            )
            return add(YAMLNode(.refused, at: mark))
        }
        // Quoted text can spell characters that the file itself does not hold: "\x07".
        let wrong = text.unicodeScalars.first {
            $0 != "\n" && $0 != "\t" && QuotedText.isInvisible($0)
        }
        if let wrong {
            faults.append(
                YAMLFault(
                    mark,
                    "this value holds \(QuotedText.kind(of: wrong)) \(QuotedText.codePoint(wrong)); "
                        + "expected printable text",
                    hint: "remove its escape"
                )
            )
            return add(YAMLNode(.refused, at: mark))
        }
        add(YAMLNode(.scalar(text, style), at: mark))
    }

    mutating func open(_ kind: Collection, isFlow: Bool, at mark: Mark) {
        guard frames.count < YAMLDocument.deepest else {
            // Reading on would let a hostile text make the scanner work for nothing.
            return stop(
                YAMLFault(
                    mark,
                    "this value is nested deeper than \(YAMLDocument.deepest) levels",
                    hint: "use fewer levels; nothing after this place was read"
                )
            )
        }
        frames.append(Frame(kind: kind, isFlow: isFlow, mark: mark))
    }

    mutating func close() {
        guard let frame = frames.popLast() else { return }
        switch frame.kind {
        case .sequence: add(YAMLNode(.sequence(frame.items, isFlow: frame.isFlow), at: frame.mark))
        case .mapping: add(YAMLNode(.mapping(frame.entries, isFlow: frame.isFlow), at: frame.mark))
        }
    }

    private mutating func add(_ node: YAMLNode) {
        guard let last = frames.indices.last else {
            root = node
            return
        }
        if frames[last].kind == .sequence {
            frames[last].items.append(node)
        } else if let key = frames[last].key {
            frames[last].key = nil
            addEntry(YAMLEntry(key: key, value: node), at: last)
        } else {
            frames[last].key = node
        }
    }

    private mutating func addEntry(_ entry: YAMLEntry, at last: Int) {
        if let text = entry.key.text {
            if let line = frames[last].seen[text] {
                faults.append(
                    YAMLFault(
                        entry.key.mark,
                        "\(QuotedText.excerpt(text)) is written twice; it is on line \(line) too",
                        hint: "keep one of them"
                    )
                )
                return
            }
            frames[last].seen[text] = entry.key.mark.line
        }
        frames[last].entries.append(entry)
    }
}
