/// A Markdown file in its two parts.
struct FrontMatter {
    /// The YAML, with an empty line in place of the opening fence.
    ///
    /// So lines keep their numbers. Nil when the file starts otherwise.
    let yaml: [UInt8]?
    /// What follows, without the empty lines at its start.
    let body: String

    /// Nil when the front matter never ends; `findings` then says so.
    init?(_ source: SourceText, _ findings: inout Findings) {
        let lines = source.bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        guard let first = lines.first, Self.isFence(first) else {
            yaml = nil
            body = Self.body(lines[...])
            LikelyFrontMatter.note(on: lines[...], &findings)
            return
        }
        guard let end = lines.indices.dropFirst().first(where: { Self.isFence(lines[$0]) }) else {
            findings.error(
                .start,
                "the front matter that starts here never ends; expected a line ---",
                hint: LikelyFrontMatter.fence(in: lines)
                    ?? "close it with ---, or begin with an empty line if it is none"
            )
            return nil
        }
        let front = SourceText(lines: Array(lines[1..<end].joined(separator: [0x0A])) + [0x0A])
        yaml = [0x0A] + front.withoutControls(from: 2, &findings)
        body = Self.body(lines[(end + 1)...])
        LikelyFrontMatter.note(on: lines[(end + 1)...], isSecond: true, &findings)
    }

    /// `---`, and blanks that editors leave behind.
    private static func isFence(_ line: ArraySlice<UInt8>) -> Bool {
        line.starts(with: "---".utf8) && line.dropFirst(3).allSatisfy(isBlank)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private static func body(_ lines: ArraySlice<ArraySlice<UInt8>>) -> String {
        let text = lines.drop { $0.allSatisfy(isBlank) }
        return String(decoding: Array(text.joined(separator: [0x0A])), as: UTF8.self)
    }
}
