/// Something that a factory states about itself: `os:linux`, `cores=8`, `node=20.11.0`, `gpu`.
///
/// A fact never carries a secret: `cred:github` says that a credential is there, not what it is.
package struct Fact: Hashable, Sendable {
    /// Everything before the `=`: `engine:claude`, `gpu.vram`, `path:/srv/app`.
    package let name: String
    /// Everything after the `=`, as stated; nil when the fact is a bare name.
    package let value: String?

    package init(parsing text: some StringProtocol) throws(RequirementFault) {
        let trimmed = RequirementSyntax.trimmed(Substring(text))
        if RequirementSyntax.isPath(trimmed) {
            name = try RequirementSyntax.path(trimmed)
            value = nil
            return
        }
        let equals = trimmed.firstIndex(of: "=")
        name = try RequirementSyntax.name(trimmed[..<(equals ?? trimmed.endIndex)], in: trimmed)
        value = try equals.map { sign throws(RequirementFault) in
            try RequirementSyntax.value(trimmed[trimmed.index(after: sign)...], in: trimmed)
        }
        if name.hasPrefix("not:") || name == "os:any" {
            throw RequirementFault(
                what: "\"\(text)\" is a requirement, not a fact",
                hint: "state what is there, such as os:linux"
            )
        }
    }

    /// As people and factories write it; parses to the same fact.
    package var text: String { value.map { "\(name)=\($0)" } ?? name }

    /// The part before the first colon when there is one: `os` of `os:linux`.
    package var family: Substring? { RequirementSyntax.family(of: name) }

    package var version: Version? { value.flatMap(Version.init(text:)) }

    /// The value as a size; a bare number counts as bytes.
    package var bytes: UInt64? { value.flatMap(ByteSize.bytes(of:)) }
}

extension Fact: CustomStringConvertible {
    package var description: String { text }
}

extension Fact: Comparable {
    /// By name; then by version, so that the best of several is the last.
    package static func < (left: Fact, right: Fact) -> Bool {
        if left.name != right.name { return left.name < right.name }
        switch (left.measure, right.measure) {
        case (let first, let second) where first == second: break
        case (nil, _): return true
        case (_, nil): return false
        case (let first?, let second?): return first < second
        }
        return (left.value ?? "") < (right.value ?? "")
    }

    /// Sizes as their bytes, so that `512MiB` and `2GB` sort as sizes do.
    private var measure: Version? {
        version ?? bytes.flatMap { Version(text: "\($0)") }
    }
}

extension Fact: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        do { try self.init(parsing: text) } catch { throw error.decoding(at: decoder.codingPath) }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// Sizes as people write them: `512MiB`, `2GB`, `1024`.
package enum ByteSize {
    private static let units: [(String, UInt64)] = [
        ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40), ("PiB", 1 << 50),
        ("kB", 1000), ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000),
        ("TB", 1_000_000_000_000), ("PB", 1_000_000_000_000_000), ("B", 1),
    ]

    /// Nil when `text` is no whole number with a known unit, or too large for 64 bits.
    package static func bytes(of text: some StringProtocol) -> UInt64? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = UInt64(digits) else { return nil }
        let unit = text[digits.endIndex...]
        if unit.isEmpty { return number }
        guard let factor = units.first(where: { $0.0 == unit })?.1 else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
    }

    /// Whether `text` is a size with its unit written out.
    package static func hasUnit(_ text: some StringProtocol) -> Bool {
        bytes(of: text) != nil && UInt64(text) == nil
    }
}
