/// What a job is called when its manifest does not say.
package enum JobTitle {
    static let longest = 120

    /// The first heading, else the first line of the prompt, else the file's name.
    package static func derived(from prompt: String, path: String) -> String {
        var firstLine: String?
        var fence: Substring?
        var rest = prompt[...]
        while !rest.isEmpty {
            // One after another: the first is nearly always enough, and a prompt may be long.
            let end = rest.utf8.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
            let text = trimmed(rest[..<end])
            rest = Substring(rest.utf8[end...].dropFirst())
            // A `# comment` of a shell block is no heading.
            if let open = fence {
                if text.hasPrefix(open), text.allSatisfy({ $0 == open.first }) { fence = nil }
            } else if let mark = fenceMark(text) {
                fence = mark
                continue
            } else if let heading = heading(in: text) {
                return shortened(heading)
            }
            if firstLine == nil, !text.isEmpty, fenceMark(text) == nil {
                firstLine = shortened(text)
            }
        }
        return firstLine ?? fileName(path)
    }

    private static func heading(in text: Substring) -> Substring? {
        let signs = text.prefix { $0 == "#" }
        guard (1...6).contains(signs.count), text.dropFirst(signs.count).first == " " else {
            return nil
        }
        var title = trimmed(text.dropFirst(signs.count))
        let closing = title.reversed().prefix { $0 == "#" }.count
        if closing > 0, title.dropLast(closing).last == " " || closing == title.count {
            title = trimmed(title.dropLast(closing))
        }
        return title.isEmpty ? nil : title
    }

    private static func fenceMark(_ text: Substring) -> Substring? {
        guard let first = text.utf8.first, first == UInt8(ascii: "`") || first == UInt8(ascii: "~")
        else { return nil }
        for sign in ["`", "~"] as [Character] {
            let marks = text.prefix { $0 == sign }
            if marks.count >= 3 { return marks }
        }
        return nil
    }

    private static func fileName(_ path: String) -> String {
        let name = path.split(separator: "/").last ?? Substring(path)
        let stem = name.hasSuffix(".md") && name.count > 3 ? name.dropLast(3) : name
        return stem.isEmpty ? "untitled" : shortened(stem)
    }

    private static func shortened(_ text: Substring) -> String {
        if text.utf8.count <= longest, text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) {
            return String(text)
        }
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            line.append(QuotedText.isInvisible(scalar) ? " " : scalar)
        }
        let title = String(line)
        return title.count > longest ? "\(title.prefix(longest - 1))…" : title
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let isPlain = { (byte: UInt8?) in byte.map { (0x21..<0x7F).contains($0) } ?? true }
        if isPlain(text.utf8.first), isPlain(text.utf8.last) { return text }
        var text = text
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }
}
