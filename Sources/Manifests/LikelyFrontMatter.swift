/// Front matter that was probably meant and is none, or not what it looks like.
enum LikelyFrontMatter {
    /// Why a whole front matter, or a whole giga.yaml, is one text; nil when nobody can tell.
    static func hint(for text: String, file: FieldTable.FileKind) -> String? {
        let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? text
        if text.unicodeScalars.contains("\u{A0}") {
            return "a no-break space (U+00A0) stands in it; type a plain space"
        }
        if text.contains("：") { return "write a plain colon, and a space after it" }
        let names = FieldTable.rows(of: file).map(\.name)
        guard let name = names.first(where: { starts(line, with: $0) }) else { return nil }
        let rest = line.dropFirst(name.count).drop { " =:".contains($0) }
        return "put a colon and a space after the name: \(name): \(rest.prefix(40))"
    }

    /// A note for a file that begins with what looks like a field and is all prompt.
    ///
    /// After a front matter it looks for a second one only.
    static func note(
        on body: ArraySlice<ArraySlice<UInt8>>,
        isSecond: Bool = false,
        _ findings: inout Findings
    ) {
        let lines = body.indices.prefix(40).filter { index in
            body[index].contains { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }
        }
        guard !isSecond || lines.first.map({ body[$0].starts(with: "---".utf8) }) == true
        else { return }
        let names = FieldTable.rows(of: .job).map(\.name)
        for index in lines.prefix(isSecond ? 3 : 2) {
            let text = String(decoding: body[index], as: UTF8.self)
            let word = text.drop { " \t\"'{".contains($0) }
            let isField = names.contains { name in
                starts(String(word), with: name)
                    || word.hasPrefix("\(name)\":") || word.hasPrefix("\(name)':")
            }
            guard isField else { continue }
            findings.note(
                Mark(line: index + 1, column: 1),
                "\(QuotedText.excerpt(text)) is part of the prompt: front matter begins with a "
                    + "line --- at the very top, and ends with another"
            )
            return
        }
    }

    /// The line that was probably meant to close a front matter, with its number.
    static func fence(in lines: [ArraySlice<UInt8>]) -> String? {
        for (index, bytes) in lines.enumerated().dropFirst() {
            let text = String(decoding: bytes, as: UTF8.self)
            let bare = text.drop { $0 == " " || $0 == "\t" }
            if bare.hasPrefix("---") || bare == "..." || bare.hasPrefix("—") {
                return
                    "line \(index + 1) is \(QuotedText.excerpt(text)); write --- and nothing else"
            }
        }
        return nil
    }

    /// A note when a title was cut at ` #`, where YAML's comments begin.
    static func noteCutTitle(_ title: YAMLNode?, in yaml: [UInt8], _ findings: inout Findings) {
        guard let title, case .scalar(let text, .plain) = title.content else { return }
        let lines = yaml.split(separator: 0x0A, omittingEmptySubsequences: false)
        guard lines.indices.contains(title.mark.line - 1) else { return }
        let line = String(decoding: lines[title.mark.line - 1], as: UTF8.self)
        let rest = line.dropFirst(title.mark.column - 1)
        guard rest.hasPrefix(text) else { return }
        let comment = rest.dropFirst(text.count).drop { $0 == " " }
        guard comment.hasPrefix("#"), comment.dropFirst().first.map({ $0 != " " }) == true else {
            return
        }
        findings.note(
            title.mark,
            "title ends before \(QuotedText.excerpt(String(comment))), which YAML reads as a "
                + "comment; put quotes around the title"
        )
    }

    private static func starts(_ line: String, with name: String) -> Bool {
        guard line.hasPrefix(name) else { return false }
        let rest = line.dropFirst(name.count).drop { $0 == " " }
        return rest.hasPrefix(":") || rest.hasPrefix("=")
    }
}
