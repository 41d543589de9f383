/// The name of a git object: 40 or 64 lower-case hexadecimal digits, nothing else.
package struct ObjectID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let hex: String

    package init?(_ hex: some StringProtocol) {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let letters = UInt8(ascii: "a")...UInt8(ascii: "f")
        guard hex.utf8.count == 40 || hex.utf8.count == 64,
            hex.utf8.allSatisfy({ digits.contains($0) || letters.contains($0) })
        else { return nil }
        self.hex = String(hex)
    }

    package var description: String { hex }
    /// Git's way to write "no object".
    package var isZero: Bool { hex.utf8.allSatisfy { $0 == UInt8(ascii: "0") } }

    package static func < (one: ObjectID, other: ObjectID) -> Bool { one.hex < other.hex }
}
