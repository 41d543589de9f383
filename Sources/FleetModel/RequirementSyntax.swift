/// Why a text is no requirement or no fact.
package struct RequirementFault: Error, Hashable, Sendable {
    /// What is wrong, naming the text.
    package let what: String
    /// What to write instead.
    package let hint: String

    package init(what: String, hint: String) {
        self.what = what
        self.hint = hint
    }

    func decoding(at path: [any CodingKey]) -> DecodingError {
        .dataCorrupted(.init(codingPath: path, debugDescription: "\(what); \(hint)"))
    }
}

/// What facts and requirements have in common in how they are written.
enum RequirementSyntax {
    static let longest = 256
    static let forms = "write it like os:linux, has:docker, node>=20,<23 or not:os:windows"

    static func trimmed(_ text: Substring) -> Substring {
        // Looked at as bytes first: characters are slow, and most texts have no blank at their ends.
        guard text.utf8.first == 0x20 || text.utf8.last == 0x20 else { return text }
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }

    /// Where the name of a requirement ends and its first comparison begins.
    static func sign(in text: Substring) -> Substring.Index? {
        let isSign = { (byte: UInt8) in
            switch byte {
            case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "="), UInt8(ascii: "!"),
                UInt8(ascii: "~"), UInt8(ascii: "^"), UInt8(ascii: ","):
                true
            default: false
            }
        }
        // A sign that a mark combines with is another character.
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else {
            return text.firstIndex { $0.asciiValue.map(isSign) ?? false }
        }
        return text.utf8.firstIndex(where: isSign)
    }

    /// Paths are taken whole: a folder may have `=` or `>` in its name.
    static func isPath(_ text: Substring) -> Bool { text.hasPrefix("path:") }

    static func path(_ text: Substring) throws(RequirementFault) -> String {
        guard text.hasPrefix("path:/") else {
            throw RequirementFault(
                what: "\"\(text)\" is no absolute path",
                hint: "write it like path:/srv/app"
            )
        }
        // Longer than other names, as the limit of a path is the file system's.
        guard text.utf8.count <= 4096, text.unicodeScalars.allSatisfy(isPrintable) else {
            throw RequirementFault(
                what: "the path in \(text.debugDescription) is too long or not printable",
                hint: "use at most 4096 bytes without control characters"
            )
        }
        return String(text)
    }

    static func name(_ part: Substring, in text: Substring) throws(RequirementFault) -> String {
        let name = trimmed(part)
        guard !name.isEmpty else {
            throw RequirementFault(what: "\"\(text)\" names no capability", hint: forms)
        }
        guard name.utf8.count <= longest else {
            throw RequirementFault(
                what: "\"\(name.prefix(40))…\" is too long for a capability",
                hint: "use at most \(longest) bytes"
            )
        }
        if let wrong = name.unicodeScalars.first(where: { !isNameScalar($0) }) {
            let seen = String(wrong).debugDescription
            throw RequirementFault(what: "\"\(text)\" has \(seen) in its name", hint: forms)
        }
        guard !hasEmptyPart(name) else {
            throw RequirementFault(
                what: "\"\(text)\" has nothing on one side of a colon",
                hint: forms
            )
        }
        return String(name)
    }

    /// Whether a colon is first, last, or beside another one.
    private static func hasEmptyPart(_ name: Substring) -> Bool {
        var before = UInt8(ascii: ":")
        for byte in name.utf8 {
            if byte == UInt8(ascii: ":"), before == byte { return true }
            before = byte
        }
        return before == UInt8(ascii: ":")
    }

    static func value(_ part: Substring, in text: Substring) throws(RequirementFault) -> String {
        let value = trimmed(part)
        guard !value.isEmpty else {
            throw RequirementFault(
                what: "\"\(text)\" has no value after the sign",
                hint: "write it like node=20.11.0"
            )
        }
        let wrong = value.unicodeScalars.first {
            !isPrintable($0) || "<>!=,".unicodeScalars.contains($0)
        }
        guard wrong == nil, value.utf8.count <= longest else {
            throw RequirementFault(
                what: "the value in \(text.debugDescription) is too long or has a sign in it",
                hint: "write it like node=20.11.0 or memory=32GiB"
            )
        }
        return String(value)
    }

    static func family(of name: String) -> Substring? {
        name.firstIndex(of: ":").map { name[..<$0] }
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value)
    }

    private static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", ".", ":", "_", "-", "/", "@", "+": true
        default: false
        }
    }
}
