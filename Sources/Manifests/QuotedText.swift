/// Text made safe to stand inside other text.
package enum QuotedText {
    /// A JSON string, which is a YAML string too.
    package static func json(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "\r": quoted += "\\r"
            case _ where isInvisible(scalar): quoted += escape(scalar)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// The offending text of a message: one line, cut to 60 characters.
    package static func excerpt(_ text: String) -> String {
        json(text.count > 60 ? "\(text.prefix(59))…" : text)
    }

    /// Control characters, line breaks that editors do not show as such, characters without width,
    /// and those that turn the direction of what follows.
    ///
    /// Joiners stay: words of some languages and many emoji are made with them.
    package static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029, 0xFEFF: true
        case 0xAD, 0x200B, 0x202A...0x202E, 0x2060...0x2064, 0x2066...0x2069: true
        default: false
        }
    }

    /// What messages call a character that is not seen.
    static func kind(of scalar: Unicode.Scalar) -> String {
        scalar.value < 0xA0 ? "the control character" : "the invisible character"
    }

    /// `U+0007`.
    package static func codePoint(_ scalar: Unicode.Scalar) -> String { "U+\(hex(scalar))" }

    private static func escape(_ scalar: Unicode.Scalar) -> String { "\\u\(hex(scalar))" }

    private static func hex(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
