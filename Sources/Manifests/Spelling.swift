/// The known word that somebody may have meant.
package enum Spelling {
    /// The nearest of `words` by typing slips, with `_` and case not counted.
    ///
    /// Nil when none is within a third of the word's length, at least one slip.
    package static func nearest(to text: String, among words: [String]) -> String? {
        let typed = text.lowercased().map { $0 == "_" || $0 == " " ? "-" : $0 }
        guard typed.count <= 64 else { return nil }
        let limit = max(1, typed.count / 3)
        let near = words.map { (word: $0, slips: slips(typed, Array($0))) }
            .filter { $0.slips <= limit }
        return near.min { ($0.slips, $0.word) < ($1.slips, $1.word) }?.word
    }

    /// Damerau and Levenshtein's distance: one letter more, less, other, or two swapped.
    static func slips(_ left: [Character], _ right: [Character]) -> Int {
        var rows = [Array(0...right.count)]
        for (row, letter) in left.enumerated() {
            var next = [row + 1]
            for (column, other) in right.enumerated() {
                var best = min(rows[row][column + 1], next[column]) + 1
                best = min(best, rows[row][column] + (letter == other ? 0 : 1))
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    best = min(best, rows[row - 1][column - 1] + 1)
                }
                next.append(best)
            }
            rows.append(next)
        }
        return rows[left.count][right.count]
    }
}
