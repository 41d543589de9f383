/// The fenced code blocks of a Markdown text, as CommonMark 0.31 defines them.
///
/// Backticks or tildes, three or more, indented by at most three spaces; the content loses the
/// fence's indentation. Blocks inside lists and quotations are text here. One thing is stricter
/// than CommonMark: a block that is never closed says so, because what would run then is a guess.
struct FencedBlock: Hashable {
    /// First word of the line that opens it, in lower case; empty when there is none.
    let language: String
    let text: String
    /// Line of the opening fence in the text, from 1.
    let line: Int
    let isClosed: Bool

    static func all(in markdown: String) -> [FencedBlock] {
        var blocks: [FencedBlock] = []
        var open: (fence: Fence, line: Int, content: [Substring])?
        for (index, raw) in lines(of: markdown).enumerated() {
            if let block = open {
                if block.fence.isClosed(by: raw) {
                    blocks.append(make(block, isClosed: true))
                    open = nil
                } else {
                    open?.content.append(block.fence.unindented(raw))
                }
            } else if let fence = Fence(opening: raw) {
                open = (fence, index + 1, [])
            }
        }
        if let open { blocks.append(make(open, isClosed: false)) }
        return blocks
    }

    private static func make(
        _ block: (fence: Fence, line: Int, content: [Substring]),
        isClosed: Bool
    ) -> FencedBlock {
        let text = block.content.map { $0 + "\n" }.joined()
        return FencedBlock(
            language: block.fence.language,
            text: text,
            line: block.line,
            isClosed: isClosed
        )
    }

    /// Lines without their ends; CRLF is one character in Swift and is an end too.
    private static func lines(of text: String) -> [Substring] {
        text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    }
}

private struct Fence {
    let mark: Character
    let length: Int
    let indentation: Int
    let language: String

    init?(opening line: Substring) {
        let indentation = line.prefix { $0 == " " }.count
        let rest = line.dropFirst(indentation)
        guard indentation <= 3, let mark = rest.first, mark == "`" || mark == "~" else {
            return nil
        }
        let length = rest.prefix { $0 == mark }.count
        let information = rest.dropFirst(length)
        guard length >= 3, mark == "~" || !information.contains("`") else { return nil }
        self.mark = mark
        self.length = length
        self.indentation = indentation
        language = information.split(whereSeparator: \.isWhitespace).first?.lowercased() ?? ""
    }

    func isClosed(by line: Substring) -> Bool {
        let indentation = line.prefix { $0 == " " }.count
        let rest = line.dropFirst(indentation)
        let marks = rest.prefix { $0 == mark }.count
        guard indentation <= 3, marks >= length else { return false }
        return rest.dropFirst(marks).allSatisfy { $0 == " " || $0 == "\t" }
    }

    func unindented(_ line: Substring) -> Substring {
        line.dropFirst(min(indentation, line.prefix { $0 == " " }.count))
    }
}
