/// The path and query of a request, decoded once and strictly.
package struct RequestTarget: Hashable, Sendable {
    /// As it was sent, without scheme and authority.
    package let raw: String
    /// Percent-decoded parts between slashes; `/` alone has none, a trailing slash adds an empty one.
    package let segments: [String]
    package let query: [QueryItem]
    /// The authority of an absolute-form target (`GET http://host/path`), which overrides `Host`.
    package let authority: String?

    package struct QueryItem: Hashable, Sendable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Nil when the target is malformed: a broken escape, an escaped NUL, bytes that are not UTF-8,
    /// or a `.` or `..` segment, which only someone who wants to climb would send.
    package init?(_ target: String) {
        var rest = Array(target.utf8)[...]
        var authority: String?
        if let start = Self.afterScheme(rest) {
            let end = rest[start...].firstIndex { $0 == Self.slash || $0 == Self.question }
            authority = String(decoding: rest[start..<(end ?? rest.endIndex)], as: UTF8.self)
            rest = rest[(end ?? rest.endIndex)...]
            if rest.first != Self.slash { rest = [Self.slash] + rest }
        }
        guard rest.first == Self.slash, !rest.contains(UInt8(ascii: "#")) else { return nil }
        let split = rest.firstIndex(of: Self.question) ?? rest.endIndex
        var segments: [String] = []
        let path = rest[..<split].dropFirst()
        for part in path.split(separator: Self.slash, omittingEmptySubsequences: false) {
            guard let decoded = Self.decoded(part, plusIsSpace: false), decoded != ".",
                decoded != ".."
            else { return nil }
            segments.append(decoded)
        }
        if segments == [""] { segments = [] }
        var query: [QueryItem] = []
        for pair in rest[split...].dropFirst().split(separator: UInt8(ascii: "&")) {
            let mark = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            guard let name = Self.decoded(pair[..<mark], plusIsSpace: true),
                let value = Self.decoded(pair[mark...].dropFirst(), plusIsSpace: true)
            else { return nil }
            query.append(QueryItem(name: name, value: value))
        }
        raw = String(decoding: rest, as: UTF8.self)
        self.segments = segments
        self.query = query
        self.authority = authority
    }

    private static let slash = UInt8(ascii: "/")
    private static let question = UInt8(ascii: "?")

    private static func afterScheme(_ target: ArraySlice<UInt8>) -> Int? {
        // Nearly every target begins with a slash.
        guard target.first != slash else { return nil }
        for scheme in ["http://", "https://"] {
            let start = target.prefix(scheme.utf8.count).map(\.folded)
            if start.elementsEqual(scheme.utf8) { return target.startIndex + start.count }
        }
        return nil
    }

    private static func decoded(_ text: ArraySlice<UInt8>, plusIsSpace: Bool) -> String? {
        if !text.contains(UInt8(ascii: "%")), !(plusIsSpace && text.contains(UInt8(ascii: "+"))) {
            return String(validating: text, as: UTF8.self)
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(hexDigit),
                    let low = rest.popFirst().flatMap(hexDigit), high << 4 | low != 0
                else { return nil }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
