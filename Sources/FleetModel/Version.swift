/// A version in dotted numbers: missing parts are zero, a pre-release is below its release.
///
/// `20`, `v20.0.0` and `20.0+build7` are one version; `3.12.0rc1` and `3.12.0-rc.1` are both
/// pre-releases of `3.12`. What comes after a `+` says nothing about order and is dropped.
package struct Version: Hashable, Sendable {
    /// One part of a pre-release, as semantic versioning orders them: numbers before words.
    private enum Mark: Hashable, Comparable {
        case number(UInt64)
        case word(String)
    }

    /// Without trailing zeros, so that equal versions are equal values.
    private let numbers: [UInt64]
    /// Empty for a release.
    private let marks: [Mark]

    /// Nil when `text` does not begin with dotted numbers or ends in something else than a mark.
    package init?(text: some StringProtocol) {
        var rest = Substring(text)
        if rest.first == "v" || rest.first == "V" { rest = rest.dropFirst() }
        if let plus = rest.firstIndex(of: "+") { rest = rest[..<plus] }
        let core = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
        var numbers: [UInt64] = []
        for part in core.split(separator: ".", omittingEmptySubsequences: false) {
            guard let number = UInt64(part) else { return nil }
            numbers.append(number)
        }
        while numbers.last == 0 { numbers.removeLast() }
        guard let marks = Self.marks(in: rest[core.endIndex...]) else { return nil }
        self.numbers = numbers
        self.marks = marks
    }

    /// Words that mark a pre-release even without a hyphen, as Python writes them.
    private static let unhyphenated = ["alpha", "beta", "pre", "dev", "rc", "a", "b"]

    private static func marks(in text: Substring) -> [Mark]? {
        if text.isEmpty { return [] }
        guard text.first == "-" else {
            let word = text.prefix { $0.isASCII && $0.isLetter }
            let digits = text[word.endIndex...]
            guard unhyphenated.contains(String(word)) else { return nil }
            if digits.isEmpty { return [.word(String(word))] }
            return UInt64(digits).map { [.word(String(word)), .number($0)] }
        }
        var marks: [Mark] = []
        for part in text.dropFirst().split(separator: ".", omittingEmptySubsequences: false) {
            let plain = part.utf8.allSatisfy(isWordByte)
            guard plain, !part.isEmpty else { return nil }
            marks.append(UInt64(part).map(Mark.number) ?? .word(String(part)))
        }
        return marks
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

extension Version: Comparable {
    package static func < (left: Version, right: Version) -> Bool {
        if left.numbers != right.numbers {
            return left.numbers.lexicographicallyPrecedes(right.numbers)
        }
        if left.marks.isEmpty || right.marks.isEmpty {
            return !left.marks.isEmpty && right.marks.isEmpty
        }
        return left.marks.lexicographicallyPrecedes(right.marks)
    }
}

extension Version: CustomStringConvertible {
    /// The shortest text of this version.
    package var description: String {
        let core = numbers.isEmpty ? "0" : numbers.map { "\($0)" }.joined(separator: ".")
        guard !marks.isEmpty else { return core }
        let words = marks.map { mark in
            switch mark {
            case .number(let number): "\(number)"
            case .word(let word): word
            }
        }
        return "\(core)-\(words.joined(separator: "."))"
    }
}
