/// The one help for values that YAML refuses and people wrote for years:
/// `verify: test -f a && echo "x: y"`.
struct OlderKeyRepair {
    static let olderKeys = ["engine", "cwd", "yolo", "lock", "timeout", "verify"]
    static let keys = olderKeys + ["title"]

    let key: String
    let yaml: [UInt8]
    /// Where the value that was put into quotes begins.
    let mark: Mark
    /// The value as it is now read.
    let value: String
    /// For each column of the new line, from 1, the column of the line as written.
    private let columns: [Int]

    /// Quotes the value on the line of `fault`; nil when that line is none that we may touch.
    init?(_ yaml: [UInt8], after fault: YAMLFault) {
        guard fault.isSyntax else { return nil }
        var lines = yaml.split(separator: 0x0A, omittingEmptySubsequences: false)
        let index = fault.mark.line - 1
        guard lines.indices.contains(index) else { return nil }
        let line = Array(String(decoding: lines[index], as: UTF8.self).unicodeScalars)
        guard let colon = line.firstIndex(of: ":") else { return nil }
        let key = Self.text(line[..<colon])
        guard Self.keys.contains(key),
            let start = line[(colon + 1)...].firstIndex(where: { !Self.isBlank($0) }),
            start > colon + 1
        else { return nil }
        let end = Self.end(of: line, from: start)
        guard start < end else { return nil }
        var repaired = Array(line[..<start]) + ["'"]
        var columns = Array(1...start) + [start + 1]
        for place in start..<end {
            // Inside single quotes, a quote is written twice.
            let written: [Unicode.Scalar] = line[place] == "'" ? ["'", "'"] : [line[place]]
            repaired += written
            columns += written.map { _ in place + 1 }
        }
        repaired += ["'"] + line[end...]
        columns += [end + 1] + line.indices[end...].map { $0 + 1 }
        lines[index] = Array(Self.text(repaired[...]).utf8)[...]
        self.key = key
        self.yaml = Array(lines.joined(separator: [0x0A]))
        self.columns = columns
        mark = Mark(line: fault.mark.line, column: start + 1)
        value = Self.text(line[start..<end])
    }

    /// The place in the file as written of a place in the repaired text.
    func original(_ place: Mark) -> Mark {
        guard place.line == mark.line else { return place }
        let index = place.column - 1
        let column = columns.indices.contains(index) ? columns[index] : (columns.last ?? 0) + 1
        return Mark(line: place.line, column: column)
    }

    /// False when `second` is an error of the same value: on its line, or where it goes on.
    func helped(with second: YAMLFault) -> Bool {
        guard second.mark.line != mark.line else { return false }
        let lines = yaml.split(separator: 0x0A, omittingEmptySubsequences: false)
        guard second.mark.line == mark.line + 1, lines.indices.contains(mark.line) else {
            return true
        }
        return lines[mark.line].first.map { $0 != 0x20 && $0 != 0x09 } ?? true
    }

    /// Where a comment or the blanks at the end begin.
    private static func end(of line: [Unicode.Scalar], from start: Int) -> Int {
        var end = line.count
        for place in start..<line.count
        where line[place] == "#" && place > 0 && isBlank(line[place - 1]) {
            end = place
            break
        }
        while end > start, isBlank(line[end - 1]) { end -= 1 }
        return end
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t"
    }

    private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }
}
