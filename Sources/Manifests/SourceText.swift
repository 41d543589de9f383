import FleetModel

/// A file's bytes as text: strict UTF-8, without byte-order mark, lines ending in one line feed.
struct SourceText {
    static let largest = 1 << 20

    let bytes: [UInt8]

    /// Nil when it is no text at all; `findings` then says why.
    init?(_ source: [UInt8], _ findings: inout Findings, nothing: String) {
        guard source.count <= Self.largest else {
            findings.error(
                .start,
                "the file has \(source.count) bytes; expected at most 1 MiB (\(Self.largest))",
                hint: "put large material into the repository and name its path"
            )
            return nil
        }
        let text = source.starts(with: [0xEF, 0xBB, 0xBF]) ? source[3...] : source[...]
        if let fault = Self.firstInvalidByte(of: text) {
            let hint =
                source.starts(with: [0xFF, 0xFE]) || source.starts(with: [0xFE, 0xFF])
                ? "it looks like UTF-16; save it as UTF-8"
                : fault.isCut
                    ? "the file ends in the middle of a character: it was cut, or copied in part"
                    : "save the file as UTF-8"
            let byte = "0x" + Hexadecimal.text(of: [fault.byte])
            findings.error(fault.mark, "byte \(byte) is not UTF-8; expected UTF-8 text", hint: hint)
            return nil
        }
        bytes = Self.withLineFeeds(text)
        if bytes.allSatisfy({ $0 == 0x0A || $0 == 0x20 || $0 == 0x09 }) {
            findings.error(.start, "the file is empty; expected \(nothing)")
            return nil
        }
    }

    init(lines: [UInt8]) { bytes = lines }

    /// Reports characters that nobody can see, and gives the text with spaces in their place.
    func withoutControls(
        from firstLine: Int,
        _ findings: inout Findings
    ) -> [UInt8] {
        let isPlain = { (byte: UInt8) in
            (0x20..<0x7F).contains(byte) || byte == 0x0A || byte == 0x09
        }
        if bytes.allSatisfy(isPlain) { return bytes }
        var clean: [UInt8] = []
        clean.reserveCapacity(bytes.count)
        var line = firstLine
        var column = 1
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            if scalar == "\n" {
                clean.append(0x0A)
                line += 1
                column = 1
                continue
            }
            if scalar != "\t", QuotedText.isInvisible(scalar) {
                findings.error(
                    Mark(line: line, column: column),
                    "\(QuotedText.kind(of: scalar)) \(QuotedText.codePoint(scalar)) stands here; "
                        + "expected printable text",
                    hint: "delete it; an editor may not show it"
                )
                clean.append(0x20)
            } else {
                clean.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
            }
            column += 1
        }
        return clean
    }

    private static func withLineFeeds(_ text: ArraySlice<UInt8>) -> [UInt8] {
        // A carriage return alone ended lines once, and ends them for some spreadsheets still.
        guard text.contains(0x0D) else { return Array(text) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        for (index, byte) in zip(text.indices, text) {
            let next = index + 1
            if byte == 0x0D, next < text.endIndex, text[next] == 0x0A { continue }
            bytes.append(byte == 0x0D ? 0x0A : byte)
        }
        return bytes
    }

    private static func firstInvalidByte(
        of text: ArraySlice<UInt8>
    ) -> (byte: UInt8, mark: Mark, isCut: Bool)? {
        if String(validating: text, as: UTF8.self) != nil { return nil }
        var decoder = UTF8()
        var input = text.makeIterator()
        var offset = text.startIndex
        var line = 1
        var column = 1
        while case .scalarValue(let scalar) = decoder.decode(&input) {
            offset += UTF8.width(scalar)
            column += 1
            if scalar == "\n" {
                line += 1
                column = 1
            }
        }
        guard offset < text.endIndex else { return nil }
        let rest = text[offset...]
        let isCut = rest.count < 4 && rest.dropFirst().allSatisfy { (0x80...0xBF).contains($0) }
        return (text[offset], Mark(line: line, column: column), isCut && text[offset] >= 0xC2)
    }
}
