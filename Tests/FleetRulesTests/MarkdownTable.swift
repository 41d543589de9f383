import Foundation

/// A table of a Markdown page: its header, and its rows by column.
struct MarkdownTable {
    let header: [String]
    let rows: [[String]]

    /// The table that begins with the column `first` followed by `second`.
    init?(in text: String, columns first: String, _ second: String) {
        let lines = text.components(separatedBy: "\n")
        guard let top = lines.firstIndex(where: { Self.cells($0).starts(with: [first, second]) })
        else { return nil }
        header = Self.cells(lines[top])
        rows = lines[(top + 2)...].prefix { $0.hasPrefix("|") }.map(Self.cells)
    }

    private static func cells(_ line: String) -> [String] {
        guard line.hasPrefix("|") else { return [] }
        return line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
}

/// The page of which every word is tried.
enum StagesPage {
    static func text() throws -> String {
        let root = URL(filePath: #filePath).appending(path: "../../..").standardized
        return try String(
            contentsOf: root.appending(path: "docs/reference/stages.md"),
            encoding: .utf8
        )
    }
}
